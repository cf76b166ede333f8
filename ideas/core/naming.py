"""People named in a Markdown text: @ and a handle. Where handles lead is for others to say."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

#: What the rule is told, and what it finds, by these names in the parser's environment.
PEOPLE, HANDLES = "people", "handles"
#: @ and a handle. What stands before says that it is part of something else: of a mail address, of the address of a
#: page, of a formula.
_NAMED = re.compile(r"(?<![\w@/\\.+\-=&#%~$])@([A-Za-z0-9][A-Za-z0-9_.-]*+)(?![\w@])")
#: May end a handle, but more often ends a sentence.
_ENDING = "._-"
#: No handle is longer; what is only looks like one.
_LONGEST = 64
#: Marks, and signs that draw nothing: with one of these beside it a handle is not the one it looks like.
_UNCLEAR = {"Mn", "Mc", "Me", "Cf"}


def find_people_with(parser: MarkdownIt) -> MarkdownIt:
    """Let the parser put links around those named in a text who are in its environment under PEOPLE.

    It leaves there under HANDLES, in their order, for each place where somebody may be named the handles that it may
    be: in small letters, longest first, as a full stop that ends a sentence may also end a handle. Code, links,
    addresses and what was escaped name nobody.
    """
    # Addresses are links by then, and what was escaped is still told apart from the text around it.
    parser.core.ruler.before("text_join", "people", _find_people)
    return parser


def is_person(token: Token) -> bool:
    """Tell whether a link was made here."""
    return PEOPLE in token.meta


@dataclass(frozen=True, slots=True)
class _Named:
    """Where in a piece of text somebody is named, and how the handle may go, longest first."""

    start: int
    handles: tuple[str, ...]


def _find_people(state: StateCore) -> None:
    handles: list[tuple[str, ...]] = []
    people: Mapping[str, str] = state.env.get(PEOPLE, {})
    for token in state.tokens:
        if token.type == "inline" and token.children and "@" in token.content:
            named = _named(token.children)
            handles += [one.handles for index in sorted(named) for one in named[index]]
            token.children = list(_with_links(token.children, named, people))
    state.env[HANDLES] = handles


def _named(pieces: Sequence[Token]) -> dict[int, list[_Named]]:
    """Return who is named in the pieces of one line, by the number of the piece.

    The line is looked at as it is read; whoever is named is so in one piece of plain text outside of links.
    """
    line = "".join(map(_as_read, pieces))
    matches = [match for match in _NAMED.finditer(line) if _stands_alone(line, match)]
    found: dict[int, list[_Named]] = {}
    for index, start, end in _plain_pieces(pieces):
        while matches and matches[-1].start() >= start:
            match = matches.pop()
            ways = tuple(way for way in _ways_to_end(match[1].lower()) if match.start() + 1 + len(way) <= end)
            if match.start() < end and ways:
                found.setdefault(index, []).insert(0, _Named(match.start() - start, ways))
    return found


def _plain_pieces(pieces: Sequence[Token]) -> list[tuple[int, int, int]]:
    """Return which of the pieces are plain text outside of links and where each stands in the line, last first."""
    end, links, found = 0, 0, []
    for index, piece in enumerate(pieces):
        start, end = end, end + len(_as_read(piece))
        links += {"link_open": 1, "link_close": -1}.get(piece.type, 0)
        if piece.type == "text" and not links:
            found.append((index, start, end))
    return found[::-1]


def _as_read(piece: Token) -> str:
    return "\n" if piece.type in {"softbreak", "hardbreak"} else piece.content


def _stands_alone(line: str, match: re.Match[str]) -> bool:
    beside = line[match.start() - 1 : match.start()] + line[match.end() : match.end() + 1]
    return not any(unicodedata.category(sign) in _UNCLEAR for sign in beside)


def _ways_to_end(handle: str) -> list[str]:
    shortest = len(handle.rstrip(_ENDING))
    return [handle[:length] for length in range(min(len(handle), _LONGEST), shortest - 1, -1)]


def _with_links(
    pieces: Sequence[Token], named: Mapping[int, Sequence[_Named]], people: Mapping[str, str]
) -> Iterator[Token]:
    """Yield the pieces of one line with a link around each of those named who are among the people."""
    for index, piece in enumerate(pieces):
        done = 0
        for one in named.get(index, ()):
            handle = next((handle for handle in one.handles if handle in people), None)
            if handle is None:
                continue
            end = one.start + len(handle) + 1
            yield Token("text", "", 0, content=piece.content[done : one.start])
            yield Token("link_open", "a", 1, attrs={"href": people[handle]}, meta={PEOPLE: True})
            yield Token("text", "", 0, content=piece.content[one.start : end])
            yield Token("link_close", "a", -1)
            done = end
        yield Token("text", "", 0, content=piece.content[done:]) if done else piece
