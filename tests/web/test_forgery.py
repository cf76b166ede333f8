"""Nothing is changed by a request that another site started: every route that changes something, in each such way."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from ideas.core import outbox
from ideas.web.shell import csrf
from tests.web.access import Principal
from tests.web.access_forms import FORMS
from tests.web.access_world import Route, World, routes_of
from tests.web.client import Client

#: Changed by anybody from anywhere, and why that harms nobody.
FREE = {
    "preferences.theme": "Light or dark: pages of visitors are kept by caches and carry no token.",
    "unsubscribing.turn_off": "Mail services send it, without a session; the token in its address says what it does.",
    "unsubscribing.turn_on": "Undoes the one before, for whoever was given the token in its address.",
}


def foreign_token(app: Flask) -> str:
    """Return a token as the site makes them, of another session."""
    secret = app.secret_key
    assert isinstance(secret, str)
    return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps("1" * 40))


def ways(app: Flask, form: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return how a form can be sent by somebody else's page."""
    return {
        "no token": {"data": form, "sends_token": False},
        "empty token": {"data": {**form, "csrf_token": ""}, "sends_token": False},
        "foreign token": {"data": {**form, "csrf_token": foreign_token(app)}, "sends_token": False},
        "foreign token in the header": {"data": form, "headers": {"X-CSRFToken": foreign_token(app)}},
        "cross-site": {"data": form, "headers": {"Sec-Fetch-Site": "cross-site"}},
        "same-site": {"data": form, "headers": {"Sec-Fetch-Site": "same-site"}},
        "another origin": {"data": form, "headers": {"Origin": "https://evil.example"}},
        "no origin": {"data": form, "headers": {"Origin": "null"}},
        "our name as a part": {"data": form, "headers": {"Origin": "http://localhost.evil.example"}},
        "plain text": {"data": "&".join(f"{key}={value}" for key, value in form.items()) or "a=b"}
        | {"content_type": "text/plain", "sends_token": False},
        "plain text from elsewhere": {"data": "a=b", "content_type": "text/plain"}
        | {"headers": {"Sec-Fetch-Site": "cross-site"}},
    }


def changing(app: Flask) -> list[Route]:
    return [route for route in routes_of(app) if not route.is_safe and route.endpoint not in FREE]


@pytest.mark.parametrize("who", [Principal.VISITOR, Principal.AUTHOR, Principal.ADMIN])
def test_what_another_site_sends_is_refused_and_changes_nothing(world: World, who: Principal) -> None:
    checked = 0
    for route in changing(world.app):
        address = world.address(route)
        for way, how in ways(world.app, FORMS.get(route.endpoint, {})).items():
            answer = world.client(who).open(address, method=route.method, **how)
            # Bodies that are no form are refused as such where nothing else is wrong with them.
            allowed = {403} | ({415} if way == "plain text" else set())
            assert answer.status_code in allowed, f"{who} {way}: {route.method} {address}: {answer.status_code}"
            assert "evil" not in answer.text
            checked += 1
        assert world.has_changed() - {"sign_in_session"} == set(), f"{who} changed something by {address}"
    assert checked > 500


def test_what_needs_no_token_changes_nothing_in_the_database(world: World) -> None:
    client, waiting = world.client(Principal.VISITOR), outbox.count_pending()
    assert client.post("/preferences/theme", data={"theme": "dark"}, sends_token=False).status_code == 303
    assert world.has_changed() == set()
    assert outbox.count_pending() == waiting


def test_what_needs_no_token_is_refused_from_other_sites_too(world: World) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = world.client(Principal.VISITOR).post("/preferences/theme", data={"theme": "dark"}, headers=headers)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


def test_nothing_else_is_free_of_a_token(app: Flask) -> None:
    exempt = {*csrf._exempt_views, *csrf._exempt_blueprints}
    assert len(exempt) == len(FREE)


@pytest.mark.parametrize("token", ["", "0", "0" * 40, "x" * 500, "a.b.c", "\x7f", "null", "undefined", "[]"])
def test_a_made_up_token_is_none(client_for: Any, token: str) -> None:
    client: Client = client_for(None)
    answer = client.post("/password", data={"email": "a@example.org", "csrf_token": token}, sends_token=False)
    assert answer.status_code == 403


def test_a_token_from_before_signing_in_is_worth_nothing_afterwards(world: World) -> None:
    client = world.client(Principal.AUTHOR)
    answer = client.post("/me/notifications/read", data={"csrf_token": foreign_token(world.app)}, sends_token=False)
    assert answer.status_code == 403
