"""The LMTP server over a real socket."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.commenting.services import post_comment
from ideas.core.settings import BadSetting, Settings
from ideas.ideation.models import Idea
from ideas.mailin import intake, lmtp
from ideas.mailin.lmtp import Server, listening
from ideas.mailin.messages import MOST_BYTES
from tests.factories import make_idea, make_member
from tests.mailin.conftest import comments_on
from tests.mailin.letters import AUTHSERV_ID, DOMAIN, address_for, letter
from tests.servers.ports import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(place: Flask, port: int) -> Iterator[Server]:
    made = Server(place, host="127.0.0.1", port=port)
    made.start()
    yield made
    made.close()


@pytest.fixture
def idea(place: Flask) -> Idea:
    return make_idea()


@pytest.fixture
def vera(place: Flask) -> Member:
    return make_member()


class Talk:
    """A mail server that hands messages over."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._lines = self._socket.makefile("rb")
        self.greeting = self.line()

    def line(self) -> str:
        """Return the next answer; the last line of it where it has several."""
        while True:
            line = self._lines.readline().decode().strip()
            if line[3:4] != "-":
                return line

    def say(self, words: str) -> str:
        """Send one command and return the answer."""
        self._socket.sendall(f"{words}\r\n".encode())
        return self.line()

    def bring(self, raw: bytes, *recipients: str, sender: str = "bounce@example.org") -> list[str]:
        """Bring one message and return the answers for those recipients that were taken."""
        self.say("LHLO mx.company.example")
        self.say(f"MAIL FROM:<{sender}>")
        taken = [one for one in recipients if self.say(f"RCPT TO:<{one}>").startswith("250")]
        if not self.say("DATA").startswith("354"):
            return []
        self._socket.sendall(raw.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n")
        return [self.line() for _one in taken]

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()


@contextmanager
def talk(port: int) -> Iterator[Talk]:
    one = Talk(port)
    try:
        yield one
    finally:
        one.close()


def test_each_recipient_is_answered_and_the_conversation_goes_on(
    server: Server, port: int, idea: Idea, vera: Member
) -> None:
    other, second = make_member(), make_idea()
    raw = letter(to="ideas@company.example", sender=str(vera.email))
    mine, elsewhere, nobody = address_for(vera, idea), address_for(vera, second), f"reply+{'a' * 44}@{DOMAIN}"
    with talk(port) as one:
        assert one.greeting.startswith("220")
        assert [answer[:3] for answer in one.bring(raw, mine, nobody, elsewhere, address_for(other, idea))] == [
            "250"
        ] * 3
        assert one.say("NOOP").startswith("250")
        assert [answer[:3] for answer in one.bring(raw, mine)] == ["250"]
    assert [author for author, _body in comments_on(idea)] == [vera.id]
    assert len(comments_on(second)) == 1


def test_one_address_is_taken_once_however_it_is_written(server: Server, port: int, idea: Idea, vera: Member) -> None:
    raw = letter(to="ideas@company.example", sender=str(vera.email))
    mine = address_for(vera, idea)
    with talk(port) as one:
        assert len(one.bring(raw, mine, mine.upper(), mine)) == 1
    assert len(comments_on(idea)) == 1


def test_who_is_answered_by_nobody_hears_it_before_the_message_is_sent(server: Server, port: int, idea: Idea) -> None:
    with talk(port) as one:
        one.say("LHLO mx")
        one.say("MAIL FROM:<a@example.org>")
        assert one.say("RCPT TO:<somebody@company.example>").startswith("550 5.1.1")
        assert one.say("DATA").startswith("503")


def test_a_message_that_is_too_large_is_refused_once_for_each_recipient(
    server: Server, port: int, idea: Idea, vera: Member
) -> None:
    lines = b"a" * 70 + b"\r\n"
    raw = letter(to="x@example.org", sender=str(vera.email)) + lines * (MOST_BYTES // len(lines) + 10)
    with talk(port) as one:
        answers = one.bring(raw, address_for(vera, idea), address_for(make_member(), idea))
        assert [answer[:3] for answer in answers] == ["552", "552"]
        assert one.say("NOOP").startswith("250")
    assert comments_on(idea) == []


def test_where_something_goes_wrong_the_message_comes_again_and_counts_once(
    server: Server, port: int, idea: Idea, vera: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, usual = letter(to="x@example.org", sender=str(vera.email)), post_comment

    def fail(*args: object, **options: object) -> object:
        usual(*args, **options)  # type: ignore[arg-type]
        raise OSError

    monkeypatch.setattr(intake, "post_comment", fail)
    with talk(port) as one:
        assert [answer[:3] for answer in one.bring(raw, address_for(vera, idea))] == ["451"]
        assert comments_on(idea) == []
        monkeypatch.setattr(intake, "post_comment", usual)
        assert [answer[:3] for answer in one.bring(raw, address_for(vera, idea))] == ["250"]
    assert len(comments_on(idea)) == 1


def test_what_nobody_can_read_is_refused_for_good(server: Server, port: int, idea: Idea, vera: Member) -> None:
    raw = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nWords\r\n" * 200
    with talk(port) as one:
        assert [answer[:3] for answer in one.bring(raw, address_for(vera, idea))] == ["554"]


def test_a_report_from_nobody_is_taken_and_dropped(server: Server, port: int, idea: Idea, vera: Member) -> None:
    with talk(port) as one:
        answers = one.bring(letter(to="x@example.org", sender=str(vera.email)), address_for(vera, idea), sender="")
        assert [answer[:3] for answer in answers] == ["250"]
    assert comments_on(idea) == []


def test_more_connections_than_fit_are_turned_away_and_others_go_on(
    server: Server, port: int, idea: Idea, vera: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lmtp, "MOST_CONNECTIONS", 2)
    wait_until(lambda: server.door.connections == 0)
    with talk(port) as first, talk(port) as second:
        assert second.greeting.startswith("220")
        with talk(port) as third:
            assert third.greeting.startswith("421")
        assert first.say("NOOP").startswith("250")
    wait_until(lambda: server.door.connections == 0)
    with talk(port) as one:
        assert one.greeting.startswith("220")


def test_who_says_nothing_is_not_waited_for(place: Flask, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lmtp, "IDLE_SECONDS", 0.3)
    server = Server(place, host="127.0.0.1", port=port)
    server.start()
    try:
        with talk(port) as one:
            began = time.monotonic()
            assert one.line() == ""
            assert time.monotonic() - began < 10
    finally:
        server.close()


def test_what_is_under_way_ends_before_the_server_does(
    server: Server, port: int, idea: Idea, vera: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, is_under_way = post_comment, threading.Event()

    def slowly(*args: object, **options: object) -> object:
        is_under_way.set()
        time.sleep(0.5)
        return usual(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "post_comment", slowly)
    raw, answers = letter(to="x@example.org", sender=str(vera.email)), []
    address = address_for(vera, idea)
    with talk(port) as one:
        bringing = threading.Thread(target=lambda: answers.extend(one.bring(raw, address)))
        bringing.start()
        assert is_under_way.wait(20)
        server.close()
        bringing.join(20)
    assert [answer[:3] for answer in answers] == ["250"]
    assert len(comments_on(idea)) == 1
    with pytest.raises(OSError, match="refused"):
        Talk(port)


def test_the_worker_listens_where_the_setting_says_and_nowhere_without_it(place: Flask, port: int) -> None:
    with listening(place), pytest.raises(OSError, match="refused"):
        Talk(port)
    place.extensions["settings"] = replace(place.extensions["settings"], lmtp_listen=("127.0.0.1", port))
    with listening(place), talk(port) as one:
        assert one.greeting.startswith("220")
        with pytest.raises(BadSetting, match="LMTP_LISTEN"), listening(place):
            pass


@pytest.mark.once
def test_a_worker_takes_mail_until_it_is_stopped(
    place: Flask, settings: Settings, port: int, idea: Idea, vera: Member
) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "STORAGE_DIR": str(settings.storage_dir),
        "DATABASE_URL": settings.database_url,
        "BASE_URL": settings.base_url,
        "REPLY_DOMAIN": DOMAIN,
        "MAIL_IN_AUTHSERV_ID": AUTHSERV_ID,
        "LMTP_LISTEN": f":{port}",
    }
    worker = subprocess.Popen([sys.executable, "-m", "ideas", "worker"], env=env, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_open(port), seconds=90)
        with talk(port) as one:
            raw = letter(to="x@example.org", sender=str(vera.email))
            assert [answer[:3] for answer in one.bring(raw, address_for(vera, idea))] == ["250"]
        worker.terminate()
        assert worker.wait(60) == 0
    finally:
        worker.kill()
        worker.wait(20)
    assert len(comments_on(idea)) == 1
    assert not is_open(port)


def is_open(port: int) -> bool:
    try:
        Talk(port).close()
    except OSError:
        return False
    return True


def wait_until(is_so: Callable[[], bool], *, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
