"""Questions to the index. All are asked within the boards given: who may see what is not decided here, but
nothing is found, counted or suggested outside of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import chain
from operator import add

from whoosh.support.levenshtein import damerau_levenshtein

from ideas.ideation.models import Kind
from ideas.search.grammar import Query
from ideas.search.parts import Opened, Part
from ideas.search.schema import KIND_NUMBERS, SPELLINGS, STEMS

#: How much more a word tells that stands exactly as typed.
EXACT_WEIGHT = 0.5
#: Longest distance to a suggested word; shorter words have too many neighbours at two.
FAR, NEAR, FAR_FROM_LETTERS = 2, 1, 5
#: Neighbours of a mistyped word that are looked at.
NEIGHBOURS_MAX = 30
#: Of so many ideas that have one of a title's more telling words the most alike are chosen.
ENOUGH = 1_000


@dataclass(frozen=True, slots=True)
class Hit:
    """An idea found, and how well it fits."""

    idea_id: int
    score: float


@dataclass(frozen=True, slots=True)
class _Scored:
    part: Part
    numbers: Sequence[int]
    scores: Sequence[float]


def find(asked: Query, *, board_ids: Collection[int], kind: Kind | None, most: int) -> Callable[[Opened], list[Hit]]:
    """Return the question for the ideas that fit, best first; what is asked must not be empty."""
    number = KIND_NUMBERS[kind] if kind else None
    words = {word for term in asked.wanted if len(term.words) == 1 for word in term.words}
    within = set(board_ids)

    def ask(index: Opened) -> list[Hit]:
        weights = {(STEMS, stem): index.telling(STEMS, stem) for stem in sorted(asked.stems)}
        weights |= {(SPELLINGS, word): index.telling(SPELLINGS, word) * EXACT_WEIGHT for word in sorted(words)}
        found = [(part, part.within(_standing(part, asked), within, number)) for part in index.parts]
        return _best([_Scored(part, numbers, _scores(part, numbers, weights)) for part, numbers in found], most)

    return ask


def find_about(stems: Collection[str], *, board_ids: Collection[int], most: int) -> Callable[[Opened], list[Hit]]:
    """Return the question for ideas that are about any of these, best first."""
    within = set(board_ids)

    def ask(index: Opened) -> list[Hit]:
        weights = {(STEMS, stem): index.telling(STEMS, stem) for stem in sorted(stems)}
        telling_first = sorted(stems, key=lambda stem: (-weights[STEMS, stem], stem))
        found = [(part, part.within(_about(part, telling_first), within)) for part in index.parts]
        return _best([_Scored(part, numbers, _scores(part, numbers, weights)) for part, numbers in found], most)

    return ask


def find_word(word: str, *, board_ids: Collection[int], most: int) -> Callable[[Opened], list[int]]:
    """Return the question for the ids of ideas in which a word stands exactly so; any `most` of them."""
    within = set(board_ids)

    def ask(index: Opened) -> list[int]:
        found: list[int] = []
        for part in index.parts:
            numbers = part.within(part.postings(SPELLINGS, word).numbers, within)
            found += [part.idea_ids[number] for number in numbers]
        return found[:most]

    return ask


def neighbours(word: str) -> Callable[[Opened], Sequence[str]]:
    """Return the question for words written nearly like this one: nearer first, then more frequent ones.

    They are of all boards; what is shown must be looked up within the actor's.
    """
    farthest = FAR if len(word) >= FAR_FROM_LETTERS else NEAR

    def ask(index: Opened) -> list[str]:
        found = {other for part in index.parts for other in part.neighbours(word, farthest)} - {word}
        rarity = {other: index.telling(SPELLINGS, other) for other in found}
        ranked = sorted(found, key=lambda other: (damerau_levenshtein(word, other), rarity[other], other))
        return ranked[:NEIGHBOURS_MAX]

    return ask


def _standing(part: Part, asked: Query) -> list[int]:
    """Return the documents of a part in which all that is wanted stands and nothing unwanted."""
    rarest, *others = sorted((part.postings(STEMS, stem) for stem in asked.stems), key=lambda one: len(one.numbers))
    found: Sequence[int] = rarest.numbers
    for postings in others:
        found = postings.among(found)
    for term in asked.wanted:
        if len(term.words) > 1:
            found = part.together(term.stems, found)
    unwanted = {number for term in asked.unwanted for number in part.together(term.stems, found)}
    return [number for number in found if number not in unwanted]


def _about(part: Part, telling_first: Sequence[str]) -> list[int]:
    """Return the documents of a part in which one of the stems stands; once there are enough, no more are added
    for stems that tell less."""
    found: set[int] = set()
    for stem in telling_first:
        if len(found) >= ENOUGH:
            break
        found.update(part.postings(STEMS, stem).numbers)
    return sorted(found)


def _scores(part: Part, numbers: Sequence[int], weights: Mapping[tuple[str, str], float]) -> list[float]:
    total = [0.0] * len(numbers)
    for (field, word), weight in weights.items():
        total = list(map(add, total, part.postings(field, word).scores_of(numbers, weight=weight)))
    return total


def _best(found: Sequence[_Scored], most: int) -> list[Hit]:
    floor = min(nlargest(most, chain.from_iterable(one.scores for one in found)), default=0.0)
    hits = [
        Hit(one.part.idea_ids[number], score)
        for one in found
        for number, score in zip(one.numbers, one.scores, strict=True)
        if score >= floor
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.idea_id))[:most]
