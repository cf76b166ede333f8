"""Questions to the index, in Whoosh's terms. All are asked within the boards given: who may see what is not
decided here, but nothing is found, counted or suggested outside of them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from whoosh import query as q
from whoosh.searching import Searcher

from ideas.ideation.models import Kind
from ideas.search.grammar import Query, Term

#: How much more a word tells in the title, in a tag, and exactly as typed.
TITLE_BOOST, TAG_BOOST, PLAIN_BOOST = 2.0, 1.5, 0.5
#: Longest distance to a suggested word; shorter words have too many neighbours at two.
FAR, NEAR, FAR_FROM_LETTERS = 2, 1, 5
#: Neighbours of a mistyped word that are looked at.
NEIGHBOURS_MAX = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """An idea found, and how well it fits."""

    idea_id: int
    score: float


def find(asked: Query, *, board_ids: Collection[int], kind: Kind | None, most: int) -> Callable[[Searcher], list[Hit]]:
    """Return the question for the ideas that fit, best first."""
    wanted = q.And([_anywhere(term) for term in asked.wanted])
    unwanted = [_anywhere(term) for term in asked.unwanted]
    words = q.AndNot(wanted, q.Or(unwanted)) if unwanted else wanted
    return _hits(words, board_ids=board_ids, kind=kind, most=most)


def find_about(stems: Collection[str], *, board_ids: Collection[int], most: int) -> Callable[[Searcher], list[Hit]]:
    """Return the question for ideas that are about any of these, best first."""
    words = q.Or([q.Term("about", one) for one in sorted(set(stems))])
    return _hits(words, board_ids=board_ids, kind=None, most=most)


def find_word(word: str, *, board_ids: Collection[int], most: int) -> Callable[[Searcher], list[Hit]]:
    """Return the question for ideas in which a word stands exactly so."""
    return _hits(q.Term("plain", word), board_ids=board_ids, kind=None, most=most)


def neighbours(word: str) -> Callable[[Searcher], Sequence[str]]:
    """Return the question for words written nearly like this one: nearer first, then more frequent ones.

    They are of all boards; what is shown must be looked up within the actor's.
    """

    def ask(searcher: Searcher) -> list[str]:
        reader = searcher.reader()
        found: dict[str, int] = {}
        for distance in (NEAR, FAR) if len(word) >= FAR_FROM_LETTERS else (NEAR,):
            for other in reader.terms_within("plain", word, distance, prefix=1):
                found.setdefault(other, distance)
        found.pop(word, None)
        ranked = sorted(found, key=lambda one: (found[one], -reader.doc_frequency("plain", one), one))
        return ranked[:NEIGHBOURS_MAX]

    return ask


def _hits(
    words: q.Query, *, board_ids: Collection[int], kind: Kind | None, most: int
) -> Callable[[Searcher], list[Hit]]:
    if not board_ids:
        return lambda _searcher: []
    places = q.Or([q.Term("board_id", str(board_id)) for board_id in sorted(board_ids)])
    needed = q.And([places, q.Term("kind", kind.value)]) if kind else places

    def ask(searcher: Searcher) -> list[Hit]:
        results = searcher.search(q.Require(words, needed), limit=most, optimize=False)
        return [Hit(int(hit["idea_id"]), float(hit.score or 0.0)) for hit in results]

    return ask


def _anywhere(term: Term) -> q.Query:
    stems = list(term.stems)
    if len(stems) > 1:
        return q.Or([q.Phrase("title", stems, boost=TITLE_BOOST), q.Phrase("body", stems)])
    return q.Or(
        [
            q.Term("title", stems[0], boost=TITLE_BOOST),
            q.Term("body", stems[0]),
            q.Term("tags", stems[0], boost=TAG_BOOST),
            q.Term("plain", term.words[0], boost=PLAIN_BOOST),
        ]
    )
