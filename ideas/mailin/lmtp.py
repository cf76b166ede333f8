"""The LMTP server: mail servers hand messages over here, and are answered for each recipient.

Nothing is acknowledged before it is written down, so what is cut off in between comes again and counts once. The
library answers a message with one line, but here every recipient is owed one (RFC 2033, 4.2).
"""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from ideas.core.db import db
from ideas.core.settings import BadSetting, Settings
from ideas.mailin import intake
from ideas.mailin.messages import MOST_BYTES, Unreadable

#: A connection that says nothing for so long is ended; so long a message may take.
IDLE_SECONDS = 60
MOST_CONNECTIONS = 20
MOST_RECIPIENTS = 20
MOST_COMMANDS = 200
#: Messages that are looked at together; more would wait for the database anyway.
WORKERS = 2
#: What is under way may go on for so long when the server is stopped.
STOP_SECONDS = 20

TAKEN = "250 2.0.0 Taken"
LATER = "451 4.3.0 Not now, bring it again"
NOBODY = "550 5.1.1 Nobody is answered at this address"
UNREADABLE = "554 5.6.0 This message cannot be read"
TOO_MANY_RECIPIENTS = "452 4.5.3 Too many recipients"
NAMED_ALREADY = "452 4.5.3 Named already"
TOO_MANY_CONNECTIONS = b"421 4.3.2 Too many connections\r\n"

log = structlog.get_logger()


class Conversation(LMTP):
    """One connection."""

    #: Some programs break no lines at all.
    line_length_limit = 65_536

    def __init__(self, door: "Door", **options: Any) -> None:
        super().__init__(door, **options)
        self._door = door
        self._is_turned_away = False
        #: How many answers the message under way is owed.
        self._owed = 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Talk with who comes, or turn them away where too many are here."""
        self._is_turned_away = self._door.connections >= MOST_CONNECTIONS
        if self._is_turned_away and isinstance(transport, asyncio.WriteTransport):
            transport.write(TOO_MANY_CONNECTIONS)
            transport.close()
            return
        self._door.connections += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Count who goes."""
        if not self._is_turned_away:
            self._door.connections -= 1
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """End with who has nothing more to say."""
        return False if self._is_turned_away else super().eof_received()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the library's name for it
        """Take a message; whatever is said of it is said once for each recipient."""
        recipients = len(self.envelope.rcpt_tos) if self.envelope is not None else 0
        try:
            self._owed = -recipients
            await super().smtp_DATA(arg)
        finally:
            self._owed = 1

    async def push(self, status: str | bytes) -> None:
        """Send an answer, as often as it is owed."""
        words = status.decode() if isinstance(status, bytes) else status
        if words.startswith("354"):
            # From here on each recipient waits for an answer; before it, the command alone does.
            self._owed = max(1, -self._owed)
        elif self._owed > 1 and "\r\n" not in words:
            words = "\r\n".join([words] * self._owed)
        await super().push(words)


class Door:
    """Answers what mail servers ask; the library calls its methods by their names."""

    def __init__(self, app: Flask) -> None:
        self.connections = 0
        #: Messages that are being written down.
        self.busy = 0
        self._app = app
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="lmtp")

    async def handle_RCPT(  # noqa: N802 - the library's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Say at once whether anybody is answered at an address."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY_RECIPIENTS
        # Small or large letters, it is the same address; the message would be read again for each.
        if address.lower() in map(str.lower, envelope.rcpt_tos):
            return NAMED_ALREADY
        answer = await self._apart(partial(intake.require_addressee, address), done="250 2.1.5 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the message for each recipient, one after the other, and answer for each."""
        raw = bytes(envelope.original_content or b"")
        sender = envelope.mail_from or ""
        self.busy += 1
        try:
            answers = [
                await self._apart(partial(intake.take, raw, recipients=[recipient], sender=sender), done=TAKEN)
                for recipient in envelope.rcpt_tos
            ]
        finally:
            self.busy -= 1
        return "\r\n".join(answers)

    async def handle_exception(self, error: Exception) -> str:
        """Have whatever went wrong tried again: a mail server gives up for good where it is told nothing else."""
        log.error("lmtp_failed", error=type(error).__name__)
        return LATER

    def close(self) -> None:
        """End the threads when they are done."""
        self._workers.shutdown(wait=True)

    async def _apart(self, act: Callable[[], object], *, done: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._workers, partial(self._answer, act, done))

    def _answer(self, act: Callable[[], object], done: str) -> str:
        with self._app.app_context():
            try:
                act()
            except intake.NoSuchAddress:
                return NOBODY
            except Unreadable:
                return UNREADABLE
            except intake.TryLater:
                return LATER
            except Exception as error:  # what is not answered is lost, so here anything is survived
                log.exception("mail_failed", error=type(error).__name__)
                return LATER
            finally:
                db.session.remove()
        return done


class Server(Controller):
    """Listens in a thread of its own, from `start()` to `close()`."""

    def __init__(self, app: Flask, *, host: str, port: int) -> None:
        self.door = Door(app)
        super().__init__(
            self.door,
            hostname=host,
            port=port,
            server_hostname=app.extensions["settings"].host,
            data_size_limit=MOST_BYTES,
            timeout=IDLE_SECONDS,
            command_call_limit=MOST_COMMANDS,
            ident="LMTP",
        )

    def factory(self) -> Conversation:
        """Return the other end of one connection."""
        return Conversation(self.door, **self.SMTP_kwargs)

    def start(self) -> None:
        """Listen. Raises OSError where nobody can listen there."""
        try:
            # Tried first: where it fails, the library would wait for what does not come.
            family = socket.AF_INET6 if ":" in self.hostname else socket.AF_INET
            socket.create_server((self.hostname, self.port), family=family).close()
            super().start()
        except OSError:
            self._thread = None
            self.loop.close()
            self.door.close()
            raise

    def close(self) -> None:
        """Take no more connections, let what is under way end, then stop. Again is harmless."""
        if self._thread is None:
            return
        if self.server is not None:
            self.loop.call_soon_threadsafe(self.server.close)
        end = time.monotonic() + STOP_SECONDS
        while self.door.busy and time.monotonic() < end:
            time.sleep(0.05)
        self.stop(no_assert=True)
        self.door.close()


@contextmanager
def listening(app: Flask) -> Iterator[None]:
    """Take mail while the block runs, where LMTP_LISTEN says so. Raises BadSetting where nobody can listen there."""
    settings: Settings = app.extensions["settings"]
    if settings.lmtp_listen is None:
        yield
        return
    host, port = settings.lmtp_listen
    server = Server(app, host=host, port=port)
    try:
        server.start()
    except OSError as error:
        raise BadSetting("LMTP_LISTEN", f"nobody can listen at {host}, port {port}: {error.strerror}") from None
    try:
        yield
    finally:
        server.close()
