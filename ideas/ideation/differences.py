"""What changed between two texts, word by word: the same answer every time, within bounded work."""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from diff_match_patch import diff_match_patch

#: Scripts that set no spaces between words are compared sign by sign.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"\n|[^\S\n]+|[{_UNSPACED}]|(?:(?![{_UNSPACED}])\w)+|[^\w\s]")
#: Holds together what is shown as one sign.
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")
#: First code point used to stand for a token; up to here the private planes have room for 130,000.
FIRST_SIGN = 0xF0000
#: Two runs are compared in full where their lengths in tokens multiply to no more than this; longer ones are first
#: taken apart at words that stand once in each.
EXACT = 40_000
#: How often a run is taken apart again, before it counts as another one altogether.
DEPTH = 20
#: Of two texts so many runs of the largest size are compared in full, or more smaller ones; nobody reads a difference
#: that has more of them, and texts made for that would keep a process busy.
RUNS = 10

_Found = list[tuple[int, str]]


@dataclass(slots=True)
class Work:
    """What comparing may still cost, in tokens times tokens; of two texts that are compared piece by piece, all of it.

    `exact`: what one run may cost. Less makes it quicker, and coarser where much was written anew.
    """

    exact: int = EXACT
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.exact * RUNS

    @property
    def spent(self) -> int:
        """What it has cost until now."""
        return self.exact * RUNS - self.left

    def allows(self, cost: int) -> bool:
        """Tell whether a run may be compared in full, and take its cost off."""
        if cost > min(self.exact, self.left):
            return False
        self.left -= cost
        return True


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


def differences(before: str, after: str, *, exact: int = EXACT) -> list[Piece]:
    """Return the pieces that lead from `before` to `after`, in reading order; one SAME piece where equal.

    Joining all pieces but the OUT ones gives `after`; all but the IN ones gives `before`. Two empty texts: no piece.
    `exact`: less makes it quicker, and coarser where much was written anew.
    """
    signs: dict[str, str] = {}
    engine = _engine()
    found = _between(engine, _coded(tokens_of(before), signs), _coded(tokens_of(after), signs), DEPTH, Work(exact))
    engine.diff_cleanupMerge(found)
    found = _without_stray(found)
    words = {sign: word for word, sign in signs.items()}
    return [Piece(_CHANGES[change], "".join(words[sign] for sign in run)) for change, run in found if run]


def runs(before: Iterable[str], after: Iterable[str], *, work: Work | None = None) -> list[tuple[Change, list[str]]]:
    """Return the runs of tokens (lines, words) that lead from one to the other, in order: short ones are kept apart.

    `work`: where these are pieces of longer texts, what comparing those may still cost.
    """
    signs: dict[str, str] = {}
    engine = _engine()
    found = _between(engine, _coded(before, signs), _coded(after, signs), DEPTH, work or Work())
    engine.diff_cleanupMerge(found)
    words = {sign: word for word, sign in signs.items()}
    return [(_CHANGES[change], [words[sign] for sign in run]) for change, run in found if run]


def _engine() -> diff_match_patch:
    engine = diff_match_patch()
    # By the clock, the answer would depend on how busy the machine is.
    engine.Diff_Timeout = 0
    return engine


def _between(engine: diff_match_patch, before: str, after: str, depth: int, work: Work) -> _Found:
    head = engine.diff_commonPrefix(before, after)
    start, before, after = before[:head], before[head:], after[head:]
    tail = engine.diff_commonSuffix(before, after)
    end = before[len(before) - tail :]
    before, after = before[: len(before) - tail], after[: len(after) - tail]
    return [(0, start), *_inside(engine, before, after, depth, work), (0, end)]


def _inside(engine: diff_match_patch, before: str, after: str, depth: int, work: Work) -> _Found:
    if work.allows(len(before) * len(after)):
        return list(engine.diff_main(before, after, False))
    anchors = _anchors(before, after) if depth else []
    if not anchors:
        return [(-1, before), (1, after)]
    found: _Found = []
    mine = its = 0
    for here, there in anchors:
        found += _between(engine, before[mine:here], after[its:there], depth - 1, work)
        found.append((0, before[here]))
        mine, its = here + 1, there + 1
    return found + _between(engine, before[mine:], after[its:], depth - 1, work)


def _without_stray(found: _Found) -> _Found:
    """Let words that happen to stand between larger changes be part of them, so that a person can read the change.

    The library's own way of doing so takes minutes for texts made for that.
    """
    clean: list[tuple[str, str, str]] = []
    for same, out, came in _steps(found):
        clean.append((same, out, came))
        while len(clean) > 1 and _is_stray(clean[-2], clean[-1]):
            between, last_out, last_in = clean.pop()
            before, first_out, first_in = clean.pop()
            clean.append((before, first_out + between + last_out, first_in + between + last_in))
    return [(change, run) for step in clean for change, run in zip((0, -1, 1), step, strict=True) if run]


def _steps(found: _Found) -> Iterator[tuple[str, str, str]]:
    """Give what stays, then what goes and what comes in its stead, again and again."""
    same = out = came = ""
    for change, run in found:
        if change == 0 and (out or came):
            yield same, out, came
            same = out = came = ""
        if change == 0:
            same += run
        elif change < 0:
            out += run
        else:
            came += run
    yield same, out, came


def _is_stray(first: tuple[str, str, str], second: tuple[str, str, str]) -> bool:
    between = len(second[0])
    return between <= max(map(len, first[1:])) and between <= max(map(len, second[1:]))


def _anchors(before: str, after: str) -> list[tuple[int, int]]:
    """Return the places of signs that stand once in each, as many as keep their order in both."""
    once_before, once_after = Counter(before), Counter(after)
    places = {sign: place for place, sign in enumerate(after) if once_after[sign] == 1}
    pairs = [(here, places[sign]) for here, sign in enumerate(before) if once_before[sign] == 1 and sign in places]
    return _longest_rising(pairs)


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, given by their first numbers, in which the second ones rise too."""
    ends: list[int] = []
    last: list[int] = []
    former: list[int] = []
    for index, (_here, there) in enumerate(pairs):
        length = bisect_left(ends, there)
        former.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [there]
        last[length : length + 1] = [index]
    found: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        found.append(pairs[index])
        index = former[index]
    return found[::-1]


def _coded(tokens: Iterable[str], signs: dict[str, str]) -> str:
    """Stand one private sign for each distinct token, so that the library compares words instead of letters."""
    return "".join(signs.setdefault(token, chr(FIRST_SIGN + len(signs))) for token in tokens)


def tokens_of(text: str) -> Iterator[str]:
    """Give the words, blanks and marks of a text; what is drawn onto the sign before it stays with that."""
    held = ""
    for match in _TOKEN.finditer(text):
        token = match.group()
        if held and (_is_drawn_on(token) or held[-1] == "\u200d"):
            held += token
            continue
        if held:
            yield held
        held = token
    if held:
        yield held


def _is_drawn_on(token: str) -> bool:
    return token[0] in _JOINERS or unicodedata.category(token[0]).startswith("M")
