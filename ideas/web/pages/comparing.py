"""Two texts beside each other: lines that belong together, the unchanged stretches between changes folded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ideas.ideation.differences import Change, Piece, differences

#: Unchanged lines shown before and after a change.
AROUND = 2
#: Fewer lines are not worth a fold.
FOLD_LEAST = 4


@dataclass(frozen=True, slots=True)
class Row:
    """Lines that stand beside each other: one that both texts have, or a changed stretch."""

    pieces: Sequence[Piece]

    @property
    def is_changed(self) -> bool:
        """Whether anything in it differs."""
        return any(piece.change is not Change.SAME for piece in self.pieces)

    @property
    def after(self) -> Sequence[Piece]:
        """What stands in the later text."""
        return [piece for piece in self.pieces if piece.change is not Change.OUT]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows shown together; a folded block holds unchanged ones only."""

    rows: Sequence[Row]
    is_folded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What leads from one text to another, for `components/compare.html`."""

    title: Sequence[Piece]
    blocks: Sequence[Block]
    #: Above the two columns.
    old_label: str
    new_label: str

    @property
    def has_new_title(self) -> bool:
        """Whether the titles differ."""
        return any(piece.change is not Change.SAME for piece in self.title)

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return not self.has_new_title and not any(row.is_changed for block in self.blocks for row in block.rows)


@dataclass(frozen=True, slots=True)
class Text:
    """One side: its title (empty where there is none) and its text, as typed."""

    title: str
    body: str


def compare(old: Text, new: Text, *, old_label: str, new_label: str) -> Comparison:
    """Return the second text beside the first one, word by word."""
    return Comparison(
        title=differences(old.title.strip(), new.title.strip()),
        blocks=_folded(_rows(differences(_as_stored(old.body), _as_stored(new.body)))),
        old_label=old_label,
        new_label=new_label,
    )


def _as_stored(text: str) -> str:
    """Return a text as it would be kept: browsers end lines in their own way."""
    return text.replace("\r\n", "\n").strip()


def _rows(pieces: Sequence[Piece]) -> list[Row]:
    found: list[Row] = []
    row: list[Piece] = []
    for place, piece in enumerate(pieces):
        if piece.change is Change.SAME:
            *whole, rest = piece.text.split("\n")
            for line in whole:
                found.append(Row([*row, Piece(Change.SAME, line)]))
                row = []
            row = [*row, Piece(Change.SAME, rest)] if rest else row
        elif not row and "\n" in piece.text and _stands_alone(pieces, place):
            lines, _end, rest = piece.text.rpartition("\n")
            found.append(Row([Piece(piece.change, lines)]))
            row = [Piece(piece.change, rest)] if rest else []
        elif piece.text.startswith("\n") and _stands_alone(pieces, place):
            found.append(Row(row))
            row = [Piece(piece.change, piece.text.lstrip("\n"))]
        else:
            row.append(piece)
    rows = [*found, Row(row)]
    return [each for each in rows if any(piece.text for piece in each.pieces)]


def _stands_alone(pieces: Sequence[Piece], place: int) -> bool:
    """Tell whether a change only puts in or takes out: nothing stands in its stead."""
    return place + 1 == len(pieces) or pieces[place + 1].change is Change.SAME


def _folded(rows: Sequence[Row]) -> list[Block]:
    runs = [(is_changed, list(run)) for is_changed, run in groupby(rows, key=lambda row: row.is_changed)]
    blocks: list[Block] = []
    for place, (is_changed, run) in enumerate(runs):
        if is_changed or len(runs) == 1:
            blocks.append(Block(run, is_folded=False))
            continue
        blocks += _around(run, head=AROUND if place else 0, tail=AROUND if place + 1 < len(runs) else 0)
    return blocks


def _around(run: Sequence[Row], *, head: int, tail: int) -> Iterator[Block]:
    end = len(run) - tail
    if end - head < FOLD_LEAST:
        yield Block(run, is_folded=False)
        return
    if head:
        yield Block(run[:head], is_folded=False)
    yield Block(run[head:end], is_folded=True)
    if tail:
        yield Block(run[end:], is_folded=False)
