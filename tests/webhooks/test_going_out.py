"""Messages go out by the one careful way: to public addresses only, led nowhere, listening to nobody for long."""

import resource
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from ideas.accounts.discovery import discover
from ideas.core import outgoing
from ideas.core.errors import Invalid
from ideas.core.outgoing import Errand, RequestFailed, fetch_json, oauth_session, tell
from ideas.webhooks.models import DeliveryState, Failure, Format
from ideas.webhooks.services import WebhookDraft, check_draft
from tests.core.test_outgoing import HIDING, LOOPBACK, PUBLIC, errand, found
from tests.factories import make_idea
from tests.factories.webhooks import make_webhook, messages_to
from tests.webhooks.receiver import answering, receiver

pytestmark = pytest.mark.once

Drain = Callable[[], int]
Ask = Callable[[str, Errand], object]


def _tell(url: str, going: Errand) -> object:
    return tell(url, going, body=b"{}", headers={})


def _ask_by_oauth(url: str, going: Errand) -> object:
    with oauth_session("client", "secret", errand=going) as asking:
        return asking.request("GET", url, withhold_token=True)


#: Everybody who asks other servers.
USERS: dict[str, Ask] = {
    "webhooks": _tell,
    "keys and descriptions of providers": fetch_json,
    "tokens of providers": _ask_by_oauth,
    "issuers typed by admins": discover,
}


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What somebody tried to connect to."""
    tried: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda address, **_kwargs: tried.append(address))
    return tried


@pytest.mark.parametrize("user", USERS)
def test_eighty_forms_of_addresses_that_are_not_public_are_asked_by_nobody(user: str, sockets: list[object]) -> None:
    assert len(set(HIDING)) >= 80
    for host in HIDING:
        for scheme in ("https", "http"):
            with pytest.raises((RequestFailed, Invalid)):
                USERS[user](f"{scheme}://{host}/hook", errand())
    assert sockets == []


@pytest.mark.parametrize("host", HIDING)
def test_no_such_address_is_taken_when_it_is_typed(app: Flask, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(outgoing, "begin_errand", errand)
    monkeypatch.setattr("ideas.webhooks.services.begin_errand", errand)
    draft = WebhookDraft(name="Ours", url=f"https://{host}/", format=Format.STANDARD, events=[], board_slugs=None)
    with pytest.raises(Invalid) as refused:
        check_draft(draft)
    assert set(refused.value.errors) == {"url", "events"}


def test_a_name_that_means_this_machine_a_moment_later_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    answers = iter([found(PUBLIC)])

    def flipping(host: str, *args: Any, **kwargs: Any) -> Any:
        return next(answers, None) or found("127.0.0.1") if host == "home.example" else real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", flipping)
    with receiver() as running:
        port = running.url.split(":")[2].split("/")[0]
        with pytest.raises(RequestFailed):
            _tell(f"https://home.example:{port}/", errand())
    assert running.taken == []


def test_nobody_is_followed_to_the_secrets_of_the_machine(app: Flask, drain: Drain) -> None:
    with receiver(answering(302, Location="http://169.254.169.254/latest/meta-data/")) as running:
        webhook = make_webhook(running.url)
        make_idea()
        drain()
    (message,) = messages_to(webhook)
    assert (message.state, message.status_code, message.error) == (DeliveryState.WAITING, 302, Failure.ANSWER)
    assert len(running.taken) == 1


@pytest.mark.parametrize("location", ["http://[", "//", "\x7f", "javascript:alert(1)", "x" * 9_000])
def test_a_crooked_lead_is_an_answer_like_any_other(location: str) -> None:
    with receiver(answering(302, Location=location)) as running:
        assert tell(running.url, errand(networks=LOOPBACK), body=b"{}", headers={}).status == 302


def endless_headers(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-Long: " + b"x" * 4_000 + b"\r\n")


def endless_body(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        handler.wfile.write(b"secret of the receiver " * 1_000)


def dripping_headers(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def dripping_body(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("talk", [endless_headers, dripping_headers])
def test_an_answer_that_never_begins_is_left_in_time(talk: Any) -> None:
    begun = time.monotonic()
    with receiver(talk) as running, pytest.raises(RequestFailed):
        _tell(running.url, errand(networks=LOOPBACK, seconds=1))
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("talk", [endless_body, dripping_body])
def test_what_an_answer_says_is_thrown_away_and_never_waited_for_long(talk: Any) -> None:
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with receiver(talk) as running:
        assert tell(running.url, errand(networks=LOOPBACK, seconds=1), body=b"{}", headers={}).status == 200
    assert time.monotonic() - begun < 4
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5 * 1024


def test_nothing_of_what_the_other_side_says_is_kept(app: Flask, drain: Drain) -> None:
    def chatty(handler: Any) -> None:
        body = b"the password is kestrelquill"
        handler.send_response(500, "kestrelquill")
        handler.send_header("X-Said", "kestrelquill")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with receiver(chatty) as running:
        webhook = make_webhook(running.url)
        make_idea()
        drain()
    (message,) = messages_to(webhook)
    assert message.status_code == 500
    assert "kestrelquill" not in str([getattr(message, column.name) for column in message.__table__.columns])
