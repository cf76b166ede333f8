"""The queue of those who answer: lanes over the boards they look after, longest wait first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, column, exists, false, func, or_, select, table, true
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.db import session
from ideas.core.pages import PAGE_SIZE, Page, as_moment, bad_cursor, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.models import CLOSED, Category, Idea, Kind, Status, StatusChange
from ideas.ideation.queries import visible_to
from ideas.responding.models import Response
from ideas.responding.promise import earliest_in_time


class Lane(StrEnum):
    """Which part of the queue is looked at."""

    OVERDUE = "overdue"
    DUE = "due"
    UNANSWERED = "unanswered"
    MINE = "mine"
    ACTIVE = "active"
    REVIEW = "review"
    #: Problems that may be fixed ones again.
    RECURRING = "recurring"
    #: Delivered problems of which nobody has written what keeps them away.
    TO_CLOSE = "to_close"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the queue is made of: boards by id, and one status or (None) any.

    `narrowed`: a further condition on ideas, of a floor that stands beside this one.
    """

    boards: Collection[Board]
    status_id: int | None = None
    narrowed: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A row of the queue."""

    id: int
    public_id: str
    kind: Kind
    title: str
    board_id: int
    status_id: int
    category: Category
    published_at: datetime
    support_count: int
    response_count: int
    first_response_at: datetime | None
    assignee_id: int | None
    author_name: str | None
    #: When the last answer promised to look at it again.
    review_on: date | None


#: The day of review named by the last answer of an idea; NULL where it named none.
_review_on = (
    select(Response.review_on)
    .where(Response.idea_id == Idea.id)
    .order_by(Response.created_at.desc(), Response.id.desc())
    .limit(1)
    .correlate(Idea)
    .scalar_subquery()
)


#: What follows a delivery is written by the neighbouring package of problems and fixes; it is read by name here, as
#: foreign keys are, because siblings do not import each other.
_recurrence = table("recurrence", column("problem_id"), column("state"))
_prevention = table("prevention", column("problem_id"), column("change_id"))
#: Made once: an alias costs more to make than the query it is used in.
_leaving = aliased(StatusChange)

_COLUMNS = (
    Idea.id,
    Idea.public_id,
    Idea.kind,
    Idea.title,
    Idea.board_id,
    Idea.status_id,
    Idea.category,
    Idea.published_at,
    Idea.support_count,
    Idea.response_count,
    Idea.first_response_at,
    Idea.assignee_id,
    Member.name.label("author_name"),
    _review_on.label("review_on"),
)


def list_lane(
    actor: Actor, scope: Scope, lane: Lane, *, after: str | None = None, size: int = PAGE_SIZE
) -> Page[Waiting]:
    """Return a page of a lane: longest wait first, what is to be reviewed by its day. One query.

    Raises Invalid for a cursor that is not ours.
    """
    order: ColumnElement[Any] = _review_on if lane is Lane.REVIEW else Idea.published_at.expression
    query = _within(actor, scope, select(*_COLUMNS).outerjoin(Member, Member.id == Idea.author_id))
    query = query.where(_condition(actor, scope, lane))
    if after:
        bound, last_id = _bound(lane, after)
        query = query.where(or_(order > bound, and_(order == bound, Idea.id > last_id)))
    rows = session().execute(query.order_by(order, Idea.id).limit(size + 1))
    return page_of([Waiting(**row._asdict()) for row in rows], size=size, key=lambda row: (_value(lane, row), row.id))


def count_lanes(actor: Actor, scope: Scope) -> Mapping[Lane, int]:
    """Return how many ideas stand in each lane, zeros included. One query."""
    counts = [func.count(case((_condition(actor, scope, lane), 1))).label(lane.value) for lane in Lane]
    row = session().execute(_within(actor, scope, select(*counts).select_from(Idea))).one()
    return {lane: int(count) for lane, count in zip(Lane, row, strict=True)}


def newly_overdue(*, since: timedelta) -> Select[Idea]:
    """Return the query for ideas on all boards that wait for a first answer, and whose promise was broken less than
    `since` ago, by id. Days on which nobody works make it longer, never shorter.
    """
    now = clock.now()
    promises = session().scalars(select(Board.promise_days).distinct()).all()
    lately = [
        and_(
            Board.promise_days == days,
            Idea.published_at < (late := earliest_in_time(now, promise_days=days)),
            Idea.published_at >= late - since,
        )
        for days in promises
    ]
    query = select(Idea).join(Board, Board.id == Idea.board_id)
    return query.where(Idea.is_listed.is_(True), _waits(), or_(false(), *lately)).order_by(Idea.id)


def _within(actor: Actor, scope: Scope, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    places = [board.id for board in scope.boards]
    query = query.join(Board, Board.id == Idea.board_id).where(
        Idea.is_listed.is_(True), Idea.board_id.in_(places), visible_to(actor)
    )
    if scope.status_id is not None:
        query = query.where(Idea.status_id == scope.status_id)
    return query if scope.narrowed is None else query.where(scope.narrowed)


def _waits() -> ColumnElement[bool]:
    return and_(Idea.category == Category.OPEN, Idea.first_response_at.is_(None), Idea.response_count == 0)


def _condition(actor: Actor, scope: Scope, lane: Lane) -> ColumnElement[bool]:
    waits = _waits()
    return {
        Lane.OVERDUE: lambda: and_(waits, _published_before(scope, days_left=0)),
        Lane.DUE: lambda: and_(waits, ~_published_before(scope, days_left=0), _published_before(scope, days_left=1)),
        Lane.UNANSWERED: lambda: waits,
        Lane.MINE: lambda: and_(Idea.assignee_id == actor.member_id, Idea.category.not_in(CLOSED)),
        Lane.ACTIVE: lambda: Idea.category.in_([Category.PLANNED, Category.IN_PROGRESS]),
        Lane.REVIEW: lambda: and_(Idea.category.in_([Category.DECLINED, Category.PARKED]), _review_on.is_not(None)),
        Lane.RECURRING: lambda: exists().where(_recurrence.c.problem_id == Idea.id, _recurrence.c.state == "open"),
        Lane.TO_CLOSE: lambda: and_(
            Idea.kind == Kind.PROBLEM, Idea.category == Category.DELIVERED, _was_delivered(), ~_is_closed()
        ),
        Lane.ALL: true,
    }[lane]()


def _published_before(scope: Scope, *, days_left: int) -> ColumnElement[bool]:
    """Return the condition that fewer than `days_left` working days are left of the promise; 0: it is broken."""
    now = clock.now()
    promises = {board.promise_days for board in scope.boards}
    return or_(
        false(),
        *(
            and_(
                Board.promise_days == days,
                Idea.published_at < earliest_in_time(now, promise_days=days - days_left),
            )
            for days in sorted(promises)
        ),
    )


def _was_delivered() -> ColumnElement[bool]:
    """A delivery is known; what came here as delivered has none to be closed."""
    delivered = select(Status.id).where(Status.category == Category.DELIVERED)
    return exists().where(StatusChange.idea_id == Idea.id, StatusChange.to_status_id.in_(delivered))


def _is_closed() -> ColumnElement[bool]:
    """What keeps a problem away was written after its latest delivery."""
    delivered = select(Status.id).where(Status.category == Category.DELIVERED)
    left_since = exists().where(
        _leaving.idea_id == Idea.id,
        _leaving.id > _prevention.c.change_id,
        _leaving.from_status_id.in_(delivered),
        _leaving.to_status_id.not_in(delivered),
    )
    return exists().where(_prevention.c.problem_id == Idea.id, ~left_since)


def _value(lane: Lane, row: Waiting) -> str:
    if lane is Lane.REVIEW and row.review_on is not None:
        return row.review_on.isoformat()
    return row.published_at.isoformat()


def _bound(lane: Lane, after: str) -> tuple[date, int]:
    value, last_id = decode_cursor(after, str, int)
    try:
        bound = date.fromisoformat(str(value)) if lane is Lane.REVIEW else as_moment(value)
    except ValueError:
        raise bad_cursor() from None
    return bound, int(str(last_id))
