"""What RFC 4287 and the feed validator of the W3C ask of a feed, told one by one: for tests of feeds."""

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: RFC 3339, as Atom narrows it: with T, and Z in capitals.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ONCE = ("id", "title", "updated")
IN_FEED = {"id", "title", "subtitle", "updated", "link", "author", "entry"}
IN_ENTRY = {"id", "title", "published", "updated", "link", "author", "category", "content"}
WITHOUT_END = {"br", "hr"}


class Content(HTMLParser):
    """Collects what is wrong with HTML that is read far from its page."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in WITHOUT_END:
            self.open.append(tag)
        if tag in {"script", "style", "iframe", "img", "object", "form", "meta"}:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "src"}:
                self.wrong.append(f"{name} of <{tag}>")
            if name == "href" and not is_whole(value or ""):
                self.wrong.append(f"link to {value}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")


def is_whole(address: str) -> bool:
    """Tell whether an address can be read from anywhere."""
    parts = urlsplit(address)
    return bool(parts.netloc) if parts.scheme in {"http", "https"} else parts.scheme == "mailto"


def parse(body: bytes) -> ElementTree.Element:
    """Return the root of a feed. Fails where it is no XML."""
    return ElementTree.fromstring(body)


def broken_rules(body: bytes) -> list[str]:
    """Return in words what is wrong with a feed; empty for a good one."""
    root = parse(body)
    wrong = [] if body.startswith(b"<?xml") else ["no declaration"]
    if root.tag != f"{ATOM}feed":
        return [*wrong, f"the root is {root.tag}"]
    wrong += [] if root.get(XML_LANG) else ["no language"]
    wrong += _of_element(root, IN_FEED)
    own = [link for link in root.iterfind(f"{ATOM}link") if link.get("rel") == "self"]
    wrong += [] if len(own) == 1 else [f"{len(own)} links to itself"]
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        wrong += _of_element(entry, IN_ENTRY) + _of_content(entry)
    if root.find(f"{ATOM}author") is None and any(entry.find(f"{ATOM}author") is None for entry in entries):
        wrong.append("an entry has no author")
    ids = Counter(str(node.text) for node in root.iter(f"{ATOM}id"))
    wrong += [f"{one} is there {count} times" for one, count in ids.items() if count > 1]
    moments = [text_of(entry, "updated") for entry in entries]
    if moments and text_of(root, "updated") != max(moments):
        wrong.append("the feed is not as new as its newest entry")
    return wrong


def _of_element(node: ElementTree.Element, known: set[str]) -> list[str]:
    names = Counter(child.tag.removeprefix(ATOM) for child in node)
    wrong = [f"{names[name]} times {name}" for name in ONCE if names[name] != 1]
    wrong += [f"{name} is unknown here" for name in names if name not in known]
    wrong += [f"{name} is empty" for name in ("id", "title") if not text_of(node, name).strip()]
    for name in ("updated", "published"):
        for moment in node.iterfind(f"{ATOM}{name}"):
            wrong += [] if MOMENT.fullmatch(moment.text or "") else [f"{moment.text} is no moment"]
    if not re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|tag:\S+", text_of(node, "id")):
        wrong.append(f"{text_of(node, 'id')} is no id for ever")
    for link in node.iterfind(f"{ATOM}link"):
        wrong += [] if is_whole(link.get("href", "")) else [f"{link.get('href')} is not whole"]
    pairs = Counter((link.get("rel"), link.get("type")) for link in node.iterfind(f"{ATOM}link"))
    wrong += [f"{count} links of one kind" for count in pairs.values() if count > 1]
    for author in node.iterfind(f"{ATOM}author"):
        name = text_of(author, "name")
        wrong += [] if name.strip() else ["an author without a name"]
        wrong += ["an author has more than a name"] if len(author) != 1 or "@" in name else []
    return wrong


def _of_content(entry: ElementTree.Element) -> list[str]:
    content = entry.find(f"{ATOM}content")
    if content is None or content.get("type") != "html" or len(content):
        return ["no HTML as content"]
    reader = Content()
    reader.feed(content.text or "")
    reader.close()
    return reader.wrong + ([f"{reader.open} is not closed"] if reader.open else [])


def text_of(node: ElementTree.Element, name: str) -> str:
    """Return the text of a child; empty where there is none."""
    return node.findtext(f"{ATOM}{name}") or ""


def entries_of(answer: Any) -> list[ElementTree.Element]:
    """Return the entries of an answer, in their order."""
    return parse(answer.data).findall(f"{ATOM}entry")


def titles_of(answer: Any) -> list[str]:
    """Return the titles of the entries of an answer, in their order."""
    return [text_of(entry, "title") for entry in entries_of(answer)]


def link_of(node: ElementTree.Element, relation: str) -> str | None:
    """Return where the link of this kind leads; None where there is none."""
    found = (link.get("href") for link in node.iterfind(f"{ATOM}link") if link.get("rel") == relation)
    return next(found, None)
