"""What every answer carries: a strict policy, no sniffing, no keeping, cookies that scripts cannot read."""

import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from ideas.accounts.models import Member
from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import session
from ideas.core.settings import Settings, read_settings
from ideas.web.limits import limiter
from ideas.web.signing_in.sessions import MARK
from tests.architecture.tree import ROOT
from tests.conftest import ClientFor, NewDatabase
from tests.factories import make_admin, make_member
from tests.web.access import Principal
from tests.web.access_world import Route, World, ask, routes_of
from tests.web.client import HTMX

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ERRORS = [
    ("GET", "/nothing-here", {}, 404),
    ("PUT", "/", {}, 405),
    ("TRACE", "/", {}, 405),
    ("GET", "/me", {}, 303),
    ("GET", "/boards/none", {}, 404),
    ("POST", "/sign-in", {"data": {"title": "x" * 1_200_000}}, 413),
    ("POST", "/sign-in", {"data": {}, "sends_token": False}, 403),
    ("POST", "/sign-in", {"data": {"surplus": "1"}}, 422),
    ("POST", "/sign-in", {"data": {}, "headers": {"Origin": "https://evil.example"}}, 403),
    ("GET", "/boards/none", {"headers": HTMX}, 404),
]


def assert_strict(headers: object, name: str, *, has_secret: bool = False) -> None:
    """Check what no answer may lack. `has_secret`: its address must not be told to other sites."""
    found = dict(headers)  # type: ignore[call-overload]
    if has_secret or found["Referrer-Policy"] == "no-referrer":
        assert found["Referrer-Policy"] in {"same-origin", "no-referrer"}, name
        found["Referrer-Policy"] = ALWAYS["Referrer-Policy"]
    assert {key: found.get(key) for key in ALWAYS} == ALWAYS, name
    policy = found["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'"), name
    for weak in ("unsafe", "*", "data:", "http:", "https:"):
        assert weak not in policy, name
    for strong in ("base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "script-src 'self'"):
        assert strong in policy, name


def has_secret(route: Route) -> bool:
    """Tell whether a token stands in the address, or may stand behind it."""
    return "token" in route.names or route.endpoint.startswith("sso.")


def test_every_page_is_strict_and_kept_by_nobody_else(world: World) -> None:
    clients = {who: world.client(who) for who in (Principal.VISITOR, Principal.ADMIN)}
    for route in routes_of(world.app):
        # A mail that is looked at, in development only, carries its styles with it: see test_previews.
        if route.endpoint not in {"security.logout", "admin.preview_html"}:
            address = world.address(route)
            for who, client in clients.items():
                answer = ask(client, route, address)
                assert_strict(answer.headers, f"{who} {route}", has_secret=has_secret(route))
                assert "HX-Request" in answer.headers["Vary"], f"{who} {route}"
                assert is_kept_as_it_may(answer, route), f"{who} {route}"


def is_kept_as_it_may(answer: TestResponse, route: Route) -> bool:
    """Tell whether nobody else may keep an answer; or it is about nobody who asks, and asked for anew each time."""
    kept = answer.headers["Cache-Control"]
    if route.endpoint.startswith("feeds.") and answer.status_code == 200:
        return kept == "public, no-cache" and "Set-Cookie" not in answer.headers and "Cookie" not in answer.vary
    return ("no-store" in kept or "private" in kept) and "public" not in kept


@pytest.mark.parametrize(("method", "address", "how", "status"), ERRORS)
def test_errors_are_as_strict_and_never_kept(
    client_for: ClientFor, method: str, address: str, how: dict[str, Any], status: int
) -> None:
    answer = client_for(None).open(address, method=method, **how)
    assert answer.status_code == status
    assert_strict(answer.headers, address)
    assert "no-store" in answer.headers["Cache-Control"] or status == 303


def test_a_crash_is_strict_too(app: Flask, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_args: object, **_more: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setitem(app.view_functions, "home.about", fall)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = client_for(make_member()).get("/about")
    assert answer.status_code == 500
    assert_strict(answer.headers, "crash")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ZeroDivisionError" not in answer.text


def test_assets_are_strict_and_kept_for_a_year(app: Flask, client_for: ClientFor) -> None:
    with app.test_request_context():
        for path in ("css/ideas.css", "img/favicon.svg"):
            answer = client_for(None).get(app.jinja_env.globals["asset"](path))  # type: ignore[operator]
            answer.close()
            assert answer.status_code == 200
            assert_strict(answer.headers, path)
            assert "max-age=31536000" in answer.headers["Cache-Control"]
            assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/assets/none.css", "/assets/../ideas.db", "/assets/", "/%00", "/" + "x" * 5_000])
def test_what_is_no_asset_is_answered_as_strictly(client_for: ClientFor, path: str) -> None:
    answer = client_for(None).get(path)
    assert answer.status_code == 404
    assert_strict(answer.headers, path)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:80", "", "localhost@evil"])
def test_another_host_name_is_refused(client_for: ClientFor, host: str) -> None:
    answer = client_for(None).get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client_for: ClientFor) -> None:
    for cookie in client_for(make_member()).get("/propose").headers.getlist("Set-Cookie"):
        assert cookie.startswith("session=")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing-here", "/health"])
def test_no_other_site_may_read_an_answer(client_for: ClientFor, path: str) -> None:
    for method in ("GET", "OPTIONS"):
        told = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        answer = client_for(make_member()).open(path, method=method, headers=told)
        assert not [name for name in dict(answer.headers) if name.lower().startswith("access-control-")]


def test_a_visitor_who_reads_gets_no_cookie(client_for: ClientFor) -> None:
    for address in ("/", "/boards", "/about", "/people", "/search"):
        assert "Set-Cookie" not in client_for(None).get(address).headers


@pytest.fixture(scope="module")
def encrypted(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> FlaskClient:
    """A visitor's browser at a site that is reached by https."""
    folder: Path = tmp_path_factory.mktemp("encrypted")
    env = {
        "STORAGE_DIR": str(folder),
        "DATABASE_URL": new_database(),
        "BASE_URL": "https://ideas.example.org",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "IDEAS_ENV": "production",
    }
    other = create_app(read_settings(env))
    limiter.enabled = False
    with other.app_context():
        schema.migrate()
        make_admin()
    return other.test_client()


def test_by_https_cookies_are_secure_and_bound_to_the_host(encrypted: FlaskClient) -> None:
    answer = encrypted.get("/sign-in", base_url="https://ideas.example.org")
    assert answer.status_code == 200
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    assert cookies[0].startswith("__Host-session=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookies[0]
    assert "Domain" not in cookies[0]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_in_production_only_its_own_name_is_answered(encrypted: FlaskClient) -> None:
    assert encrypted.get("/about", base_url="https://localhost").status_code == 400
    assert encrypted.get("/about", base_url="https://ideas.example.org").status_code == 200


def test_by_https_every_cookie_is_secure_and_bound_to_the_host(encrypted: FlaskClient) -> None:
    base, seen = "https://ideas.example.org", set()
    for path, method, data in (
        ("/sign-in", "GET", None),
        ("/preferences/theme", "POST", {"theme": "dark"}),
        ("/sign-in", "POST", {"email": "a@example.org", "password": "wrong wrong wrong"}),
        ("/password", "POST", {"email": "a@example.org"}),
    ):
        token = re.search(r'name="csrf_token" value="([^"]+)"', encrypted.get("/sign-in", base_url=base).text)
        assert token is not None
        sent = {**data, "csrf_token": token.group(1)} if data else None
        # Without a Referer, as some browsers are set.
        answer = encrypted.open(path, method=method, data=sent, base_url=base)
        assert answer.status_code in {200, 303, 422}
        for cookie in answer.headers.getlist("Set-Cookie"):
            seen.add(cookie.partition("=")[0])
            assert cookie.startswith("__Host-")
            assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; ")), cookie
            assert "Domain" not in cookie
    assert seen == {"__Host-session", "__Host-theme"}


def test_the_program_sets_no_cookie_but_these_two() -> None:
    setting = [path.stem for path in (ROOT / "ideas").rglob("*.py") if ".set_cookie(" in path.read_text("utf-8")]
    assert sorted(setting) == ["preferences", "sessions"]


def test_the_session_of_a_member_by_https_is_secure_and_bound_to_the_host(encrypted: FlaskClient) -> None:
    app = encrypted.application
    with app.app_context():
        stored = session().scalars(select(Member)).first()
        assert stored is not None
        uniquifier = stored.fs_uniquifier
    base = "https://ideas.example.org"
    with encrypted.session_transaction(base_url=base) as kept:
        kept["_user_id"] = uniquifier
    cookie = encrypted.get_cookie("__Host-session", domain="ideas.example.org")
    assert cookie is not None
    assert (cookie.value[0], cookie.secure, cookie.http_only, cookie.same_site) == (MARK, True, True, "Lax")
