"""How much a word tells: BM25 with its numbers, chosen by tests/search/measure_similar.py."""

from math import log

from whoosh.scoring import BM25F
from whoosh.searching import Searcher

#: How soon repeating a word tells nothing more, and how much long texts are held back.
K1, B = 1.5, 0.6


class Weighting(BM25F):
    """BM25 whose rare words tell more and whose common ones less than with the library's own measure."""

    def idf(self, searcher: Searcher, fieldname: str, text: str) -> float:
        """Return the weight of a word by the number of ideas it stands in; always above 0."""
        everywhere = searcher.get_parent()
        count, found = everywhere.doc_count_all(), everywhere.doc_frequency(fieldname, text)
        return log(1 + (max(count - found, 0) + 0.5) / (found + 0.5))


WEIGHTING = Weighting(B=B, K1=K1)
