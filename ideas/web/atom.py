"""Feeds as Atom (RFC 4287) writes them: what a reader needs to be told, and the XML of it.

Written by the tree of the standard library, which escapes whatever stands in it; a library for feeds would bring
another one for XML, and knows no better what our entries are. What no XML may hold is taken out here.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

ATOM = "http://www.w3.org/2005/Atom"
MIMETYPE = "application/atom+xml"
#: What XML 1.0 has no way to say: control characters, halves of pairs, the two last signs of the first plane.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Under it, ids are worked out of what never changes of a thing. Changed, everything would be new to all readers.
_IDS = uuid.UUID("6f0b7c52-6d0c-4f0e-9f4e-2a0d6a1c8b35")
#: A feed without entries has never been updated, but has to say when.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. Addresses are whole, `content` is HTML from core.markup."""

    id: str
    title: str
    url: str
    published: datetime
    updated: datetime
    content: str
    #: Name of a person; None: the feed's own author, the place, says it.
    author: str | None = None
    #: What it is, for programs, and in words.
    categories: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed with its entries, newest first. Addresses are whole."""

    id: str
    title: str
    subtitle: str
    #: What the place is called.
    author: str
    language: str
    self_url: str
    page_url: str
    next_url: str | None
    entries: Sequence[Entry]

    @property
    def updated(self) -> datetime:
        """When an entry changed last."""
        return max((entry.updated for entry in self.entries), default=BEGINNING)


def id_of(*parts: str | int) -> str:
    """Return the id of what these parts name: a place, a thing in it. The same for the same parts, for ever."""
    return uuid.uuid5(_IDS, "/".join(map(str, parts))).urn


def draw(feed: Feed) -> bytes:
    """Return the feed as UTF-8 XML."""
    root = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": feed.language})
    _say(root, "id", feed.id)
    _say(root, "title", feed.title)
    if feed.subtitle:
        _say(root, "subtitle", feed.subtitle)
    _say(root, "updated", _moment(feed.updated))
    _link(root, "self", feed.self_url, MIMETYPE)
    _link(root, "alternate", feed.page_url, "text/html")
    if feed.next_url:
        _link(root, "next", feed.next_url, MIMETYPE)
    _author(root, feed.author)
    for entry in feed.entries:
        _entry(root, entry)
    drawn: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return drawn


def speakable(text: str) -> str:
    """Return a text without the signs that XML cannot hold."""
    return _UNSPEAKABLE.sub("", text)


def _entry(root: ElementTree.Element, entry: Entry) -> None:
    node = ElementTree.SubElement(root, "entry")
    _say(node, "id", entry.id)
    _say(node, "title", entry.title)
    _say(node, "published", _moment(entry.published))
    _say(node, "updated", _moment(entry.updated))
    _link(node, "alternate", entry.url, "text/html")
    if entry.author:
        _author(node, entry.author)
    for term, label in entry.categories:
        ElementTree.SubElement(node, "category", {"term": speakable(term), "label": speakable(label)})
    _say(node, "content", entry.content).set("type", "html")


def _say(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    node = ElementTree.SubElement(parent, name)
    node.text = speakable(text)
    return node


def _link(parent: ElementTree.Element, relation: str, url: str, kind: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": relation, "type": kind, "href": speakable(url)})


def _author(parent: ElementTree.Element, name: str) -> None:
    _say(ElementTree.SubElement(parent, "author"), "name", name)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
