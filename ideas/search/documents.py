"""Reading from the database what the index is to know."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, exists, or_, select
from sqlalchemy.orm import aliased

from ideas.core import markup
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import tags_of
from ideas.search.models import SearchChange
from ideas.search.schema import Document

BATCH = 500

_problem = aliased(Idea)

#: Which idea changed, and when.
Change = tuple[int, datetime]


def documents_of(idea_ids: Collection[int]) -> list[Document]:
    """Return the documents of those given ideas that may be found, by id; empty where none may."""
    return _documents(_ideas().where(Idea.id.in_(set(idea_ids)))) if idea_ids else []


def all_documents() -> Iterator[Sequence[Document]]:
    """Yield the documents of all ideas that may be found, in batches, each read in a short transaction."""
    last_id = 0
    while batch := _documents(_ideas().where(Idea.id > last_id).limit(BATCH)):
        session().rollback()
        yield batch
        last_id = batch[-1].idea_id
    session().rollback()


def next_changes(*, most: int) -> list[Change]:
    """Return the oldest changes the index has yet to take up, at most `most`; empty where there are none."""
    query = select(SearchChange.idea_id, SearchChange.changed_at)
    rows = session().execute(query.order_by(SearchChange.changed_at).limit(most))
    return [(row.idea_id, row.changed_at) for row in rows]


def forget_changes(changes: Sequence[Change]) -> None:
    """Delete these changes but for ideas that changed again since. Takes its own transaction."""
    same = and_(SearchChange.idea_id == bindparam("of"), SearchChange.changed_at == bindparam("at"))
    with transaction() as current:
        values = [{"of": idea_id, "at": changed_at} for idea_id, changed_at in changes]
        current.connection().execute(delete(SearchChange.__table__).where(same), values)  # type: ignore[arg-type]


def fix_ids_of(problem_id: int) -> list[int]:
    """Return the ids of the fixes proposed for a problem, in order."""
    return list(session().scalars(select(Idea.id).where(Idea.problem_id == problem_id).order_by(Idea.id)))


def may_be_found() -> ColumnElement[bool]:
    """Return the condition under which an idea is in the index: listed, or a fix of a problem that is not hidden.

    What was merged is not: who looks for it finds the idea that speaks for it now.
    """
    # Looked up for each fix: a list of all shown problems would be made anew for each search.
    hidden = exists().where(_problem.id == Idea.problem_id, _problem.hidden_at.is_not(None))
    stands = (Idea.hidden_at.is_(None), Idea.withdrawn_at.is_(None), Idea.merged_into_id.is_(None))
    return and_(*stands, or_(Idea.problem_id.is_(None), ~hidden))


def _ideas() -> Select[*tuple[Any, ...]]:
    return select(Idea.id, Idea.board_id, Idea.kind, Idea.title, Idea.body_html).where(may_be_found()).order_by(Idea.id)


def _documents(query: Select[*tuple[Any, ...]]) -> list[Document]:
    rows = session().execute(query).all()
    tags = tags_of([row.id for row in rows])
    return [
        Document(
            idea_id=row.id,
            board_id=row.board_id,
            kind=row.kind,
            title=row.title,
            body=markup.plain(row.body_html),
            tags=" ".join(tag.name for tag in tags[row.id]),
        )
        for row in rows
    ]
