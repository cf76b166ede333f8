"""The index as searches see it: what was read of its parts is kept for as long as they stand on disk.

A part is what one commit wrote, or a merger of such. What stands in it never changes, only which of its
documents were deleted since; so a commit costs the searches that follow only the new part.
"""

from array import array
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from whoosh.index import open_dir
from whoosh.reading import IndexReader

from ideas.search import weighting
from ideas.search.schema import SPELLINGS, STEMS

#: Numbers kept in memory for each part, 4 bytes each; beyond that postings are read again.
KEPT_MAX = 4_000_000
#: A word that stands in more than one of so many documents is also kept by document.
COMMON = 8


class Postings:
    """The documents of a part in which a word stands, in order, and how well each fits (more than 0)."""

    def __init__(self, numbers: "array[int]", scores: "array[float]", *, documents: int) -> None:
        self.numbers = numbers
        self._scores = scores
        self._by_number: array[float] | None = None
        if len(numbers) > documents / COMMON:
            self._by_number = array("f", bytes(4 * documents))
            for number, score in zip(numbers, scores, strict=True):
                self._by_number[number] = score

    @property
    def size(self) -> int:
        """How many numbers are kept in memory."""
        return 2 * len(self.numbers) + len(self._by_number or ())

    def among(self, numbers: Iterable[int]) -> list[int]:
        """Keep, in order, the documents in which the word stands."""
        table = self._by_number
        if table is not None:
            return [number for number in numbers if table[number]]
        known = set(self.numbers)
        return [number for number in numbers if number in known]

    def scores_of(self, numbers: Iterable[int], *, weight: float) -> list[float]:
        """Return how well each of the documents fits, times the weight; 0 where the word does not stand."""
        table = self._by_number
        if table is not None:
            return [weight * table[number] for number in numbers]
        known = dict(zip(self.numbers, self._scores, strict=True))
        return [weight * known.get(number, 0.0) for number in numbers]


class Part:
    """One part of the index."""

    def __init__(self, reader: IndexReader) -> None:
        self.key = _key(reader)
        self.idea_ids = array("i", reader.column_reader("idea_id"))
        self.lengths = array("f", reader.column_reader("length"))
        self._boards = array("i", reader.column_reader("board_id"))
        self._kinds = array("B", reader.column_reader("kind"))
        self._brakes = array("f")
        self._kept: dict[tuple[str, str], Postings] = {}
        self._kept_count = 0

    def reopen(self, reader: IndexReader) -> None:
        """Read from this reader of the part from now on, which knows what was deleted. Needed once before use."""
        self._reader = reader
        self._deleted = reader.deleted_docs_set

    def hold_back(self, average: float) -> None:
        """Compare the lengths of texts with this average."""
        self._brakes = weighting.brakes(self.lengths, average=average)

    def postings(self, field: str, word: str) -> Postings:
        """Return where a word stands, deleted documents among them."""
        kept = self._kept.get((field, word))
        if kept is None:
            kept = self._kept[field, word] = self._read(field, word)
            self._kept_count += kept.size
            if self._kept_count > KEPT_MAX:
                self._kept, self._kept_count = {}, 0
        return kept

    def within(self, numbers: Iterable[int], board_ids: Collection[int], kind: int | None = None) -> list[int]:
        """Keep, in order, the documents that are of these boards and this kind and not deleted."""
        boards, kinds, deleted = self._boards, self._kinds, self._deleted
        found = [number for number in numbers if boards[number] in board_ids and number not in deleted]
        return found if kind is None else [number for number in found if kinds[number] == kind]

    def together(self, stems: Sequence[str], numbers: Iterable[int]) -> list[int]:
        """Keep, in order, the documents in which these stems stand, one right after the other."""
        first, *others = stems
        if not others:
            return self.postings(STEMS, first).among(numbers)
        begins = self._places(first, numbers)
        for distance, stem in enumerate(others, 1):
            places = self._places(stem, begins)
            begins = {number: begins[number] & {at - distance for at in found} for number, found in places.items()}
        return [number for number, places in begins.items() if places]

    def neighbours(self, word: str, distance: int) -> Iterable[str]:
        """Return words written nearly like this one, with the same first letter, in no order."""
        found: Iterable[str] = self._reader.terms_within(SPELLINGS, word, distance, prefix=1)
        return found

    def _places(self, stem: str, numbers: Iterable[int]) -> dict[int, set[int]]:
        wanted = self.postings(STEMS, stem).among(numbers)
        if not wanted:
            return {}
        matcher, found = self._reader.postings(STEMS, stem), {}
        for number in wanted:
            matcher.skip_to(number)
            found[number] = set(array("I", matcher.value()))
        return found

    def _read(self, field: str, word: str) -> Postings:
        numbers, weights = array("I"), array("f")
        if (field, word.encode()) in self._reader:
            matcher = self._reader.postings(field, word)
            while matcher.is_active():
                numbers.append(matcher.id())
                weights.append(matcher.weight())
                matcher.next()
        if field == STEMS:
            weights = weighting.fitting(weights, [self._brakes[number] for number in numbers])
        return Postings(numbers, weights, documents=len(self.idea_ids))


class Opened:
    """The index in a folder as the last commit left it. `earlier`: how the same one was opened before."""

    def __init__(self, folder: Path, earlier: "Opened | None" = None) -> None:
        self.folder = folder
        self._files = open_dir(str(folder), readonly=True)
        self._reader = reader = self._files.reader()
        known = {part.key: part for part in earlier.parts} if earlier else {}
        leaves = [leaf for leaf, _offset in reader.leaf_readers() if leaf.doc_count_all()]
        self.parts: list[Part] = [known.get(_key(leaf)) or Part(leaf) for leaf in leaves]
        self._count = sum(len(part.lengths) for part in self.parts)
        average = sum(sum(part.lengths) for part in self.parts) / max(self._count, 1)
        for part, leaf in zip(self.parts, leaves, strict=True):
            part.reopen(leaf)
            if part.key not in known:
                part.hold_back(average)

    def is_current(self) -> bool:
        """Tell whether there was no commit since."""
        return bool(self._files.latest_generation() == self._reader.generation())

    @property
    def state(self) -> str:
        """What tells it from every other commit."""
        return f"{self.folder.name}/{self._reader.generation()}"

    def doc_count(self) -> int:
        """Return how many ideas are in the index."""
        return int(self._reader.doc_count())

    def telling(self, field: str, word: str) -> float:
        """Return how much a word tells, see `weighting.telling`."""
        found = sum(len(part.postings(field, word).numbers) for part in self.parts)
        return weighting.telling(ideas=self._count, found=found)

    def close(self) -> None:
        """Close the files; the parts stay of use to whoever opens them again."""
        self._reader.close()


def _key(reader: IndexReader) -> str:
    return str(reader.segment().segment_id())
