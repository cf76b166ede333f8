"""How much a word tells: BM25 with its numbers, chosen by tests/search/measure_similar.py."""

from array import array
from collections.abc import Iterable
from math import log

#: How soon repeating a word tells nothing more, and how much long texts are held back.
K1, B = 1.5, 0.6


def telling(*, ideas: int, found: int) -> float:
    """Return the weight of a word that stands in `found` of so many ideas: rare ones tell more; always above 0."""
    return log(1 + (max(ideas - found, 0) + 0.5) / (found + 0.5))


def brakes(lengths: Iterable[float], *, average: float) -> "array[float]":
    """Return for each length how much a text of it is held back, for `fitting`."""
    return array("f", [K1 * (1 - B + B * length / average) for length in lengths]) if average else array("f")


def fitting(weights: Iterable[float], held: Iterable[float]) -> "array[float]":
    """Return how well texts fit in which a word has these weights and that are held back so much."""
    return array("f", [weight * (K1 + 1) / (weight + brake) for weight, brake in zip(weights, held, strict=True)])
