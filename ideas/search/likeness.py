"""How much an idea resembles a title, judged by pieces of words among a handful of candidates."""

from collections import Counter
from collections.abc import Mapping
from math import log

from ideas.search.words import grams

#: Chosen by tests/search/measure_similar.py, together with the index's own numbers.
TITLE_WEIGHT = 2
K1, B = 1.5, 0.5


def likeness(title: str, candidates: Mapping[int, tuple[str, str]]) -> dict[int, float]:
    """Return for each candidate (title, beginning of its text) how much its pieces of words are those of `title`.

    BM25 over pieces of four letters, with the candidates as the collection: pieces shared by many of them
    count little. 0 where nothing is shared.
    """
    asked = grams(title)
    bags = {key: _bag(*words) for key, words in candidates.items()}
    lengths = {key: bag.total() for key, bag in bags.items()}
    average = sum(lengths.values()) / len(bags) if bags else 0.0
    spread = Counter(piece for bag in bags.values() for piece in bag if piece in asked)
    weight = {piece: log(1 + (len(bags) - n + 0.5) / (n + 0.5)) * asked[piece] for piece, n in spread.items()}
    return {
        key: sum(
            weight[piece] * bag[piece] * (K1 + 1) / (bag[piece] + K1 * (1 - B + B * lengths[key] / average))
            for piece in weight
            if piece in bag
        )
        for key, bag in bags.items()
    }


def _bag(title: str, text: str) -> Counter[str]:
    bag = Counter({piece: count * TITLE_WEIGHT for piece, count in grams(title).items()})
    bag.update(grams(text))
    return bag
