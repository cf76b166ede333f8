"""Lists of ideas: Core rows into small dataclasses, keyset paging, every order by an index."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, or_, select

from ideas.accounts.models import Member, MemberKind
from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.db import session
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.core.statements import kept_by_rights, viewer
from ideas.ideation.models import CLOSED, SHUFFLE_PRIME, Category, Idea, IdeaTag, Kind, Status, Tag
from ideas.ideation.queries import visible_to


class Order(StrEnum):
    """In which order a board is read."""

    TRENDING = "trending"
    SUPPORTED = "supported"
    NEWEST = "newest"
    ANSWERED = "answered"
    RANDOM = "random"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which ideas of a board are wanted; None means any."""

    status: str | None = None
    kind: Kind | None = None
    tag: str | None = None
    is_answered: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdeaRow:
    """What a list shows of an idea."""

    id: int
    public_id: str
    kind: Kind
    title: str
    excerpt: str
    board_id: int
    status_id: int
    category: Category
    published_at: datetime
    support_count: int
    comment_count: int
    response_count: int
    fix_count: int
    first_response_at: datetime | None
    last_response_at: datetime | None
    chosen_at: datetime | None
    is_open: bool
    author_name: str | None
    author_handle: str | None
    author_is_staff: bool
    trend: float
    shuffle: int


@dataclass(frozen=True, slots=True)
class Ordering:
    """How an order sorts, and the cursor values of a row."""

    column: Any
    is_descending: bool
    kind: type
    value: Callable[[IdeaRow], float | int | str]


ROW_COLUMNS = (
    Idea.id,
    Idea.public_id,
    Idea.kind,
    Idea.title,
    Idea.excerpt,
    Idea.board_id,
    Idea.status_id,
    Idea.category,
    Idea.published_at,
    Idea.support_count,
    Idea.comment_count,
    Idea.response_count,
    Idea.fix_count,
    Idea.first_response_at,
    Idea.last_response_at,
    Idea.chosen_at,
    Idea.hidden_at,
    Idea.withdrawn_at,
    Idea.trend,
    Idea.shuffle,
    Member.name.label("author_name"),
    Member.handle.label("author_handle"),
    Member.kind.label("author_kind"),
)


def list_ideas(
    actor: Actor,
    board_id: int,
    *,
    order: Order = Order.TRENDING,
    wanted: Filter | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[IdeaRow]:
    """Return a page of a board's listed ideas. Raises Invalid for a cursor that is not ours.

    "Lately answered" leaves out ideas that have no answer.
    """
    ordering = _ordering(order)
    query = _rows(actor).where(Idea.board_id == board_id, Idea.is_listed.is_(True))
    for condition in conditions(board_id, wanted or Filter()):
        query = query.where(condition)
    if order is Order.ANSWERED:
        query = query.where(Idea.last_response_at.is_not(None))
    if after:
        query = query.where(_continues(ordering, after))
    sign = ordering.column.desc() if ordering.is_descending else ordering.column.asc()
    last = Idea.id.desc() if ordering.is_descending else Idea.id.asc()
    rows = [as_row(row) for row in session().execute(query.order_by(sign, last).limit(size + 1))]
    return page_of(rows, size=size, key=lambda row: (ordering.value(row), row.id))


def rows_of(actor: Actor, idea_ids: Collection[int]) -> dict[int, IdeaRow]:
    """Return the rows of those given ideas that exist for the actor, by id; fixes too."""
    if not idea_ids:
        return {}
    found = session().execute(_rows_by_id(actor), viewer(actor, idea_ids=list(set(idea_ids))))
    return {row.id: as_row(row) for row in found}


def as_row(row: Row[Any]) -> IdeaRow:
    """Return the row of ROW_COLUMNS as a dataclass."""
    values = dict(row._mapping)  # noqa: SLF001 - public by its documentation
    hidden, withdrawn = values.pop("hidden_at"), values.pop("withdrawn_at")
    kind = values.pop("author_kind")
    is_closed = values["category"] in CLOSED or hidden or withdrawn
    return IdeaRow(**values, is_open=not is_closed, author_is_staff=kind is MemberKind.STAFF)


def day_factor(moment: datetime) -> int:
    """Return the day's multiplier of the random order: the same for everybody all day (UTC)."""
    return (moment.astimezone(UTC).toordinal() * 48_271) % SHUFFLE_PRIME or 1


def _rows(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(*ROW_COLUMNS)
        .join(Board, Board.id == Idea.board_id)
        .outerjoin(Member, Member.id == Idea.author_id)
        .where(visible_to(actor))
    )


@kept_by_rights
def _rows_by_id(actor: Actor) -> Select[*tuple[Any, ...]]:
    return _rows(actor).where(Idea.id.in_(bindparam("idea_ids", expanding=True)))


def conditions(board_id: int, wanted: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions under which an idea of a board is wanted; none for the empty filter."""
    found: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        found.append(Idea.status_id == select(Status.id).where(Status.slug == wanted.status).scalar_subquery())
    if wanted.kind is not None:
        found.append(Idea.kind == wanted.kind)
    if wanted.tag is not None:
        tagged = exists().where(IdeaTag.idea_id == Idea.id, IdeaTag.tag_id == Tag.id)
        found.append(tagged.where(Tag.board_id == board_id, Tag.slug == wanted.tag))
    if wanted.is_answered is not None:
        answered = Idea.first_response_at.is_not(None)
        found.append(answered if wanted.is_answered else ~answered)
    return found


def _ordering(order: Order) -> Ordering:
    if order is Order.RANDOM:
        factor = day_factor(clock.now())
        mixed = (Idea.shuffle * factor) % SHUFFLE_PRIME
        return Ordering(mixed, False, int, lambda row: (row.shuffle * factor) % SHUFFLE_PRIME)
    return {
        Order.TRENDING: Ordering(Idea.trend, True, float, lambda row: row.trend),
        Order.SUPPORTED: Ordering(Idea.support_count, True, int, lambda row: row.support_count),
        Order.NEWEST: Ordering(Idea.published_at, True, str, lambda row: row.published_at.isoformat()),
        Order.ANSWERED: Ordering(
            Idea.last_response_at, True, str, lambda row: (row.last_response_at or row.published_at).isoformat()
        ),
    }[order]


def _continues(ordering: Ordering, after: str) -> ColumnElement[bool]:
    value, last_id = decode_cursor(after, ordering.kind, int)
    bound: object = value
    if ordering.kind is str:
        bound = as_moment(value)
    column = ordering.column
    if ordering.is_descending:
        return or_(column < bound, and_(column == bound, Idea.id < last_id))
    return or_(column > bound, and_(column == bound, Idea.id > last_id))
