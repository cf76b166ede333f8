"""Mail: queued with the change, sent by the worker through MAIL_URL."""

import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from flask import Flask, current_app
from flask_mailman import EmailMultiAlternatives, Mail
from flask_mailman.backends.base import BaseEmailBackend

from ideas.core import clock, outbox
from ideas.core.columns import new_public_id
from ideas.core.db import session, transaction
from ideas.core.mail_counts import Outcome, count_mail
from ideas.core.messages import Unsendable, compose, mail_domain, message_id_of, one_line, payload_of
from ideas.core.outbox import GiveUp
from ideas.core.sending import JOB, deliver, lane_of
from ideas.core.settings import Settings, is_this_machine, make_folder
from ideas.core.smtp import MailServer

#: What others ask of mails, with what is made in core.messages.
__all__ = [
    "JOB",
    "drop_files",
    "forget_files",
    "init_mail",
    "lane_of",
    "mail_config",
    "message_id_of",
    "one_line",
    "payload_of",
    "queue_mail",
    "send",
]

#: How the files of messages end; mail programs open them.
MESSAGE_SUFFIX = ".eml"

log = structlog.get_logger()


class MessageFiles(BaseEmailBackend):
    """Writes each message into a file of its own instead of sending it."""

    def send_messages(self, messages: Sequence[EmailMultiAlternatives]) -> int:
        """Write the messages; return how many. A file is put in place whole, so that nobody reads half of one."""
        folder = Path(self.mailman.file_path)
        for message in messages:
            name = f"{clock.now():%Y%m%d-%H%M%S}-{new_public_id()}"
            unfinished = folder / f".{name}"
            unfinished.write_bytes(message.message().as_bytes())
            unfinished.rename(folder / f"{name}{MESSAGE_SUFFIX}")
        return len(messages)


def init_mail(app: Flask, settings: Settings) -> None:
    """Configure the mail library from the settings; a folder as target is made where it is absent."""
    app.config.update(mail_config(settings))
    Mail(app)


def mail_config(settings: Settings) -> dict[str, Any]:
    """Return Flask-Mailman's configuration for MAIL_URL."""
    parts = urlsplit(settings.mail_url)
    sender = settings.mail_from or f"ideas@{mail_domain(settings.base_url)}"
    if parts.scheme == "file":
        make_folder("MAIL_URL", Path(parts.path))
        return {"MAIL_DEFAULT_SENDER": sender, "MAIL_BACKEND": MessageFiles, "MAIL_FILE_PATH": parts.path}
    encrypted = parts.scheme == "smtps"
    # What is said to this machine itself passes no wire.
    in_clear = parts.query == "tls=no" or (is_this_machine(parts.hostname) and not parts.username)
    return {
        "MAIL_DEFAULT_SENDER": sender,
        "MAIL_BACKEND": MailServer,
        "MAIL_SERVER": parts.hostname,
        "MAIL_PORT": parts.port or (465 if encrypted else 587 if parts.username else 25),
        "MAIL_USERNAME": unquote(parts.username) if parts.username else None,
        "MAIL_PASSWORD": unquote(parts.password) if parts.password else None,
        "MAIL_USE_SSL": encrypted,
        "MAIL_USE_TLS": not encrypted and not in_clear,
    }


def queue_mail(
    *,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
    reply_to: str | None = None,
    message_id: str | None = None,
    references: Sequence[str] = (),
    expires_at: datetime | None = None,
    asked_for: bool = False,
    sender_name: str = "",
) -> None:
    """Queue one mail in the transaction under way. The same `key` is queued once, and names the message.

    What the other words mean: see `messages.payload_of`. Raises ValueError for headers that are not the caller's.
    """
    payload = payload_of(
        to=to,
        subject=subject,
        text=text,
        html=html,
        headers=headers,
        reply_to=reply_to,
        message_id=message_id or message_id_of(key or secrets.token_urlsafe(32)),
        references=references,
        expires_at=expires_at,
        asked_for=asked_for,
        sender_name=sender_name,
    )
    outbox.put(JOB, payload, key=key, lane=lane_of(to))


def forget_files(pattern: re.Pattern[str]) -> None:
    """Delete messages written into files in which `pattern` is found; nothing where mails go to a server."""
    for path in _message_files():
        with suppress(FileNotFoundError):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
            if pattern.search("\n".join([*map(str, message.values()), *texts])):
                path.unlink()


def drop_files(*, before: datetime) -> None:
    """Delete messages written into files earlier than `before`."""
    for path in _message_files():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                path.unlink()


def _message_files() -> list[Path]:
    configured = current_app.config.get("MAIL_FILE_PATH")
    return sorted(Path(configured).glob(f"*{MESSAGE_SUFFIX}")) if configured else []


def send(payload: Mapping[str, Any]) -> None:
    """Send one mail, queued or made by `payload_of`; what expired meanwhile is dropped, and counted.

    Raises GiveUp where it can never be sent, and TryLater where it may be: the job that sends it lets both through,
    has RETRIES of core.sending and is put in the lane of `lane_of`. Ends the transaction under way.
    """
    session().rollback()
    if is_expired(payload):
        with transaction():
            count_mail(Outcome.EXPIRED)
        log.info("mail_expired", message_id=payload.get("message_id"))
        return
    try:
        message = compose(payload)
        # Refuses what cannot be written before the file or the connection is opened that would stay behind.
        message.message()
    except (Unsendable, ValueError) as error:
        raise GiveUp("This mail cannot be written: it goes to no address, or a header in it is none.") from error
    deliver(message, to=payload["to"], asked_for=bool(payload.get("asked_for")))


def is_expired(payload: Mapping[str, Any]) -> bool:
    """Tell whether what the mail brings is worth nothing any more."""
    return bool(payload.get("expires_at")) and datetime.fromisoformat(payload["expires_at"]) <= clock.now()
