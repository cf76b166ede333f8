"""Mail: queued with the change, sent by the worker through MAIL_URL."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app
from flask_mailman import EmailMultiAlternatives, Mail
from flask_mailman.backends.base import BaseEmailBackend

from ideas.core import clock, outbox
from ideas.core.columns import new_public_id
from ideas.core.settings import Settings, make_folder

JOB = "mail.send"
TIMEOUT_SECONDS = 15
#: How the files of messages end; mail programs open them.
MESSAGE_SUFFIX = ".eml"


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
    host = urlsplit(settings.base_url).hostname or ""
    host = f"[IPv6:{host}]" if ":" in host else host
    common = {"MAIL_DEFAULT_SENDER": f"ideas@{host}", "MAIL_TIMEOUT": TIMEOUT_SECONDS}
    if parts.scheme == "file":
        make_folder("MAIL_URL", Path(parts.path))
        return {**common, "MAIL_BACKEND": MessageFiles, "MAIL_FILE_PATH": parts.path}
    encrypted = parts.scheme == "smtps"
    return {
        **common,
        "MAIL_BACKEND": "smtp",
        "MAIL_SERVER": parts.hostname,
        "MAIL_PORT": parts.port or (465 if encrypted else 587 if parts.username else 25),
        "MAIL_USERNAME": unquote(parts.username) if parts.username else None,
        "MAIL_PASSWORD": unquote(parts.password) if parts.password else None,
        "MAIL_USE_SSL": encrypted,
        "MAIL_USE_TLS": not encrypted and parts.username is not None,
    }


def queue_mail(*, to: str, subject: str, text: str, html: str | None = None, key: str | None = None) -> None:
    """Queue one mail in the transaction under way. The same `key` is queued once."""
    payload = {"to": to, "subject": one_line(subject), "text": text, "html": html}
    outbox.put(JOB, payload, key=key)


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
    """Send one queued mail. Raises what the mail server answers; the outbox tries again."""
    message = EmailMultiAlternatives(payload["subject"], payload["text"], to=[payload["to"]])
    message.extra_headers["Auto-Submitted"] = "auto-generated"
    if payload.get("html"):
        message.attach_alternative(payload["html"], "text/html")
    # Refuses a header with a line end before the file or the connection is opened that would stay behind.
    message.message()
    message.send()


def one_line(text: str) -> str:
    """Return `text` without line ends, so that a name can't add a header."""
    return " ".join(text.split())
