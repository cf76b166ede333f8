"""Questions to the index. All are asked within the boards given: who may see what is not decided here, but
nothing is found, counted or suggested outside of them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from whoosh.support.levenshtein import damerau_levenshtein

from ideas.ideation.models import Kind
from ideas.search.grammar import Query
from ideas.search.parts import Opened, Part, Postings
from ideas.search.schema import KIND_NUMBERS, SPELLINGS, STEMS

#: How much more a word tells that stands exactly as typed.
EXACT_WEIGHT = 0.5
#: Longest distance to a suggested word; shorter words have too many neighbours at two.
FAR, NEAR, FAR_FROM_LETTERS = 2, 1, 5
#: Neighbours of a mistyped word that are looked at.
NEIGHBOURS_MAX = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """An idea found, and how well it fits."""

    idea_id: int
    score: float


def find(asked: Query, *, board_ids: Collection[int], kind: Kind | None, most: int) -> Callable[[Opened], list[Hit]]:
    """Return the question for the ideas that fit, best first; what is asked must not be empty."""
    number = KIND_NUMBERS[kind] if kind else None
    words = {word for term in asked.wanted if len(term.words) == 1 for word in term.words}

    def ask(index: Opened) -> list[Hit]:
        weights = [(STEMS, stem, index.telling(STEMS, stem)) for stem in sorted(asked.stems)]
        weights += [(SPELLINGS, word, index.telling(SPELLINGS, word) * EXACT_WEIGHT) for word in sorted(words)]

        def scores(part: Part) -> dict[int, float]:
            found = dict.fromkeys(part.within(_standing(part, asked), board_ids, number), 0.0)
            for field, word, weight in weights:
                _add(found, part.postings(field, word), weight)
            return found

        return _best(((part, scores(part)) for part in index.parts), most)

    return ask


def find_about(stems: Collection[str], *, board_ids: Collection[int], most: int) -> Callable[[Opened], list[Hit]]:
    """Return the question for ideas that are about any of these, best first."""

    def ask(index: Opened) -> list[Hit]:
        weights = [(stem, index.telling(STEMS, stem)) for stem in sorted(stems)]

        def scores(part: Part) -> dict[int, float]:
            standing = [part.postings(STEMS, stem).numbers for stem in stems]
            found = dict.fromkeys(part.within(set().union(*standing), board_ids, None), 0.0)
            for stem, weight in weights:
                _add(found, part.postings(STEMS, stem), weight)
            return found

        return _best(((part, scores(part)) for part in index.parts), most)

    return ask


def find_word(word: str, *, board_ids: Collection[int], most: int) -> Callable[[Opened], list[int]]:
    """Return the question for the ids of ideas in which a word stands exactly so; any `most` of them."""

    def ask(index: Opened) -> list[int]:
        found: list[int] = []
        for part in index.parts:
            numbers = part.within(part.postings(SPELLINGS, word).numbers, board_ids, None)
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


def _standing(part: Part, asked: Query) -> set[int]:
    """Return the documents of a part in which all that is wanted stands and nothing unwanted."""
    postings = sorted((part.postings(STEMS, stem).numbers for stem in asked.stems), key=len)
    found = set(postings[0]).intersection(*postings[1:])
    for term in asked.wanted:
        if len(term.words) > 1:
            found = part.together(term.stems, found)
    for term in asked.unwanted:
        found -= part.together(term.stems, found)
    return found


def _add(scores: dict[int, float], postings: Postings, weight: float) -> None:
    for number, score in zip(postings.numbers, postings.scores, strict=True):
        if number in scores:
            scores[number] += weight * score


def _best(scored: Iterable[tuple[Part, dict[int, float]]], most: int) -> list[Hit]:
    found = [(-score, part.idea_ids[number]) for part, scores in scored for number, score in scores.items()]
    return [Hit(idea_id, -score) for score, idea_id in nsmallest(most, found)]
