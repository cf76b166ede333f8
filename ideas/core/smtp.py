"""Handing one mail over to the mail server: encrypted, verified, and never for longer than a worker may hold a row.

Knows nothing of queues; what the server's answers mean for a mail stands in core.answers.
"""

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from typing import Any

from flask import current_app
from flask_mailman import EmailMultiAlternatives
from flask_mailman.backends.base import BaseEmailBackend
from flask_mailman.message import sanitize_address

from ideas.core.messages import mail_domain

#: To reach the server.
CONNECT_SECONDS = 15
#: For each answer: servers that look for spam while they are asked take half a minute.
ANSWER_SECONDS = 60
#: For a whole mail, once connected. With that the lease of a row is longer, so that nobody sends the same mail too.
TOTAL_SECONDS = 80
#: For taking leave, when the mail is sent already.
LEAVE_SECONDS = 5


class Unreachable(smtplib.SMTPException):
    """No conversation with the server has begun; its cause says why. No other mail would fare better now."""


class NotEncrypted(smtplib.SMTPException):
    """The server offers no encryption, and nothing is said in clear."""


class _Plain(smtplib.SMTP):
    """A connection that is cut when it takes too long altogether, however slowly the other side drips."""

    _watch: threading.Timer | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        found.settimeout(ANSWER_SECONDS)
        self._watch = threading.Timer(TOTAL_SECONDS, self._cut)
        self._watch.daemon = True
        self._watch.start()
        return found

    def _cut(self) -> None:
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

    def close(self) -> None:
        """Close it and stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        super().close()


class _Encrypted(_Plain, smtplib.SMTP_SSL):
    """The same, encrypted from the first word on."""


class MailServer(BaseEmailBackend):
    """Hands mails over to the server of MAIL_URL, each in a connection of its own."""

    def send_messages(self, messages: Sequence[EmailMultiAlternatives]) -> int:
        """Hand the mails over; return how many. Raises OSError or SMTPException where one was not taken."""
        for message in messages:
            (to,) = (sanitize_address(address, "utf-8") for address in message.recipients())
            sender = sanitize_address(parseaddr(message.from_email)[1], "utf-8")
            data = message.message().as_bytes(linesep="\r\n")
            with connected(self.mailman) as server:
                _hand_over(server, sender=sender, to=to, data=data)
        return len(messages)


@contextmanager
def connected(config: Any) -> Iterator[smtplib.SMTP]:
    """Give a connection that was encrypted and signed in as MAIL_URL says. Raises Unreachable where there is none."""
    server = _greet(config)
    try:
        yield server
    finally:
        _leave(server)


def _greet(config: Any) -> smtplib.SMTP:
    server = None
    try:
        server = _open(config)
        if config.use_tls:
            _encrypt(server)
        if config.username:
            server.login(config.username, config.password)
        server.ehlo_or_helo_if_needed()
    except (OSError, UnicodeError) as error:
        if server is not None:
            _leave(server)
        raise Unreachable from error
    return server


def _open(config: Any) -> smtplib.SMTP:
    own_name = mail_domain()
    if config.use_ssl:
        return _Encrypted(config.server, config.port, own_name, timeout=CONNECT_SECONDS, context=_context())
    return _Plain(config.server, config.port, own_name, timeout=CONNECT_SECONDS)


def _context() -> ssl.SSLContext:
    """Return what certificates are held against: the authorities of CA_FILE, or those of the system."""
    return ssl.create_default_context(cafile=current_app.extensions["settings"].ca_file)


def _encrypt(server: smtplib.SMTP) -> None:
    server.ehlo_or_helo_if_needed()
    if not server.has_extn("starttls"):
        raise NotEncrypted("the server offers no encryption (STARTTLS)")
    code, answer = server.starttls(context=_context())
    if code != 220:
        raise smtplib.SMTPConnectError(code, answer)


def _hand_over(server: smtplib.SMTP, *, sender: str, to: str, data: bytes) -> None:
    """Say from whom, to whom and what. When the server has taken the data, nothing that happens after matters."""
    size = [f"size={len(data)}"] if server.has_extn("size") else []
    _expect(server.mail(sender, size), lambda code, answer: smtplib.SMTPSenderRefused(code, answer, sender))
    _expect(server.rcpt(to), lambda code, answer: smtplib.SMTPRecipientsRefused({to: (code, answer)}))
    _expect(server.data(data), smtplib.SMTPDataError)


def _expect(reply: tuple[int, bytes], refusal: Callable[[int, bytes], Exception]) -> None:
    code, answer = reply
    if not 200 <= code < 300:
        raise refusal(code, answer)


def _leave(server: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        if server.sock is not None:
            server.sock.settimeout(LEAVE_SECONDS)
            server.quit()
    server.close()
