"""Every route, every way of asking, every audience, every kind of person: who may, and who is answered how."""

from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from tests.web.access import (
    CHANGING,
    LEVELLED,
    MATRIX,
    OPEN_TO_VISITORS,
    RULES,
    SIGHT,
    SUBJECTS,
    Principal,
    doer_of,
    letters_of,
)
from tests.web.access_forms import FORMS
from tests.web.access_world import Route, Spot, World, ask, read_answer, route_named, routes_of

#: Routes that take no form token, and why that harms nobody. Where they come from is checked all the same.
WITHOUT_TOKEN = {
    "preferences.theme": "It sets a colour in the browser that asks, and visitors have no session.",
    "unsubscribing.turn_off": "Mail services send it; what it may do stands in the token of its address.",
    "unsubscribing.turn_on": "It undoes the one before; what it may do stands in the token of its address.",
}


def strays(routes: Iterable[Route]) -> set[tuple[str, str]]:
    """Return what stands in the table or in the application, but not in both."""
    return {(one.endpoint, one.method) for one in routes} ^ set(MATRIX)


def without(app: Flask, gone: str) -> Flask:
    """Return an application with the same addresses but one."""
    other = Flask("other", static_folder=None)
    for rule in app.url_map.iter_rules():
        if rule.endpoint != gone:
            other.add_url_rule(rule.rule, rule.endpoint, methods=rule.methods)
    return other


def test_every_route_is_listed_and_every_listed_route_exists(session_app: Flask) -> None:
    assert strays(routes_of(session_app)) == set()


def test_a_new_route_and_one_that_is_gone_are_noticed(session_app: Flask) -> None:
    other = without(session_app, "voting.need")
    other.add_url_rule("/dummy/<public_id>", "dummy.destroy", methods=["POST"])
    assert strays(routes_of(other)) == {("dummy.destroy", "POST"), ("voting.need", "POST")}


def test_it_is_known_of_every_address_what_it_names(session_app: Flask, world: World) -> None:
    for route in routes_of(session_app):
        world.address(route)
    other = without(session_app, "")
    other.add_url_rule("/dummy/<number>", "dummy.show", methods=["GET"])
    with pytest.raises(AssertionError, match=r"what the address of dummy\.show names"):
        world.address(route_named(other, "dummy.show", "GET"))


def test_every_word_of_the_table_is_one_that_is_used(session_app: Flask) -> None:
    assert set(MATRIX.values()) == set(RULES)
    assert all(len(letters) == len(Principal) for letters in (*RULES.values(), *SIGHT.values()))
    known = {route.endpoint for route in routes_of(session_app)}
    named = {route.endpoint for route in routes_of(session_app) if route.names}
    assert set(SUBJECTS) <= named
    assert {*FORMS, *LEVELLED} <= known


def test_whatever_visitors_may_change_has_a_reason() -> None:
    assert {endpoint for endpoint, method in CHANGING if RULES[MATRIX[endpoint, method]][0] == "O"} == set(
        OPEN_TO_VISITORS
    )


@pytest.mark.parametrize(("endpoint", "method"), MATRIX)
def test_everybody_may_do_what_the_table_says_and_no_more(world: World, endpoint: str, method: str) -> None:
    route = route_named(world.app, endpoint, method)
    wanted, found = {}, {}
    for spot in world.spots_for(route):
        audience = spot.audience if route.is_of_board else None
        wanted[spot.name] = letters_of(endpoint, method, audience=audience, level=spot.level)
        found[spot.name] = observe(world, route, spot, wanted[spot.name])
    assert found == wanted


def observe(world: World, route: Route, spot: Spot, wanted: str) -> str:
    """Return how the route answers each principal there, as `letters_of` writes it.

    Fails where reading, or asking for what is refused, changes anything; whatever else is changed is taken back.
    """
    letters = dict.fromkeys(Principal, "")
    bold = {who for who, letter in zip(Principal, wanted, strict=True) if letter == "O" and not route.is_safe}
    for who in Principal:
        if who not in bold:
            letters[who] = read_answer(world.ask(who, route, spot.name))
    changed = world.has_changed()
    assert not changed, f"{route.method} {route.endpoint} changed {changed} for somebody who may not: {letters}"
    for who in bold:
        letters[who] = read_answer(world.ask(who, route, spot.name))
        world.restore()
    if wanted[0] == "n" and letters[Principal.VISITOR] in {"N", "S"}:
        letters[Principal.VISITOR] = "n"
    return "".join(letters.values())


def foreign_token(app: Flask) -> str:
    """Return a token that was made for the session of somebody else."""
    assert isinstance(app.secret_key, str)
    token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("1" * 40)
    assert isinstance(token, str)
    return token


@pytest.mark.parametrize(("endpoint", "method"), CHANGING)
def test_nothing_is_changed_without_a_token_of_ones_own_or_from_another_site(
    world: World, endpoint: str, method: str
) -> None:
    route = route_named(world.app, endpoint, method)
    client, address = world.client(doer_of(endpoint, method)), world.address(route)
    tries: dict[str, dict[str, Any]] = {
        "cross-site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
        "same-site": {"headers": {"Sec-Fetch-Site": "same-site"}},
        "foreign origin": {"headers": {"Origin": "https://evil.example"}},
        "opaque origin": {"headers": {"Origin": "null"}},
    }
    if endpoint not in WITHOUT_TOKEN:
        tries |= {
            "no token": {"sends_token": False},
            "foreign token": {"headers": {"X-CSRFToken": foreign_token(world.app)}},
            "broken token": {"headers": {"X-CSRFToken": "x"}},
        }
    answers = {name: ask(client, route, address, **how).status_code for name, how in tries.items()}
    assert answers == dict.fromkeys(tries, 403)
    assert not world.has_changed()


def test_only_what_is_listed_takes_no_token(world: World) -> None:
    for endpoint in WITHOUT_TOKEN:
        route = route_named(world.app, endpoint, "POST")
        answer = ask(world.client(Principal.VISITOR), route, world.address(route), sends_token=False)
        assert answer.status_code in {200, 303}
