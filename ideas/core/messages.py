"""What a mail looks like before it is handed over: headers that nobody can add to, texts that can be written down.

Knows nothing of queues and servers.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.charset import QP, Charset
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_mailman import EmailMultiAlternatives

from ideas.core import clock

#: Longer subjects are cut; mail programs show less.
SUBJECT_MOST = 250
#: A mail names at most so many earlier ones; the first is always among them.
REFERENCES_MOST = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MESSAGE_ID = re.compile(r"<[^\s<>]+@[^\s<>]+>")
#: Written here and nowhere else.
_OWN_HEADERS = frozenset(
    {"from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"}
    | {"return-path", "mime-version"}
)

#: Letters beyond ASCII are written so that no server on the way has to write them anew and break a signature.
_LETTERS = Charset("utf-8")
_LETTERS.body_encoding = QP


#: What servers must take (RFC 5322). Shorter lines are folded where a header has a space, and that of an address to
#: unsubscribe would then begin with an empty line, which not everybody reads.
_LINE_MOST = 990


class Letter(EmailMultiAlternatives):
    """A message whose headers stand on one line each, as far as servers take them."""

    def message(self) -> Any:
        """Return the message as it is handed over."""
        written = super().message()
        written.policy = written.policy.clone(max_line_length=_LINE_MOST)
        return written


class Unsendable(ValueError):
    """No server would take a mail like this, however often it is tried."""


def payload_of(
    *,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    headers: Mapping[str, str] | None = None,
    reply_to: str | None = None,
    message_id: str | None = None,
    references: Sequence[str] = (),
    expires_at: datetime | None = None,
    asked_for: bool = False,
    sender_name: str = "",
) -> dict[str, Any]:
    """Return one mail as `mail.send` reads it, cleaned: what a person typed can add no header.

    `asked_for`: the receiver has just asked for it; it is tried although their address was refused before.
    `expires_at`: from then on it is dropped instead of sent. `message_id`: see `message_id_of`; None: a name made of
    what the mail says. `references`: the names of earlier mails of the conversation, the first one first.
    `sender_name`: shown beside the site's own address, such as the name of the place.
    Raises ValueError for headers that are not the caller's to write.
    """
    payload: dict[str, Any] = {
        "to": to,
        "subject": one_line(subject)[:SUBJECT_MOST],
        "text": body(text),
        "html": body(html) if html else None,
        "headers": _headers(headers or {}),
        "reply_to": reply_to,
        "references": [name for name in references if _MESSAGE_ID.fullmatch(name)],
        "expires_at": expires_at.isoformat() if expires_at else None,
        "asked_for": asked_for,
        "sender_name": one_line(sender_name),
    }
    said = json.dumps(payload, sort_keys=True)
    return {**payload, "message_id": message_id or message_id_of(said)}


def compose(payload: Mapping[str, Any]) -> EmailMultiAlternatives:
    """Return the message of a payload. Raises Unsendable where an address in it is none."""
    message = Letter(
        one_line(payload["subject"]), body(payload["text"]), _sender(payload), to=[require_address(payload["to"])]
    )
    message.encoding = _LETTERS
    if payload.get("reply_to"):
        message.reply_to = [require_address(payload["reply_to"])]
    if payload.get("html"):
        message.attach_alternative(body(payload["html"]), "text/html")
    message.extra_headers.update(_headers(payload.get("headers") or {}))
    message.extra_headers["Date"] = format_datetime(clock.now())
    message.extra_headers["Message-ID"] = _message_id(payload)
    references = _kept(payload.get("references") or ())
    if references:
        message.extra_headers["In-Reply-To"] = references[-1]
        message.extra_headers["References"] = " ".join(references)
    message.extra_headers.setdefault("Auto-Submitted", "auto-generated")
    return message


def message_id_of(key: str) -> str:
    """Return the Message-ID of the mail with this key: always the same, so that a second copy is known as one."""
    return f"<{hashlib.sha256(key.encode(errors='replace')).hexdigest()[:40]}@{mail_domain()}>"


def mail_domain(base_url: str | None = None) -> str:
    """Return the host of the site as mails write it."""
    host = urlsplit(base_url or current_app.extensions["settings"].base_url).hostname or "localhost"
    return f"[IPv6:{host}]" if ":" in host else host


def one_line(text: str) -> str:
    """Return `text` without line ends and control characters, so that a name can't add a header."""
    return " ".join(_CONTROL.sub(" ", text).split())


def body(text: str) -> str:
    """Return `text` without the characters that cannot be written into a mail."""
    return _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def require_address(text: str) -> str:
    """Return the address. Raises Unsendable where it is none, or more than one."""
    try:
        address = Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError):
        raise Unsendable("this is no mail address") from None
    if _CONTROL.search(text) or not address.username or not address.domain or address.addr_spec != text:
        raise Unsendable("this is no mail address")
    return text


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name in headers:
        if not _HEADER.fullmatch(name) or name.lower() in _OWN_HEADERS or name.lower().startswith("content-"):
            raise ValueError(f"the header {name!r} is not the caller's to write")
    return {name: one_line(str(value)) for name, value in headers.items()}


def _sender(payload: Mapping[str, Any]) -> str:
    """Return whom the mail is from; the name that whoever runs the place has set goes before the place's own."""
    name, address = parseaddr(current_app.extensions["mailman"].default_sender)
    return formataddr((name or one_line(payload.get("sender_name") or ""), address))


def _message_id(payload: Mapping[str, Any]) -> str:
    given = str(payload.get("message_id") or "")
    return given if _MESSAGE_ID.fullmatch(given) else message_id_of(given or json.dumps(dict(payload), sort_keys=True))


def _kept(references: Sequence[str]) -> list[str]:
    names = [name for name in references if _MESSAGE_ID.fullmatch(name)]
    return names if len(names) <= REFERENCES_MOST else [names[0], *names[1 - REFERENCES_MOST :]]
