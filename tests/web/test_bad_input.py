"""Whatever is sent to whatever address: a clear answer, nothing changed, never a crash."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

from ideas.boards.models import Audience
from ideas.core import outbox
from ideas.core.pages import Key, encode_cursor
from ideas.core.settings import Settings
from ideas.search import index as search_index
from tests.conftest import ClientFor
from tests.factories import make_idea, make_member
from tests.factories.cocreation import deliver
from tests.web.access import CHANGING, Principal, doer_of
from tests.web.access_forms import FORMS
from tests.web.access_world import Route, World, ask, everything_stored, route_named, routes_of
from tests.web.client import HTMX

#: What a refusal answers: too large, not allowed, not there, changed meanwhile, not valid, unreadable.
CLEAR = {400, 403, 404, 405, 409, 413, 415, 422}

#: Takes whatever mail services send along, and does only what its token says: tests of its own say so.
BEARING = {"unsubscribing.turn_off"}
STRICT = [(endpoint, method) for endpoint, method in CHANGING if endpoint not in BEARING]

FORM = "application/x-www-form-urlencoded"

HOSTILE: Mapping[str, str] = {
    "white space": " \t\r\n\u2003\u200b",
    "too long": "x" * 30_000,
    "control signs": "\x01\x08\x1b[31m\x7f",
    "direction signs": "\u202e\u2066\u200f\ufeff",
    "a NUL": "a\x00b",
    "a half of a sign": "\ud800",
    "markup": "<script>alert(1)</script>\"'>{{ 7*7 }}",
    "a foreign id": "zzzzzzzzzz",
    "a giant number": "9" * 40,
}


@pytest.fixture(autouse=True)
def place_of_index(tmp_path: Path, settings: Settings) -> Iterator[None]:
    """Searching finds an index of its own, so that it has nothing to mend."""
    search_index.configure(tmp_path / "search")
    yield
    search_index.configure(settings.storage_dir / "search")


def filled_with(route: Route, value: str) -> dict[str, bytes]:
    """Return the form of a route with the value in all its fields."""
    names = FORMS.get(route.endpoint) or {"body": "", "title": ""}
    return {name: value.encode(errors="surrogatepass") for name in names}


@pytest.mark.parametrize(("endpoint", "method"), STRICT)
def test_no_form_is_crashed_or_misled_by_what_is_in_it(world: World, endpoint: str, method: str) -> None:
    route = route_named(world.app, endpoint, method)
    client, address = world.client(doer_of(endpoint, method)), world.address(route)
    before = everything_stored()
    for name, value in HOSTILE.items():
        form = {**filled_with(route, value), "surplus": value.encode(errors="surrogatepass")}
        answer = ask(client, route, address, data=form, headers=HTMX if name == "markup" else {})
        assert answer.status_code in CLEAR, f"{name}: {answer.status_code}"
        assert "alert(1)</script>" not in answer.text
    assert everything_stored() == before
    good = {key: text.encode() for key, text in FORMS.get(endpoint, {}).items()}
    for name, value in HOSTILE.items():
        for field in good:
            answer = ask(client, route, address, data={**good, field: value.encode(errors="surrogatepass")})
            assert answer.status_code < 500, f"{field}: {name}"


@pytest.mark.parametrize(("endpoint", "method"), STRICT)
def test_unknown_fields_repeated_fields_and_large_bodies_are_refused(world: World, endpoint: str, method: str) -> None:
    route = route_named(world.app, endpoint, method)
    client, address = world.client(doer_of(endpoint, method)), world.address(route)
    good = FORMS.get(endpoint, {})
    before = everything_stored()
    assert ask(client, route, address, data={"body": "x" * 1_200_000}).status_code == 413
    assert ask(client, route, address, data={"body": "x" * 1_200_000}, headers=HTMX).status_code == 413
    assert ask(client, route, address, data={**good, "surplus": "1"}).status_code == 422
    for field in good:
        twice = {**good, field: [good[field], good[field]]}
        assert ask(client, route, address, data=twice).status_code == 422, field
    many = {f"field{number}": "1" for number in range(300)}
    assert ask(client, route, address, data=many).status_code in {413, 422}
    assert ask(client, route, address, data=b"%FF%FE=%C3%28&x=%ED%A0%80", content_type=FORM).status_code in CLEAR
    assert ask(client, route, address, json={"body": "x"}, data=None).status_code == 415
    assert ask(client, route, address, data=b"\xff\xfe\xfd", content_type=FORM).status_code == 400
    assert everything_stored() == before


def hostile_cursors() -> list[str]:
    """Return cursors that nobody was given, of each shape that lists use."""
    moments = ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "2026-01-01", "now", "\x00", "\ud800"]
    numbers: list[int | float | str | None] = [2**63, -(2**63), 10**40, float("inf"), float("nan"), True, None, "1"]
    keys: list[Key] = [(moment, 1) for moment in moments] + [(number, 1) for number in numbers]
    keys += [(1, number) for number in numbers] + [(number,) for number in numbers]
    keys += [(1, number, 1) for number in numbers] + [(), (1, 2, 3, 4), ("2026-01-01", 1)]
    raw = ["x", "=", "%00", "W10", "bnVsbA", "\udcff", "é", "A" * 5000, "W" * 3001, "..", "[[[["]
    return [encode_cursor(key) for key in keys] + [text.encode(errors="replace").decode() for text in raw]


#: Pages that read nothing of what stands behind the question mark.
STILL = {"home.about", "home.health", "home.index", "boards.index", "admin.boards", "admin.statuses", "admin.index"}

LISTS = [
    "/boards/{slug}?order=trending", "/boards/{slug}?order=supported", "/boards/{slug}?order=newest",
    "/boards/{slug}?order=answered", "/boards/{slug}?order=random", "/ideas/{idea}", "/ideas/{idea}?order=helpful",
    "/ideas/{idea}/comments", "/ideas/{idea}/needs", "/comments/{comment}/replies", "/comments/{comment}/versions",
    "/people", "/people/{handle}", "/me", "/me/supports", "/me/notifications", "/me/points", "/moderation",
    "/admin/members", "/desk", "/desk?lane=review", "/desk?lane=answered",
]  # fmt: skip


@pytest.mark.parametrize("address", LISTS)
def test_a_cursor_that_nobody_was_given_is_refused_or_read_never_a_crash(world: World, address: str) -> None:
    client, things = world.client(Principal.ADMIN), world.spots[Audience.PUBLIC].things
    handle = world.people[Principal.ADMIN].handle
    path = address.format(slug=things["board"], idea=things["idea"], comment=things["comment"], handle=handle)
    before = everything_stored()
    for cursor in hostile_cursors():
        for headers in ({}, HTMX)[: 2 if "order" in path or "comments" in path else 1]:
            answer = client.get(f"{path}{'&' if '?' in path else '?'}after={quote(cursor)}", headers=headers)
            assert answer.status_code in {200, 303, 404, 422}, f"{cursor}: {answer.status_code}"
    assert everything_stored() == before


PARAMETERS = ("order", "kind", "status", "tag", "answered", "board", "lane", "idea", "q", "title", "next")
TOGETHER = "&".join(f"{name}=%3Cscript%3Ealert(1)%3C/script%3E" for name in PARAMETERS)


@pytest.mark.parametrize("query", [*(f"{name}=%00no%ED%A0%80nsense" for name in PARAMETERS), TOGETHER])
def test_an_unknown_word_in_an_address_is_ignored_or_not_found(world: World, query: str) -> None:
    client = world.client(Principal.ADMIN)
    paths = {world.address(route) for route in routes_of(world.app) if route.is_safe and route.endpoint not in STILL}
    outbox.drain()
    before = everything_stored()
    for path in sorted(paths):
        answer = client.get(f"{path}?{query}")
        assert answer.status_code in {200, 303, 403, 404, 409, 422}, f"{path}: {answer.status_code}"
        assert "<script>alert" not in answer.text
    assert everything_stored() == before


#: Pages that look the same whatever the token is.
ALIKE = {"security.reset_password", "sign_in_link.show"}


@pytest.mark.parametrize("name", ["%00", "a%00b", "%FF", "%ED%A0%80", "..%2F..", "x" * 3000, "%F0%9F%98%80", "'--"])
def test_an_odd_name_in_an_address_is_not_found(world: World, name: str) -> None:
    client = world.client(Principal.ADMIN)
    before = everything_stored()
    for route in routes_of(world.app):
        if route.names and route.endpoint not in ALIKE:
            path = route.rule
            for part in route.names:
                path = path.replace(f"<{part}>", name)
            answer = ask(client, route, path)
            # 409: a link that is not good is answered as one that was used already.
            assert answer.status_code in {403, 404, 409, 422}, f"{route.method} {path}: {answer.status_code}"
    assert everything_stored() == before


@pytest.mark.parametrize("view", ["support", "support/back", "need"])
def test_a_closed_idea_takes_no_support(app: Flask, client_for: ClientFor, view: str) -> None:
    idea = deliver(make_idea())
    client = client_for(make_member())
    before = everything_stored()
    answer = client.post(f"/ideas/{idea.public_id}/{view}", data={})
    assert answer.status_code == 409
    assert "Nothing was saved" in answer.text
    assert everything_stored() == before


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/ideas/{}/comments", {"body": "A long <b>thought</b> & more"}),
        ("/propose", {"title": "A fold", "body": "A long <b>thought</b> & more", "kind": "idea", "board": "b"}),
        ("/ideas/{}/edit", {"title": "A fold", "body": "A long <b>thought</b> & more", "seen_revision": "1"}),
    ],
)
@pytest.mark.parametrize("loss", ["token", "session", "member"])
def test_what_was_typed_is_shown_again_where_the_session_is_lost(
    app: Flask, client_for: ClientFor, address: str, form: dict[str, str], loss: str
) -> None:
    member = make_member()
    idea = make_idea(author=member)
    client = client_for(None if loss == "session" else member)
    if loss == "member":
        with client.session_transaction() as session:
            del session["_user_id"]
    before = everything_stored()
    answer = client.post(address.format(idea.public_id), data=form, sends_token=loss != "token")
    assert answer.status_code == 403
    assert "This was not sent" in answer.text
    assert "Copy what you typed" in answer.text
    assert 'readonly="readonly"' in answer.text
    assert "A long &lt;b&gt;thought&lt;/b&gt; &amp; more" in answer.text
    assert ('href="/sign-in' in answer.text) == (loss != "token")
    assert everything_stored() == before


@pytest.mark.parametrize(
    ("headers", "back"), [({}, "/propose"), ({"Referer": "http://localhost/propose?board=b"}, "/propose?board%3Db")]
)
def test_a_form_of_nobody_leads_over_the_sign_in_back_to_where_it_was_sent(
    app: Flask, client_for: ClientFor, headers: dict[str, str], back: str
) -> None:
    form = {"title": "A fold", "body": "A long thought", "kind": "idea", "board": "b"}
    answer = client_for(None).post("/propose", data=form, headers=headers, sends_token=False)
    assert answer.status_code == 403
    assert "A long thought" in answer.text
    assert f'href="/sign-in?next={back}"' in answer.text.replace("%3F", "?")


def test_passwords_are_never_shown_again(app: Flask, client_for: ClientFor) -> None:
    form = {"email": "a@example.org", "password": "a secret of mine", "title": "x"}
    answer = client_for(None).post("/sign-in", data=form, sends_token=False)
    assert answer.status_code == 403
    assert "a secret of mine" not in answer.text


def test_from_another_site_nothing_is_shown_again(app: Flask, client_for: ClientFor) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client_for(None).post("/propose", data={"body": "Buy this now"}, headers=headers, sends_token=False)
    assert answer.status_code == 403
    assert "Buy this now" not in answer.text


def test_to_htmx_a_lost_session_is_a_message_and_the_form_stays(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea()
    answer = client_for(None).post(f"/ideas/{idea.public_id}/comments", data={"body": "A thought"}, headers=HTMX)
    assert answer.status_code == 403
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "HX-Redirect" not in answer.headers
    assert "Copy what you typed" in answer.text
