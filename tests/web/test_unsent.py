"""What was typed is kept where it was sent too fast: the form comes back with it, and with the time to wait."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest
from flask import Flask
from limits import parse_many

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.web.limits import LIMITS, RULES, limiter
from ideas.web.signing_in.setup import KNOWN
from ideas.web.unsent import SIGN_IN_FORMS, UNSENT
from tests.conftest import ClientFor
from tests.factories import make_board, make_idea, make_member, make_problem, make_staff
from tests.factories.authors import make_draft
from tests.factories.cocreation import deliver, make_hit
from tests.factories.commenting import make_comment
from tests.factories.voting import make_support
from tests.web.sign_up import opening_link
from tests.web.test_setup import FORM as SET_UP
from tests.web.test_setup import new_link


@dataclass(frozen=True)
class Case:
    """A form: who sends it, where, and what they typed; `kept`: what must be in the answer."""

    by: Member | None
    path: str
    form: Mapping[str, str]
    kept: tuple[str, ...]


def own_idea() -> Case:
    idea = make_idea(author=(author := make_member()))
    form = {"title": "A title typed just now", "body": "A body typed now.", "note": "Why", "seen_revision": "1"}
    return Case(author, f"/ideas/{idea.public_id}/edit", form, ("A title typed just now", "A body typed now.", "Why"))


def new_idea() -> Case:
    board = make_board("Harbour")
    form = {"title": "A title typed", "body": "A body typed.", "kind": "problem", "board": board.slug, "tags": "quay"}
    return Case(make_member(), "/propose", form, ("A title typed", "A body typed.", "quay", 'value="problem" checked'))


def comment() -> Case:
    form = {"body": "Words of mine", "nonce": "abcdefghijkl"}
    return Case(make_member(), f"/ideas/{make_idea().public_id}/comments", form, ("Words of mine", "abcdefghijkl"))


def reply() -> Case:
    parent = make_comment(make_idea())
    form = {"body": "An answer of mine", "parent": parent.public_id}
    return Case(make_member(), f"/ideas/{parent.idea.public_id}/comments", form, ("An answer of mine",))


def own_comment() -> Case:
    made = make_comment(make_idea(), author=(author := make_member()))
    return Case(author, f"/comments/{made.public_id}/edit", {"body": "Better words", "seen": "x"}, ("Better words",))


def need() -> Case:
    idea, member = make_problem(), make_member()
    make_support(idea, by=member)
    form = {"need": "For the night shift", "strength": "critical", "version": "4.2", "environment": "at sea"}
    kept = ("For the night shift", "4.2", "at sea", 'value="critical" checked')
    return Case(member, f"/ideas/{idea.public_id}/need", form, kept)


def fix() -> Case:
    form = {"title": "A fix in a sentence", "body": "How it works.", "workaround": "y"}
    kept = ("A fix in a sentence", "How it works.", "checked")
    return Case(make_member(), f"/ideas/{make_problem().public_id}/fixes/new", form, kept)


def word() -> Case:
    problem = make_problem()
    member = make_hit(problem)
    deliver(problem)
    form = {"verdict": "not_fixed", "note": "It still drips"}
    return Case(member, f"/ideas/{problem.public_id}/confirmations", form, ("It still drips",))


def author_asked() -> Case:
    return Case(make_member(), f"/ideas/{make_idea().public_id}/authors/ask", {"note": "I know it"}, ("I know it",))


def author_invited() -> Case:
    idea = make_idea(author=(author := make_member()))
    form = {"handle": "ada-l", "note": "You know it"}
    return Case(author, f"/ideas/{idea.public_id}/authors/invite", form, ('value="ada-l"', "You know it"))


def writer_named() -> Case:
    draft = make_draft(owner := make_member())
    return Case(owner, f"/me/drafts/{draft.public_id}/people", {"handle": "ada-l"}, ('value="ada-l"',))


def report() -> Case:
    form = {"reason": "other", "text": "It is not kind"}
    kept = ("It is not kind", 'value="other" checked')
    return Case(make_member(), f"/ideas/{make_idea().public_id}/report", form, kept)


def report_of_comment() -> Case:
    path = f"/comments/{make_comment(make_idea()).public_id}/report"
    return Case(make_member(), path, {"reason": "other", "text": "Nor is this"}, ("Nor is this",))


def addresses() -> Case:
    manager = make_staff()
    make_board("Quay", audience=Audience.SEGMENT, owner=manager)
    return Case(manager, "/boards/quay/people", {"addresses": "a@example.org\nb@example.org"}, ("b@example.org",))


def for_customer() -> Case:
    manager = make_staff()
    idea = make_idea(make_board(owner=manager))
    form = {"via": "call", "where": "call of 3 May", "need": "To fill it with one hand", "action": "enter"}
    kept = ("call of 3 May", "To fill it with one hand")
    return Case(manager, f"/ideas/{idea.public_id}/voices/new", form, kept)


def idea_of_customer() -> Case:
    manager = make_staff()
    board = make_board(owner=manager)
    form = {"title": "A lid that stays", "body": "It falls.", "kind": "idea", "board": board.slug, "action": "publish"}
    return Case(manager, "/propose/for-customer", form, ("A lid that stays", "It falls."))


def sign_in() -> Case:
    form = {"email": "ada@example.org", "password": "secret words", "remember": "y", "next": "/boards"}
    return Case(None, "/sign-in", form, ('value="ada@example.org"', 'value="/boards"', "checked"))


def code() -> Case:
    return Case(None, "/sign-in/code", {"identity": "ada@example.org", "passcode": "1"}, ('value="ada@example.org"',))


def code_asked() -> Case:
    return Case(None, "/sign-in/code/send", {"identity": "ada@example.org"}, ('value="ada@example.org"',))


def link_asked() -> Case:
    return Case(None, "/sign-in/link", {"identity": "ada@example.org"}, ('value="ada@example.org"',))


def forgotten() -> Case:
    return Case(None, "/password", {"email": "ada@example.org"}, ('value="ada@example.org"',))


def account_asked() -> Case:
    form = {"email": "ada@example.org", "next": "/boards"}
    return Case(None, "/register", form, ('value="ada@example.org"', 'value="/boards"'))


CASES: tuple[Callable[[], Case], ...] = (
    *(own_idea, new_idea, comment, reply, own_comment, need, fix, word, report, report_of_comment, addresses),
    *(for_customer, idea_of_customer),
    *(author_asked, author_invited, writer_named),
    *(sign_in, code, code_asked, link_asked, forgotten, account_asked),
)


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
