"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from diff_match_patch import diff_match_patch

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
#: After this long the library gives a coarser, still correct difference.
TIMEOUT_SECONDS = 0.5
#: First code point used to stand for a token; up to here the private planes have room for 130,000.
FIRST_SIGN = 0xF0000


class Change(StrEnum):
    """What happened to a piece of text."""

    SAME = "same"
    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with what happened to it."""

    change: Change
    text: str


_CHANGES = {0: Change.SAME, 1: Change.IN, -1: Change.OUT}


def differences(before: str, after: str) -> list[Piece]:
    """Return the pieces that lead from `before` to `after`, in reading order; one SAME piece where equal.

    Joining all pieces but the OUT ones gives `after`; all but the IN ones gives `before`.
    """
    signs: dict[str, str] = {}
    engine = diff_match_patch()
    engine.Diff_Timeout = TIMEOUT_SECONDS
    found = engine.diff_main(_coded(before, signs), _coded(after, signs), False)
    engine.diff_cleanupSemantic(found)
    words = {sign: word for word, sign in signs.items()}
    return [Piece(_CHANGES[change], "".join(words[sign] for sign in run)) for change, run in found]


def _coded(text: str, signs: dict[str, str]) -> str:
    """Stand one private sign for each distinct token, so that the library compares words instead of letters."""
    return "".join(signs.setdefault(token, chr(FIRST_SIGN + len(signs))) for token in _tokens(text))


def _tokens(text: str) -> Iterator[str]:
    return (match.group() for match in _TOKEN.finditer(text))
