"""Pictures in a Markdown text: those that lie here are shown, of those elsewhere a link is made.

A picture from elsewhere would tell its server who reads the text, and when.
"""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from ideas.core.columns import PUBLIC_ALPHABET, PUBLIC_LENGTH

_IDENTIFIER = f"([{PUBLIC_ALPHABET}]{{{PUBLIC_LENGTH}}})"
#: Where a file lies, and behind the hash how large its picture is, so that the page needs no room for it later.
FILE_ADDRESS = re.compile(rf"/files/{_IDENTIFIER}(?:#([1-9][0-9]{{0,4}})x([1-9][0-9]{{0,4}}))?")
#: The picture in a size for reading.
SMALL_ADDRESS = re.compile(rf"/files/{_IDENTIFIER}/small")
#: Marks tokens that were made here.
_OWN = "own"


def address_of(public_id: str, *, measures: tuple[int, int] | None = None) -> str:
    """Return where a file lies, as texts say it. `measures`: width and height of a picture."""
    return f"/files/{public_id}" + (f"#{measures[0]}x{measures[1]}" if measures else "")


def find_pictures_with(parser: MarkdownIt) -> MarkdownIt:
    """Let the parser show the pictures of a text that lie here, each leading to the whole of it, and no others."""
    parser.core.ruler.push("pictures", _find_pictures)
    return parser


def is_own(token: Token) -> bool:
    """Tell whether a link was made here, to the whole of a picture."""
    return _OWN in token.meta


def _find_pictures(state: StateCore) -> None:
    for token in state.tokens:
        if token.children and any(piece.type == "image" for piece in token.children):
            token.children = list(_drawn(token.children))


def _drawn(pieces: Sequence[Token]) -> Iterator[Token]:
    links = 0
    for piece in pieces:
        links += {"link_open": 1, "link_close": -1}.get(piece.type, 0)
        if piece.type == "image":
            yield from _picture(piece, is_linked=links > 0)
        else:
            yield piece


def _picture(piece: Token, *, is_linked: bool) -> Iterator[Token]:
    """Yield what stands for one picture: itself within a link to the whole, or its words within a link to it."""
    address = str(piece.attrGet("src") or "")
    own = FILE_ADDRESS.fullmatch(address)
    words = _words(piece.children or ())
    if own:
        inner = Token("own_picture", "img", 0, attrs=_attributes(own, words))
    else:
        inner = Token("text", "", 0, content=words or address)
    # A link without words would be nothing to who hears the page.
    if is_linked or not address or not words:
        yield inner
        return
    meta = {_OWN: True} if own else {}
    yield Token("link_open", "a", 1, attrs={"href": address.partition("#")[0] if own else address}, meta=meta)
    yield inner
    yield Token("link_close", "a", -1)


def _attributes(own: re.Match[str], words: str) -> dict[str, str | int | float]:
    found: dict[str, str | int | float] = {"src": f"/files/{own[1]}/small", "alt": words}
    if own[2] and own[3]:
        found.update(width=own[2], height=own[3])
    return {**found, "loading": "lazy"}


def _words(pieces: Sequence[Token]) -> str:
    """Return the words of a picture without any mark-up; what stands in place of a line's end is a space."""
    words = (
        " " if piece.type in {"softbreak", "hardbreak"} else piece.content or _words(piece.children or ())
        for piece in pieces
    )
    return "".join(words).strip()
