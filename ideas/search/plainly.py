"""Finding without an index: plain comparison in the database, limited, for as long as the index is being built."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select

from ideas.core.db import session
from ideas.ideation.models import Idea, Kind
from ideas.search.documents import may_be_found
from ideas.search.grammar import Query
from ideas.search.words import STOP_WORDS, words_of

#: Words of a title that are compared; the longest say most.
WORDS_MAX = 5


def find(query: Query, *, board_ids: Collection[int], kind: Kind | None, most: int) -> list[int]:
    """Return the ids of ideas in which all words stand, most supported first."""
    conditions = [_stands(" ".join(term.words)) for term in query.wanted]
    conditions += [~_stands(" ".join(term.words)) for term in query.unwanted]
    if kind is not None:
        conditions.append(Idea.kind == kind)
    return _ids(and_(*conditions), board_ids=board_ids, most=most)


def find_any(title: str, *, board_ids: Collection[int], most: int) -> list[int]:
    """Return the ids of ideas in whose title one of the longest words stands, most supported first."""
    words = sorted(set(words_of(title)) - STOP_WORDS, key=lambda word: (-len(word), word))
    if not words:
        return []
    titles = [Idea.title.icontains(word, autoescape=True) for word in words[:WORDS_MAX]]
    return _ids(or_(*titles), board_ids=board_ids, most=most)


def _stands(words: str) -> ColumnElement[bool]:
    return or_(Idea.title.icontains(words, autoescape=True), Idea.body.icontains(words, autoescape=True))


def _ids(condition: ColumnElement[bool], *, board_ids: Collection[int], most: int) -> list[int]:
    query = select(Idea.id).where(Idea.board_id.in_(list(board_ids)), may_be_found(), condition)
    return list(session().scalars(query.order_by(Idea.support_count.desc(), Idea.id).limit(most)))
