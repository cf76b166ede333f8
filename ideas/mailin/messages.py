"""Reading one raw message: bounded before it is parsed, and no header believed more than it says.

Who sent it is judged in `trust`, what of it is new in `replies`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from hashlib import sha256

from ideas.core.text import BIDI
from ideas.mailin.plain import text_of_html, unflow

#: A reply is words; what is larger carries files, or is no reply.
MOST_BYTES = 1_000_000
#: Parts cost more than bytes do: each one is looked for in all the others.
MOST_PARTS = 60
MOST_HEADERS = 300
#: What is read of one part; the longest comment has 8,000 characters.
MOST_TEXT = 200_000
#: Longer values of headers are not looked at.
MOST_VALUE = 10_000
_BOUNDARY = re.compile(rb"boundary", re.IGNORECASE)
#: Of a header about content, with the lines that go on with it.
MOST_CONTENT_HEADER = 1_000
_CONTENT_HEADER = re.compile(rb"(?:^|[\r\n])content-[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*", re.IGNORECASE)
_WHERE_TO = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
_MARKS_OF_MACHINES = frozenset({"x-auto-response-suppress", "x-autoreply", "x-autorespond", "x-autorespond-from"})
_PRECEDENCE_OF_MACHINES = frozenset({"bulk", "junk", "list", "auto_reply"})


#: What the standard library raises where a header was made for it to stumble over.
STUMBLES = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


class Unreadable(Exception):
    """Nobody can make anything of this message, neither now nor later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A message that has been read."""

    #: All headers in their order, names in lower case, values as they came but on one line.
    headers: Sequence[tuple[str, str]]
    #: What the text says, with all that it quotes; of mails in HTML only, their words.
    text: str
    #: Files that came with it, pictures in the text not counted.
    attachment_count: int
    #: Stands for the message, however often and by whatever way it comes.
    mark: str
    #: The parsed message, for those who read a header closely.
    parsed: EmailMessage

    def values(self, name: str) -> list[str]:
        """Return all values of a header, in their order; empty where there is none."""
        return [value for header, value in self.headers if header == name]

    @property
    def is_by_machine(self) -> bool:
        """Whether a program has sent it by itself: an absence, a list, a report that something did not arrive."""
        return any(_tells_of_machine(name, value) for name, value in self.headers)

    @property
    def recipients(self) -> str:
        """Whom it was sent to, in one text: first what mail servers say, then what the sender wrote."""
        return " ".join(value for name in _WHERE_TO for value in self.values(name))


def read(raw: bytes) -> Incoming:
    """Return what a raw message says. Raises Unreadable where it is too large, or made to be hard to read."""
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"the message has more than {MOST_BYTES} bytes")
    if len(_BOUNDARY.findall(raw)) > MOST_PARTS:
        raise Unreadable(f"the message has more than {MOST_PARTS} parts")
    # The library reads what these say in a time that grows with the square of their length.
    if any(len(found[0]) > MOST_CONTENT_HEADER for found in _CONTENT_HEADER.finditer(raw)):
        raise Unreadable(f"a header about content has more than {MOST_CONTENT_HEADER} bytes")
    try:
        return _read(raw)
    except STUMBLES as error:
        raise Unreadable("the message cannot be read") from error


def _read(raw: bytes) -> Incoming:
    parsed = message_from_bytes(raw, policy=policy.SMTP)
    parts = list(parsed.walk())
    if len(parts) > MOST_PARTS or len(parsed.keys()) > MOST_HEADERS:
        raise Unreadable("the message has too many parts or headers")
    headers = [(name.lower(), _one_line(str(value))) for name, value in parsed.raw_items()]
    text = _text(parsed)
    return Incoming(
        headers=headers,
        text=text,
        attachment_count=sum(part.get_content_disposition() == "attachment" for part in parts),
        mark=_mark(headers, text),
        parsed=parsed,
    )


def _one_line(value: str) -> str:
    return re.sub(r"\r?\n[ \t]", " ", value)[:MOST_VALUE].strip()


def _text(parsed: EmailMessage) -> str:
    plain, html = parsed.get_body(preferencelist=("plain",)), parsed.get_body(preferencelist=("html",))
    if plain is not None:
        words = _decoded(plain)
        if str(plain.get_param("format", "")).lower() == "flowed":
            words = unflow(words, deletes_space=str(plain.get_param("delsp", "")).lower() == "yes")
        # Some programs send an empty text beside the HTML that holds the words.
        if words.strip() or html is None:
            return _unified(words)
    return _unified(text_of_html(_decoded(html))) if html is not None else ""


def _decoded(part: MIMEPart) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    try:
        return content[:MOST_TEXT].decode(part.get_content_charset() or "utf-8", errors="replace")
    except (LookupError, UnicodeError):
        return content[:MOST_TEXT].decode("utf-8", errors="replace")


def _unified(words: str) -> str:
    return words.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").translate(BIDI)


def _mark(headers: Sequence[tuple[str, str]], text: str) -> str:
    named = [value for name, value in headers if name == "message-id" and value]
    # Without a name it is known by what it says and when; what servers on its way have added differs each time.
    written = [f"{name}:{value}" for name, value in headers if name in {"date", "from", "subject"}]
    return sha256("\n".join(named[:1] or [*written, text]).encode(errors="replace")).hexdigest()


def _tells_of_machine(name: str, value: str) -> bool:
    word = re.split(r"[\s;(]", value.lower(), maxsplit=1)[0]
    if name == "auto-submitted":
        return word != "no"
    if name == "precedence":
        return word in _PRECEDENCE_OF_MACHINES
    if name == "return-path":
        return value == "<>"
    if name == "content-type":
        return word.startswith("multipart/report")
    return name in _MARKS_OF_MACHINES or name.startswith("list-")
