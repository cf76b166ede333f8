"""Who wrote what of a text, from its versions."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ideas.ideation.differences import EXACT, Change, Work, runs, tokens_of

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
#: A line at least so long that comes back, or stands elsewhere now, is still by whoever wrote it first.
KNOWN_LINE = 12
#: More versions than these are compared more coarsely, so that the whole stays within its time.
MANY_STEPS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One version of a text, and who wrote what is new in it."""

    number: int
    text: str
    #: None: not known any more.
    author_id: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that came in with one version."""

    text: str
    number: int
    author_id: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the present text with where its words are from; never without a run."""

    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The line as it stands, with its end of line but for the last one."""
        return "".join(run.text for run in self.runs)

    @property
    def number(self) -> int:
        """The latest version that put something into it."""
        return max(run.number for run in self.runs)

    @property
    def author_ids(self) -> tuple[int | None, ...]:
        """Everybody who wrote a part of it, whoever wrote most of it first."""
        amounts: Counter[int | None] = Counter()
        for run in self.runs:
            amounts[run.author_id] += _visible(run.text)
        written = [author_id for author_id, amount in amounts.most_common() if amount]
        # Of a blank line there is only whoever made it.
        return tuple(written) or (self.runs[0].author_id,)


def blame(steps: Sequence[Step]) -> list[Line]:
    """Return the lines of the last version, in order; joined, their runs give its text. Empty for an empty text.

    The steps stand in the order in which the versions were made. Several may bear one number, where several people
    wrote a version one after the other. What is struck and written again, or moved, stays with whoever wrote it first.
    """
    text, owners = "", list[int]()
    known: dict[str, list[int]] = {}
    exact = max(EXACT * MANY_STEPS // max(len(steps), MANY_STEPS), EXACT // MANY_STEPS)
    for index, step in enumerate(steps):
        if step.text != text:
            owners = _carried(owners, _changes(text, step.text, exact=exact), index)[: len(step.text)]
            text = step.text
            _give_back(text, owners, index, known)
        _remember(text, owners, known)
    return [_line(line, owners[start : start + len(line)], steps) for start, line in _lines(text)]


def shares(lines: Iterable[Line]) -> dict[int | None, int]:
    """Return how many signs, white space left out, everybody wrote of a text, most first; they sum to all of them."""
    amounts: Counter[int | None] = Counter()
    for line in lines:
        for run in line.runs:
            amounts[run.author_id] += _visible(run.text)
    return {author_id: amount for author_id, amount in amounts.most_common() if amount}


def percentages(amounts: Mapping[int | None, int]) -> dict[int | None, int]:
    """Return whole percentages in the order given that sum to exactly 100; the largest remainders are rounded up.

    Empty where there is nothing to share.
    """
    whole = sum(amounts.values())
    if not whole:
        return {}
    found = {key: amount * 100 // whole for key, amount in amounts.items()}
    # Sorting keeps the order of equal ones.
    by_remainder = sorted(amounts, key=lambda key: amounts[key] * 100 % whole, reverse=True)
    for key in by_remainder[: 100 - sum(found.values())]:
        found[key] += 1
    return found


def _changes(before: str, after: str, *, exact: int) -> Iterator[tuple[Change, Sequence[str]]]:
    """Give what leads from one text to the other, in order: lines that stayed first, then words between them.

    Both end with one line end more: the last line is one like all others.
    """
    work = Work(exact)
    out, into = list[str](), list[str]()
    by_lines = runs(_LINE.findall(f"{before}\n"), _LINE.findall(f"{after}\n"), work=work)
    for change, lines in [*by_lines, (Change.SAME, [])]:
        if change is Change.OUT:
            out += lines
        elif change is Change.IN:
            into += lines
        else:
            yield from runs(tokens_of("".join(out)), tokens_of("".join(into)), work=work)
            yield change, lines
            out, into = [], []


def _carried(owners: list[int], changes: Iterable[tuple[Change, Sequence[str]]], index: int) -> list[int]:
    """Return for each sign of the later text the step it came in with; a word that stayed stays with its writer."""
    found: list[int] = []
    place = 0
    for change, tokens in changes:
        length = sum(map(len, tokens))
        if change is Change.IN:
            found += [index] * length
            continue
        if change is Change.SAME:
            found += [*owners, index][place : place + length]
        place += length
    return found


def _give_back(text: str, owners: list[int], index: int, known: Mapping[str, list[int]]) -> None:
    for start, line in _lines(text):
        bare = line.strip()
        first = start + line.find(bare)
        last = first + len(bare)
        if bare in known and all(owner == index for owner in owners[first:last]):
            owners[first:last] = known[bare]


def _remember(text: str, owners: list[int], known: dict[str, list[int]]) -> None:
    for start, line in _lines(text):
        bare = line.strip()
        if len(bare) >= KNOWN_LINE:
            first = start + line.find(bare)
            known.setdefault(bare, owners[first : first + len(bare)])


def _lines(text: str) -> Iterable[tuple[int, str]]:
    return ((match.start(), match.group()) for match in _LINE.finditer(text))


def _line(line: str, owners: list[int], steps: Sequence[Step]) -> Line:
    runs = []
    place = 0
    for owner, group in groupby(owners):
        length = len(list(group))
        step = steps[owner]
        runs.append(Run(line[place : place + length], step.number, step.author_id))
        place += length
    return Line(tuple(runs))


def _visible(text: str) -> int:
    return sum(not sign.isspace() for sign in text)
