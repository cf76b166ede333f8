"""Under which name the site is asked, and from where: only what was configured counts."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from werkzeug.test import create_environ, run_wsgi_app

from ideas.app import create_app
from ideas.core import schema
from ideas.core.db import session
from ideas.core.settings import BadSetting, read_settings
from tests.conftest import ClientFor, NewDatabase
from tests.factories import make_admin, make_member
from tests.servers.app import AppServer, serve_app
from tests.web.sign_up import mails
from tests.web.test_security import form_token

NewApp = Callable[[str], Flask]


@pytest.mark.parametrize("told", ["evil.example", "localhost, evil.example", "localhost.evil.example", "a b", "[::"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_name_told_by_a_proxy_is_refused(client_for: ClientFor, told: str, method: str) -> None:
    answer = client_for(None).open("/sign-in", method=method, headers={"X-Forwarded-Host": told})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_our_own_name_told_by_a_proxy_is_taken(client_for: ClientFor) -> None:
    assert client_for(None).get("/sign-in", headers={"X-Forwarded-Host": "localhost"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "field"),
    [("/password", "email"), ("/register", "email"), ("/sign-in/link", "identity"), ("/sign-in/code/send", "identity")],
)
def test_mails_name_the_configured_address_whatever_the_request_says(
    client_for: ClientFor, path: str, field: str
) -> None:
    """The tests' site is http://localhost; in development it also answers to the number of this machine."""
    base = "http://127.0.0.1:4711"
    told = {"X-Forwarded-Port": "4712", "X-Forwarded-Proto": "https", "Forwarded": "host=e"}
    member, client = make_member(), client_for(None)
    token = form_token(client.get("/sign-in", base_url=base))
    sent = {field: str(member.email), "csrf_token": token}
    answer = client.post(path, data=sent, headers=told, base_url=base, sends_token=False)
    assert answer.status_code == 200
    text = mails()[-1].payload["text"] + (mails()[-1].payload["html"] or "")
    named = set(re.findall(r"https?://[^/\s\"<]+", text))
    assert named == {"http://localhost"}
    assert not any(word in text for word in ("4711", "4712"))


@pytest.fixture(scope="module")
def behind(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> NewApp:
    """Makes an application behind so many proxies; it says from where it is asked."""

    def make(count: str) -> Flask:
        env = {"STORAGE_DIR": str(tmp_path_factory.mktemp("proxied")), "DATABASE_URL": new_database()}
        app = create_app(read_settings({**env, "TRUSTED_PROXIES": count}))
        app.view_functions["home.health"] = lambda: f"{request.remote_addr} {request.scheme} {request.host}"
        return app

    return make


@pytest.mark.parametrize(
    ("count", "forwarded", "seen"),
    [
        ("0", "203.0.113.9", "192.0.2.1"),
        ("", "203.0.113.9", "192.0.2.1"),
        ("1", "203.0.113.9", "203.0.113.9"),
        # The first was written by the browser.
        ("1", "198.51.100.66, 203.0.113.9", "203.0.113.9"),
        ("2", "198.51.100.66, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("2", "10.0.0.2", "192.0.2.1"),
        ("1", "", "192.0.2.1"),
    ],
)
def test_only_so_many_proxies_are_believed(behind: NewApp, count: str, forwarded: str, seen: str) -> None:
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil"}
    environ = create_environ("/health", "http://127.0.0.1:8000", headers=headers)
    environ["REMOTE_ADDR"] = "192.0.2.1"
    body, status, _headers = run_wsgi_app(behind(count), environ)
    address, _scheme, host = b"".join(body).decode().split()
    assert (status[:3], address, host) == ("200", seen, "127.0.0.1:8000")


@pytest.mark.parametrize("wrong", ["-1", "11", "one", "1.5", "²"])
def test_a_number_of_proxies_that_is_none_refuses_to_start(wrong: str) -> None:
    with pytest.raises(BadSetting, match="TRUSTED_PROXIES"):
        read_settings({"TRUSTED_PROXIES": wrong})


@pytest.fixture(scope="module")
def server(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The application as it is served."""
    folder: Path = tmp_path_factory.mktemp("named")
    env = {"STORAGE_DIR": str(folder), "DATABASE_URL": new_database()}
    with create_app(read_settings(env)).app_context():
        schema.migrate()
        make_admin()
        session().close()
    with serve_app(env) as running:
        yield running


@pytest.mark.parametrize(
    ("target", "host", "statuses"),
    [
        ("/about", "evil.example", {400}),
        ("http://evil.example/about", "evil.example", {400}),
        # The server passes the path on and the name of the header, which is ours: nothing of the other one is used.
        ("http://evil.example/about", "127.0.0.1", {200, 400}),
        ("//evil.example/about", "127.0.0.1", {308, 400, 404}),
    ],
)
def test_an_address_of_another_site_counts_for_nothing(
    server: AppServer, target: str, host: str, statuses: set[int]
) -> None:
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        received = b""
        while part := connection.recv(65_536):
            received += part
    assert int(received.split()[1]) in statuses
    assert b"evil" not in received.lower()
