"""How much ideas resemble a title: whole words find candidates, pieces of words put them in order."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log

from ideas.search.words import STOP_WORDS, pieces_of, stem, words_of

#: Ideas whose likeness to a title is judged closely.
CANDIDATES = 50
#: What pieces of words count beside whole words, and how much an idea of the same board is favoured.
PIECES_WEIGHT = 0.3
FAVOUR = 1.1

#: Chosen by tests/search/measure_similar.py, together with the index's own numbers.
TITLE_WEIGHT = 2
K1, B = 1.5, 0.5


@dataclass(frozen=True, slots=True)
class Bag:
    """The pieces that a text shares with what was asked, and how many it has in all."""

    shared: Mapping[str, int]
    length: int


def about(title: str) -> set[str]:
    """Return the stems by which candidates are found: telling words, and neighbours written as one word.

    Empty where the title has no telling word.
    """
    words = words_of(title)
    single = {stem(word) for word in words if word not in STOP_WORDS}
    pairs = {one + other for one, other in pairwise(words) if not {one, other} & STOP_WORDS}
    return single | {stem(pair) for pair in pairs}


def rank(
    title: str,
    scores: Mapping[int, float],
    texts: Mapping[int, tuple[str, str]],
    *,
    favoured: Collection[int] = frozenset(),
) -> list[int]:
    """Return the keys of `texts` (title, beginning of the text) that resemble the title, the most alike first.

    `scores`: how well whole words fit, by the index; `favoured`: keys that count a little more.
    """
    alike = likeness(title, texts)
    total = {key: scores.get(key, 0.0) + PIECES_WEIGHT * alike[key] for key in texts}
    total = {key: score * (FAVOUR if key in favoured else 1.0) for key, score in total.items() if score > 0}
    return sorted(total, key=lambda key: (-total[key], key))


def likeness(title: str, candidates: Mapping[int, tuple[str, str]]) -> dict[int, float]:
    """Return for each candidate (title, beginning of its text) how much its pieces of words are those of `title`.

    BM25 over pieces of four letters, with the candidates as the collection: pieces shared by many of them
    count little. 0 where nothing is shared.
    """
    asked = Counter(piece for word in words_of(title) for piece in pieces_of(word))
    bags = _bags(asked, candidates)
    average = sum(bag.length for bag in bags.values()) / len(bags) if bags else 0.0
    spread = Counter(piece for bag in bags.values() for piece in bag.shared)
    weight = {piece: log(1 + (len(bags) - n + 0.5) / (n + 0.5)) * asked[piece] for piece, n in spread.items()}
    held = {key: K1 * (1 - B + B * bag.length / average) if average else K1 for key, bag in bags.items()}
    return {
        key: sum(weight[piece] * n * (K1 + 1) / (n + held[key]) for piece, n in bag.shared.items())
        for key, bag in bags.items()
    }


def _bags(asked: Collection[str], candidates: Mapping[int, tuple[str, str]]) -> dict[int, Bag]:
    @cache
    def cut(word: str) -> tuple[int, list[str]]:
        pieces = pieces_of(word)
        return len(pieces), [piece for piece in pieces if piece in asked]

    def bag(title: str, text: str) -> Bag:
        shared: Counter[str] = Counter()
        length = 0
        for words, times in ((words_of(title), TITLE_WEIGHT), (words_of(text), 1)):
            for word in words:
                count, hits = cut(word)
                length += count * times
                for piece in hits:
                    shared[piece] += times
        return Bag(shared, length)

    return {key: bag(*texts) for key, texts in candidates.items()}
