"""What was typed is kept where it was sent too fast: the form comes back with it, and with the time to wait."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from limits import parse_many

from ideas.boards.models import Audience
from ideas.web.limits import LIMITS, RULES, limiter
from ideas.web.signing_in.setup import KNOWN
from ideas.web.unsent import SIGN_IN_FORMS, UNSENT
from tests.conftest import ClientFor
from tests.factories import make_board, make_idea, make_member, make_staff
from tests.web.sign_up import opening_link
from tests.web.test_setup import FORM as SET_UP
from tests.web.test_setup import new_link
from tests.web.unsent_cases import CASES, Case


@pytest.fixture
def closed(app: Flask) -> Iterator[Callable[[], None]]:
    """Refuses everything from the moment it is called."""
    times = app.extensions[LIMITS]

    def close() -> None:
        limiter.enabled = True
        app.extensions[LIMITS] = {name: parse_many("0 per hour") for name in RULES}

    yield close
    limiter.enabled = False
    app.extensions[LIMITS] = times


def plain(text: str) -> str:
    return re.sub(r'<input type="hidden" name="csrf_token"[^>]+>', "", text)


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_the_form_comes_back_with_what_was_typed_and_the_time_to_wait(
    app: Flask, client_for: ClientFor, closed: Callable[[], None], make: Callable[[], Case]
) -> None:
    case = make()
    client = client_for(case.by)
    closed()
    answer = client.post(case.path, data=dict(case.form))
    assert answer.status_code == 429
    assert 3_500 < int(answer.headers["Retry-After"]) <= 3_602
    assert "Wait 60 minutes, then try again." in answer.text or "Wait 61 minutes" in answer.text
    assert re.search(r'<div class="notice notice-late" role="alert"', answer.text)
    for kept in case.kept:
        assert kept in plain(answer.text)
    assert "secret words" not in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_every_form_that_can_come_back_is_tried(app: Flask, client_for: ClientFor) -> None:
    adapter = app.url_map.bind("localhost")
    tried = {adapter.match(make().path, method="POST")[0] for make in CASES}
    others = {"addresses.ask", "registering.open_account", "setup.finish"}
    assert tried | others == UNSENT.keys() | SIGN_IN_FORMS.keys()


def test_the_account_that_is_opened_keeps_its_name(
    app: Flask, client_for: ClientFor, closed: Callable[[], None]
) -> None:
    client = client_for(None)
    client.post("/register", data={"email": "ada@example.org"})
    link = opening_link("ada@example.org")
    closed()
    answer = client.post(link, data={"name": "Ada Lovelace", "password": "secret words of hers"})
    assert (answer.status_code, "secret words" in answer.text) == (429, False)
    assert 'value="Ada Lovelace"' in answer.text
    assert "Wait" in answer.text


def test_the_new_address_is_kept(app: Flask, client_for: ClientFor, closed: Callable[[], None]) -> None:
    client = client_for(make_member())
    closed()
    answer = client.post("/me/security/address", data={"email": "new@example.org"})
    assert (answer.status_code, 'value="new@example.org"' in answer.text) == (429, True)
    assert client_for(None).post("/me/security/address", data={"email": "new@example.org"}).status_code == 429


def test_the_first_form_of_a_place_is_kept_but_for_the_password(
    app: Flask, client_for: ClientFor, closed: Callable[[], None]
) -> None:
    app.extensions[KNOWN] = False
    try:
        link = new_link()
        closed()
        answer = client_for(None).post(link, data=SET_UP)
        assert (answer.status_code, SET_UP["password"] in answer.text) == (429, False)
        assert all(SET_UP[name] in answer.text for name in ("your_name", "email", "name", "domains"))
        assert client_for(None).post("/set-up/wrong", data=SET_UP).status_code == 429
        assert SET_UP["name"] not in client_for(None).post("/set-up/wrong", data=SET_UP).text
    finally:
        app.extensions[KNOWN] = True


def test_a_form_that_is_not_for_somebody_is_not_drawn_for_them(
    app: Flask, client_for: ClientFor, closed: Callable[[], None]
) -> None:
    board = make_board(audience=Audience.STAFF)
    hidden = make_idea(board, author=make_staff(), title="Only for the staff")
    closed()
    answer = client_for(make_member()).post(f"/ideas/{hidden.public_id}/comments", data={"body": "Mine"})
    assert answer.status_code == 429
    assert "Only for the staff" not in answer.text
    assert "Mine" in answer.text
