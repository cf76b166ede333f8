"""Whoever repeats with their own rights what somebody else may do finds nothing, and changes nothing.

One person's addresses are asked for by another who may not see what they name, route by route as the application
has them. The answer is the one for something that does not exist, to the letter.
"""

import re
from collections.abc import Mapping

import pytest
from werkzeug.test import TestResponse

from ideas.boards.models import Audience
from tests.web.access import DOORS, MATRIX, RULES, SIGHT, Principal
from tests.web.access_world import Route, World, ask, read_answer, route_named, routes_of
from tests.web.client import MADE_ANEW, Client

#: Names that may be known to be there, and why.
KNOWN = {
    "invitations.accept": "Whoever holds the link may read it; only the address it was sent to can accept.",
    "sign_in_with.back": "The names of providers stand on the sign-in page.",
    "sign_in_with.start": "The names of providers stand on the sign-in page.",
    "sso.enter": "The app's name is no secret; what signs in is the token beside it.",
    "sso.show": "The app's name is no secret; what signs in is the token beside it.",
}


def settled(client: Client) -> Client:
    """Return the client with the cookies of a browser that was here before."""
    client.get("/")
    client.post("/preferences/theme", data={"theme": "auto"})
    return client


def said(answer: TestResponse, name: str) -> tuple[int, list[str], str]:
    """Return status, headers and body, without the name asked for and what differs from answer to answer."""
    headers = [f"{key}: {value}" for key, value in answer.headers if key not in {"Set-Cookie", "X-Request-ID"}]
    headers += sorted(cookie.split("=")[0] for cookie in answer.headers.getlist("Set-Cookie"))
    body = MADE_ANEW.sub("", answer.text.replace(answer.headers.get("X-Request-ID", "-"), ""))
    # A number stands in many places; only as a part of an address it is the name.
    named = re.compile(rf"(?<=/){name}(?![\w-])" if name.isdigit() else re.escape(name))
    return answer.status_code, [named.sub("~", header) for header in headers], named.sub("~", body)


def absent_beside(name: str) -> str:
    """Return a name of the same make that nothing has."""
    return "9" * len(name) if name.isdigit() else "z" * len(name)


#: Who does not see a board of which audience.
OUTSIDERS = [
    (who, audience)
    for audience, marks in SIGHT.items()
    for who, mark in zip(Principal, marks, strict=True)
    if mark == "-"
]


def assert_same(world: World, client: Client, route: Route, address: str, *, letters: str) -> None:
    """Check that the address answers with one of the letters, and as if what it names were not there."""
    name = next(part for part, made in zip(address.split("/"), route.rule.split("/"), strict=True) if "<" in made)
    instead = absent_beside(name)
    hidden, absent = ask(client, route, address), ask(client, route, address.replace(name, instead))
    assert read_answer(hidden) in letters, f"{route.method} {address}"
    assert said(hidden, name) == said(absent, instead), f"{route.method} {address}"


@pytest.mark.parametrize(("who", "audience"), OUTSIDERS)
def test_what_is_on_a_board_answers_those_who_may_not_see_it_as_if_it_did_not_exist(
    world: World, who: Principal, audience: Audience
) -> None:
    client = settled(world.client(who))
    for route in routes_of(world.app):
        if route.is_of_board:
            rule = MATRIX[route.endpoint, route.method]
            shut = RULES[rule][list(Principal).index(who)] if rule in DOORS else ""
            letters = shut or ("NS" if who is Principal.VISITOR else "N")
            assert_same(world, client, route, world.address(route, audience), letters=letters)
    assert not world.has_changed()


@pytest.mark.parametrize("who", list(Principal))
def test_what_belongs_to_somebody_else_answers_as_if_it_did_not_exist(world: World, who: Principal) -> None:
    client = settled(world.client(who))
    for route in routes_of(world.app):
        if route.names and not route.is_of_board and route.endpoint not in KNOWN:
            letter = RULES[MATRIX[route.endpoint, route.method]][list(Principal).index(who)]
            if letter != "O":
                assert_same(world, client, route, world.address(route), letters=letter)
    assert not world.has_changed()


def test_only_addresses_are_taken_out_that_some_route_has(world: World) -> None:
    assert set(KNOWN) <= {route.endpoint for route in routes_of(world.app) if route.names}


@pytest.mark.parametrize(("who", "audience"), OUTSIDERS)
@pytest.mark.parametrize(
    "address", ["/propose?board={}", "/propose/similar?title=printer&board={}", "/search?q=printer&board={}"]
)
def test_naming_a_hidden_board_in_a_question_says_no_more_than_naming_none(
    world: World, who: Principal, audience: Audience, address: str
) -> None:
    client, slug = settled(world.client(who)), world.spots[audience].things["board"]
    hidden, absent = client.get(address.format(slug)), client.get(address.format(absent_beside(slug)))
    assert said(hidden, slug) == said(absent, absent_beside(slug))


#: Things named in forms that whoever sends them may not use: who, to which route of a public board, the field, of
#: which board or of nobody the thing is, what it is, and the answer.
IN_FORMS = [
    (Principal.MANAGER, "invitations.revoke", "invitation", None, "invitation_id", 404),
    (Principal.MANAGER, "invitations.remove", "handle", None, "guest_elsewhere", 303),
    (Principal.MANAGER, "responding.assign", "assignee", None, "member", 422),
    (Principal.STRANGER, "commenting.post", "parent", Audience.STAFF, "comment", 404),
    (Principal.STRANGER, "commenting.post", "parent", Audience.SEGMENT, "comment", 404),
    (Principal.AUTHOR, "commenting.post", "parent", Audience.STAFF, "comment", 404),
    (Principal.STRANGER, "ideation.publish", "board", Audience.STAFF, "board", 422),
    (Principal.OTHER_MODERATOR, "ideation.publish", "board", Audience.SEGMENT, "board", 422),
]
#: What else such a form holds.
BESIDE: Mapping[str, Mapping[str, str]] = {
    "commenting.post": {"body": "I think so too."},
    "ideation.publish": {"title": "A better printer", "body": "It would help.", "kind": "idea"},
}


@pytest.mark.parametrize(("who", "endpoint", "field", "audience", "thing", "status"), IN_FORMS)
def test_what_a_form_names_counts_for_nothing_where_it_belongs_to_others(
    world: World, who: Principal, endpoint: str, field: str, audience: Audience | None, thing: str, status: int
) -> None:
    route = route_named(world.app, endpoint, "POST")
    value = (world.spots[audience].things if audience else world.things)[thing]
    form = {**BESIDE.get(endpoint, {}), field: value}
    answer = ask(world.client(who), route, world.address(route), data=form)
    assert answer.status_code == status
    absent = ask(world.client(who), route, world.address(route), data={**form, field: absent_beside(value)})
    assert absent.status_code == (404 if endpoint == "invitations.remove" else status)
    assert not world.has_changed()


def test_the_mark_of_a_form_leads_nobody_to_what_somebody_else_has_sent(world: World) -> None:
    board = world.spots[Audience.SEGMENT].things["board"]
    form = {**BESIDE["ideation.publish"], "nonce": "n1"}
    own = world.client(Principal.GUEST).post("/propose", data={**form, "board": board, "action": "publish"})
    public = world.spots[Audience.PUBLIC].things["board"]
    other = world.client(Principal.STRANGER).post("/propose", data={**form, "board": public, "action": "publish"})
    assert own.status_code == other.status_code == 303
    assert own.location != other.location
    assert world.client(Principal.STRANGER).get(other.location).status_code == 200
