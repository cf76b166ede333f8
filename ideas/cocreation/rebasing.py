"""Bringing two changes of one text together: lines first, and inside a line that both changed, its words.

Pure functions of texts. What both changed in the same place is never guessed: it is a clash, and somebody writes it
anew. Who may do that, and where the texts come from, is not known here.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from ideas.ideation.differences import Change, Work, runs, tokens_of

_WORD = re.compile(r"\w+")
_WORD_OR_LINE_END = re.compile(r"\w|\n")

#: Texts of the two sides of one stretch in, their common text out; None where there is none.
Deeper = Callable[[str, str, str], str | None]
#: What comparing each side with the base may still cost: each has its own, so that it does not matter which is which.
Works = tuple[Work, Work]
#: Whether what lies between two changes keeps them apart.
KeepsApart = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Clash:
    """A stretch that both sides changed, each in its own way."""

    base: str
    proposed: str
    present: str


@dataclass(frozen=True, slots=True)
class Rebased:
    """The text with both changes; with a clash its stretches stand there as they are at present."""

    text: str
    clashes: tuple[Clash, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether both changes are in the text, whole."""
        return not self.clashes


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Instead of the tokens from `start` up to before `end` of the base stand others."""

    start: int
    end: int
    instead: tuple[str, ...]
    is_proposed: bool


def rebase(base: str, *, proposed: str, present: str, works: Works | None = None) -> Rebased:
    """Return the text of several lines that has what was changed from `base` to `proposed` and to `present`.

    The same change on both sides is taken once. Changes of neighbouring lines that touch are compared by words; words
    that stand side by side in one line belong together. Swapping the sides gives the same clean text.
    `works`: for who wants to know what it cost.
    """
    # The last line ends like all others, so that one put after it is no change of it.
    texts = [f"{text}\n" for text in (base, proposed, present)]
    lines = [text.splitlines(keepends=True) for text in texts]
    works = works or (Work(), Work())
    parts = list(_merged(*lines, keeps_apart=bool, deeper=partial(_rebase_words, works=works), works=works))
    text = "".join(part.present if isinstance(part, Clash) else part for part in parts).removesuffix("\n")
    clashes = tuple(part for part in parts if isinstance(part, Clash))
    if not clashes and not _adds_up(base, proposed, present, text):
        return Rebased(present, (Clash(base, proposed, present),))
    return Rebased(text, clashes)


def rebase_line(base: str, *, proposed: str, present: str) -> Rebased:
    """Return the line that has both changes, as `rebase` does; a line clashes as a whole."""
    text = _rebase_words(base, proposed, present, works=(Work(), Work()))
    if text is None or not _adds_up(base, proposed, present, text):
        return Rebased(present, (Clash(base, proposed, present),))
    return Rebased(text)


def _adds_up(base: str, proposed: str, present: str, text: str) -> bool:
    """Tell whether every word stands in the text as often as both changes together make it, and no line more often.

    Where both moved a passage, each to another place, or one moved what the other took out, every single change fits
    and yet the passage would stand twice, or come back.
    """
    texts = (base, proposed, present, text)
    words = [Counter(_WORD.findall(one)) for one in texts]
    lines = [Counter(line for line in map(str.strip, one.splitlines()) if line) for one in texts]
    return all(_is_counted(*(one[word] for one in words)) for word in set().union(*words)) and all(
        lines[3][line] <= _most(*(one[line] for one in lines[:3])) for line in set().union(*lines[:3])
    )


def _is_counted(base: int, proposed: int, present: int, found: int) -> bool:
    """Tell whether something stands as often as two changes make it; what both did may have been one change."""
    first, second = sorted((proposed - base, present - base), key=abs)
    if first * second > 0:
        return min(second, first + second) <= found - base <= max(second, first + second)
    return found - base == first + second


def _most(base: int, proposed: int, present: int) -> int:
    """Return how often a line stands at most: the same line put in by both is meant once."""
    first, second = proposed - base, present - base
    return base + (max(first, second) if first * second > 0 else first + second)


def _rebase_words(base: str, proposed: str, present: str, *, works: Works) -> str | None:
    words = [list(tokens_of(text)) for text in (base, proposed, present)]
    parts = list(_merged(*words, keeps_apart=_has_word_or_line_end, deeper=_give_up, works=works))
    return None if any(isinstance(part, Clash) for part in parts) else "".join(map(str, parts))


def _give_up(_base: str, _proposed: str, _present: str) -> None:
    return None


def _has_word_or_line_end(between: Sequence[str]) -> bool:
    return any(_WORD_OR_LINE_END.search(token) for token in between)


def _merged(
    base: Sequence[str],
    proposed: Sequence[str],
    present: Sequence[str],
    *,
    keeps_apart: KeepsApart,
    deeper: Deeper,
    works: Works,
) -> Iterator[str | Clash]:
    """Give the pieces of the common text in order, with a clash where there is none."""
    of_proposed, of_present = works
    hunks = [
        *_hunks(base, proposed, is_proposed=True, work=of_proposed),
        *_hunks(base, present, is_proposed=False, work=of_present),
    ]
    done = 0
    for cluster in _clusters(base, hunks, keeps_apart):
        start, end = cluster[0].start, max(hunk.end for hunk in cluster)
        yield "".join(base[done:start])
        yield _settled(base, start, end, cluster, deeper)
        done = end
    yield "".join(base[done:])


def _settled(base: Sequence[str], start: int, end: int, cluster: Sequence[_Hunk], deeper: Deeper) -> str | Clash:
    proposed = _applied(base, start, end, [hunk for hunk in cluster if hunk.is_proposed])
    present = _applied(base, start, end, [hunk for hunk in cluster if not hunk.is_proposed])
    before = "".join(base[start:end])
    if present in (proposed, before):
        return proposed
    if proposed == before:
        return present
    common = deeper(before, proposed, present)
    return Clash(before, proposed, present) if common is None else common


def _applied(base: Sequence[str], start: int, end: int, hunks: Sequence[_Hunk]) -> str:
    found: list[str] = []
    for hunk in hunks:
        found += [*base[start : hunk.start], *hunk.instead]
        start = hunk.end
    return "".join([*found, *base[start:end]])


def _clusters(base: Sequence[str], hunks: Sequence[_Hunk], keeps_apart: KeepsApart) -> Iterator[list[_Hunk]]:
    """Put together what touches: hunks between which nothing stands that keeps them apart."""
    cluster: list[_Hunk] = []
    end = 0
    for hunk in sorted(hunks, key=lambda hunk: (hunk.start, hunk.end)):
        if cluster and hunk.start >= end and keeps_apart(base[end : hunk.start]):
            yield cluster
            cluster = []
        cluster.append(hunk)
        end = max(end, hunk.end)
    if cluster:
        yield cluster


def _hunks(base: Sequence[str], other: Sequence[str], *, is_proposed: bool, work: Work) -> Iterator[_Hunk]:
    """Give what leads from `base` to `other`, in order; no two of them touch."""
    place = 0
    for is_same, group in groupby(runs(base, other, work=work), key=lambda run: run[0] is Change.SAME):
        changes = list(group)
        taken = sum(len(tokens) for change, tokens in changes if change is not Change.IN)
        if not is_same:
            instead = tuple(token for change, tokens in changes if change is Change.IN for token in tokens)
            yield _Hunk(place, place + taken, instead, is_proposed)
        place += taken
