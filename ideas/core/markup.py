"""Markdown to HTML that is safe to store and show. Nothing else in the program makes HTML from text.

Two sanitizers of different making run one after the other: what fools one must also fool the other.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import bleach
import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from ideas.core.naming import HANDLES, PEOPLE, find_people_with, is_person
from ideas.core.picturing import FILE_ADDRESS, SMALL_ADDRESS, find_pictures_with, is_own

TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "img",
}  # fmt: skip
ATTRIBUTES = {"a": ["href", "rel"], "ol": ["start"], "img": ["src", "alt", "width", "height", "loading"]}
SCHEMES = {"http", "https", "mailto"}
#: Search engines are not to follow what anybody may post, and pages opened get no handle on ours.
LINK_REL = "nofollow ugc noopener"
#: Deeper quotes and lists are not read by people, only by attackers of the parser.
MAX_NESTING = 12
#: A short text can ask for a table of a million empty cells: each row is filled up to the width of the head.
MAX_CELLS = 2_000
#: Headings of a text stand below the page's own two levels.
HEADING_SHIFT = 2


#: A picture as it is stored.
_PICTURE = re.compile(r'<img [^>]*?alt="([^"<>]*)"[^>]*>')


def _new_parser() -> MarkdownIt:
    options = {"html": False, "linkify": True, "breaks": True, "maxNesting": MAX_NESTING}
    parser = find_people_with(MarkdownIt("commonmark", options).enable(["strikethrough", "linkify"]))
    return find_pictures_with(parser).disable(["html_block", "html_inline"])


_parser = _new_parser().enable("table")
_parser_without_tables = _new_parser()


def render(markdown: str, *, people: Mapping[str, str] | None = None) -> str:
    """Return the HTML of a Markdown text: allowed tags only, links marked as not ours; empty for empty.

    `people`: where each @handle leads, by the handle in small letters. These links are ours and bear no mark, so
    that nobody can write one that passes for them. Other handles stay plain text.
    Pictures are those that lie here, of other places only links to them.
    Tables of more than MAX_CELLS cells in all stay the text they were written as.
    """
    tokens = _parse(markdown, {PEOPLE: people or {}})
    for token in _walk(tokens):
        _adapt(token)
    return sanitize(_parser.renderer.render(tokens, _parser.options, {}))


def handles_in(markdown: str) -> list[tuple[str, ...]]:
    """Return for each place in the text where somebody may be named by @ the handles that it may be, in order.

    In small letters, longest first: where a full stop or the like follows, it may belong to the handle.
    """
    if "@" not in markdown:
        return []
    env: dict[str, Any] = {}
    _parse(markdown, env)
    found: list[tuple[str, ...]] = env[HANDLES]
    return found


def files_in(markdown: str) -> list[str]:
    """Return which files that lie here a text speaks of, by the identifiers in their addresses; each once, in order."""
    if "/files/" not in markdown:
        return []
    spoken = (token.attrGet("href") or token.attrGet("src") or "" for token in _walk(_parse(markdown, {})))
    found = (FILE_ADDRESS.fullmatch(str(address)) or SMALL_ADDRESS.fullmatch(str(address)) for address in spoken)
    return list(dict.fromkeys(match[1] for match in found if match))


def sanitize(markup: str) -> str:
    """Return `markup` as both sanitizers let it pass. What it returns they pass unchanged."""
    for _ in range(4):
        cleaned = _second(_first(markup))
        if cleaned == markup:
            return cleaned
        markup = cleaned
    # Words alone, already escaped; escaping them once more would show signs that nobody wrote.
    return nh3.clean(markup, tags=set())


def absolute(markup: str, *, base: str) -> str:
    """Return HTML that was sanitised before with every address in it whole, as read from the page at `base`.

    For feeds and other places where nobody knows from where an address is to be read.
    """
    return nh3.clean(
        markup,
        tags=TAGS,
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=SCHEMES,
        link_rel=None,
        url_relative=("rewrite_with_base", base),
    )


def plain(markup: str) -> str:
    """Return the words of rendered HTML without any tag, for search, excerpts and mails."""
    spaced = markup.replace("</p>", "</p>\n").replace("<br>", "\n").replace("</li>", "</li>\n")
    # What a picture shows is said by its words.
    spaced = _PICTURE.sub(r"\1", spaced)
    return html.unescape(nh3.clean(spaced, tags=set())).strip()


def _first(markup: str) -> str:
    return bleach.clean(markup, tags=TAGS, attributes=_is_allowed, protocols=SCHEMES, strip=True)


def _is_allowed(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("img", "src"):
        return SMALL_ADDRESS.fullmatch(value) is not None
    return name in ATTRIBUTES.get(tag, ())


def _own_pictures_alone(tag: str, name: str, value: str) -> str | None:
    is_foreign = (tag, name) == ("img", "src") and not SMALL_ADDRESS.fullmatch(value)
    return None if is_foreign else value


def _second(markup: str) -> str:
    return nh3.clean(
        markup,
        tags=TAGS,
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        url_schemes=SCHEMES,
        link_rel=None,
        attribute_filter=_own_pictures_alone,
    )


def _parse(markdown: str, env: dict[str, Any]) -> list[Token]:
    tokens = _parser.parse(markdown, env)
    if sum(token.type in {"th_open", "td_open"} for token in tokens) > MAX_CELLS:
        return _parser_without_tables.parse(markdown, env)
    return tokens


def _walk(tokens: Sequence[Token]) -> list[Token]:
    found = []
    for token in tokens:
        found.append(token)
        found.extend(_walk(token.children or []))
    return found


def _adapt(token: Token) -> None:
    if token.type == "link_open" and not is_person(token) and not is_own(token):
        token.attrSet("rel", LINK_REL)
        token.attrs.pop("title", None)
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(int(token.tag[1]) + HEADING_SHIFT, 6)}"
    if token.type in {"th_open", "td_open", "fence", "code_block"}:
        token.attrs.clear()
        token.info = ""


def stored(markup: str) -> Markup:
    """Return HTML read from a column that only `render` writes, marked as ready for templates."""
    return Markup(markup)  # noqa: S704 - sanitised twice before it was stored


def joined(parts: Iterable[Markup]) -> Markup:
    """Return drawn parts one after the other."""
    return Markup("".join(parts))  # noqa: S704 - each of them is safe
