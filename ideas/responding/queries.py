"""Reading official answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member, MemberKind, Organisation
from ideas.accounts.queries import Person, person_columns, person_in
from ideas.boards.models import Board, BoardRole
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.core.streams import Spot, older
from ideas.ideation.models import Category, Idea, Status
from ideas.ideation.queries import visible_to
from ideas.responding.models import DeclineReason, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An official answer with the names around it."""

    id: int
    public_id: str
    idea_id: int
    created_at: datetime
    body: str
    body_html: str
    #: None: the answer was imported without its author, or the author has left.
    author: Person | None
    from_name: str
    from_category: Category
    to_name: str
    to_category: Category
    has_changed_status: bool
    decline_reason: DeclineReason | None
    would_change: str | None
    review_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An official answer together with what it answers."""

    answer: Answer
    idea_public_id: str
    idea_title: str
    board_name: str


#: The rank of answers where they stand among other things of the same moment.
GIVEN_RANK = 1


def _answers() -> Select[*tuple[Any, ...]]:
    start, end = aliased(Status), aliased(Status)
    return (
        select(
            Response,
            start.name.label("from_name"),
            start.category.label("from_category"),
            end.name.label("to_name"),
            end.category.label("to_category"),
            *person_columns(),
        )
        .join(start, start.id == Response.from_status_id)
        .join(end, end.id == Response.to_status_id)
        .outerjoin(Member, Member.id == Response.author_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
    )


#: Put together once: every page of an idea asks it.
_ANSWERS_OF_IDEA = _answers().where(Response.idea_id == bindparam("idea_id")).order_by(Response.created_at, Response.id)


def list_responses(idea_id: int) -> Sequence[Answer]:
    """Return all official answers of an idea, oldest first, in one query; empty where there is none."""
    return [_answer(row) for row in session().execute(_ANSWERS_OF_IDEA, {"idea_id": idea_id})]


def list_given(actor: Actor, *, among: Sequence[ColumnElement[bool]], after: Spot | None, most: int) -> list[Given]:
    """Return the official answers to those ideas that fit all conditions and exist for the actor, latest first.

    In one query; empty where there is none.
    """
    rows = session().execute(
        _answers()
        .join(Idea, Idea.id == Response.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .add_columns(
            Idea.public_id.label("idea_public_id"), Idea.title.label("idea_title"), Board.name.label("board_name")
        )
        .where(*among, visible_to(actor), older(after, Response.created_at, Response.id, rank=GIVEN_RANK))
        .order_by(Response.created_at.desc(), Response.id.desc())
        .limit(most)
    )
    return [
        Given(
            answer=_answer(row),
            idea_public_id=row.idea_public_id,
            idea_title=row.idea_title,
            board_name=row.board_name,
        )
        for row in rows
    ]


def find_last(idea_id: int) -> Answer | None:
    """Return the newest official answer of an idea, or None."""
    query = _answers().where(Response.idea_id == idea_id).order_by(Response.created_at.desc(), Response.id.desc())
    row = session().execute(query.limit(1)).first()
    return _answer(row) if row else None


def list_keepers(board_id: int, *, also: int | None = None) -> Sequence[Person]:
    """Return the active staff who hold a role on a board, by name, each once; these can be assigned.

    `also`: a member who is returned whatever their role, as whoever is assigned already.
    """
    held = exists().where(BoardRole.board_id == board_id, BoardRole.member_id == Member.id)
    keeps = and_(held, Member.kind == MemberKind.STAFF, Member.active.is_(True))
    rows = session().execute(
        select(Member.id, Member.name, Member.handle, Member.kind)
        .where(or_(keeps, Member.id == also) if also is not None else keeps)
        .order_by(Member.name, Member.id)
    )
    return [
        Person(id=row.id, name=row.name, handle=row.handle, is_staff=row.kind is MemberKind.STAFF, organisation=None)
        for row in rows
    ]


def _answer(row: Row[Any]) -> Answer:
    response: Response = row.Response
    return Answer(
        id=response.id,
        public_id=response.public_id,
        idea_id=response.idea_id,
        created_at=response.created_at,
        body=response.body,
        body_html=response.body_html,
        author=None if row.member_id is None else person_in(row),
        from_name=row.from_name,
        from_category=row.from_category,
        to_name=row.to_name,
        to_category=row.to_category,
        has_changed_status=response.from_status_id != response.to_status_id,
        decline_reason=response.decline_reason,
        would_change=response.would_change,
        review_on=response.review_on,
    )
