"""A real mail server on this machine that does as tests tell it: takes mails, refuses them, is slow, or dies."""

import asyncio
import dataclasses
import email
import email.policy
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from flask import Flask

from ideas.core.mail import mail_config
from tests.servers.ports import free_port

OK = "250 OK"
#: Instead of an answer: hang up when the mail has been taken, without saying so.
HANG_UP = "hang up"
START_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Received:
    """A mail as it arrived."""

    sender: str
    to: str
    data: bytes
    was_encrypted: bool

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed; it has no defects."""
        found = email.message_from_bytes(self.data, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        assert not found.defects
        return found


class PostOffice:
    """The server: `answer_rcpt` and `answer_data` are its script."""

    def __init__(
        self,
        *,
        certificate: ssl.SSLContext | None = None,
        is_wrapped: bool = False,
        users: dict[str, str] | None = None,
    ) -> None:
        self.port = free_port()
        self.received: list[Received] = []
        #: Who has tried to sign in, right or wrong.
        self.logins: list[str] = []
        #: How often somebody has come in.
        self.visits = 0
        self._certificate, self._is_wrapped, self._users = certificate, is_wrapped, users
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._open: set[asyncio.BaseTransport] = set()
        self.behave()

    def behave(self) -> None:
        """Take everything from now on, at once."""
        self.answer_rcpt: Callable[[str], str] = lambda to: OK
        self.answer_data: Callable[[Received], str] = lambda mail: OK
        self.dies_in_data: Callable[[str], bool] = lambda to: False
        self.seconds = 0.0

    def reset(self) -> None:
        """Forget what has come and behave."""
        self.received.clear()
        self.logins.clear()
        self.visits = 0
        self.behave()

    @property
    def subjects(self) -> list[str]:
        """The subjects of what has come, in order."""
        return [str(one.message["Subject"]) for one in self.received]

    def start(self) -> None:
        """Listen; harmless where it does."""
        if self._thread is not None:
            return
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop, ready), daemon=True)
        self._thread.start()
        assert ready.wait(START_SECONDS)

    def stop(self) -> None:
        """Hang up everywhere and stop to listen; harmless where it does not."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_SECONDS)
        assert not self._thread.is_alive()
        self._thread = self._loop = None

    def _run(self, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
        asyncio.set_event_loop(loop)
        wrapped = self._certificate if self._is_wrapped else None
        server = loop.run_until_complete(
            loop.create_server(self._protocol, "127.0.0.1", self.port, ssl=wrapped, reuse_address=True)
        )
        loop.call_soon(ready.set)
        loop.run_forever()
        server.close()
        loop.run_until_complete(_end_all(self._open))
        loop.run_until_complete(server.wait_closed())
        loop.close()

    def _protocol(self) -> SMTP:
        starttls = None if self._is_wrapped else self._certificate
        return _Desk(self, starttls=starttls, users=self._users)


class _Desk(SMTP):
    """One conversation."""

    def __init__(self, office: PostOffice, *, starttls: ssl.SSLContext | None, users: dict[str, str] | None) -> None:
        self._office, self._users = office, users or {}
        with warnings.catch_warnings():
            # The library warns of servers that take passwords in clear; such a one is wanted here.
            warnings.simplefilter("ignore")
            super().__init__(
                self,
                hostname="post.test",
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=users is not None,
                auth_require_tls=starttls is not None,
                authenticator=self._who,
            )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._office.visits += 1
        self._office._open.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._office._open.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the library's name
        if self.envelope is not None and self._office.dies_in_data(self.envelope.rcpt_tos[0]):
            await self.push("354 Go on")
            self.transport.abort()  # type: ignore[union-attr]
            return
        await super().smtp_DATA(arg)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        answer = self._office.answer_rcpt(address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        await asyncio.sleep(self._office.seconds)
        content = envelope.content
        assert isinstance(content, bytes)
        (to,) = envelope.rcpt_tos
        is_encrypted = self.transport is not None and self.transport.get_extra_info("ssl_object") is not None
        mail = Received(str(envelope.mail_from), to, content, is_encrypted)
        answer = self._office.answer_data(mail)
        if answer in {OK, HANG_UP}:
            self._office.received.append(mail)
        if answer == HANG_UP:
            self.transport.abort()  # type: ignore[union-attr]
        return answer

    def _who(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        name = data.login.decode()
        self._office.logins.append(name)
        return AuthResult(success=self._users.get(name) == data.password.decode(), handled=False)


async def _end_all(transports: set[asyncio.BaseTransport]) -> None:
    for transport in list(transports):
        transport.abort()  # type: ignore[attr-defined]
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def send_through(office: PostOffice, app: Flask, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the application send to the server, without encryption; `changes`: to its settings."""
    changes = {"mail_url": f"smtp://127.0.0.1:{office.port}", **changes}
    settings = dataclasses.replace(app.extensions["settings"], **changes)
    monkeypatch.setitem(app.extensions, "settings", settings)
    for name, value in mail_config(settings).items():
        monkeypatch.setattr(app.extensions["mailman"], name.removeprefix("MAIL_").lower(), value)


@contextmanager
def running(office: PostOffice) -> Iterator[PostOffice]:
    """Let the server listen inside the block."""
    office.start()
    try:
        yield office
    finally:
        office.stop()
