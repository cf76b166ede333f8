"""The table of the outbox, and which of its rows may be taken; nothing is done here.

Rows outside of lanes are done in the order of their times. Of a lane only the first row is looked at, and none where a
worker holds one; the indexes let both be found without reading what else waits.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import (
    JSON,
    ColumnElement,
    Index,
    Integer,
    Interval,
    Select,
    String,
    Text,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from ideas.core import clock
from ideas.core.columns import Dated, Identified, UtcDateTime, text_enum
from ideas.core.db import Base, read_rows, session

REASON_MAX = 300
LANE_MAX = 100


class OutboxState(StrEnum):
    """Where a row stands."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


class OutboxRow(Identified, Dated, Base):
    """One piece of work."""

    __tablename__ = "outbox"

    job: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: When it is due. PostgreSQL fills it by its own clock, which all machines share.
    available_at: Mapped[datetime] = mapped_column(UtcDateTime(), server_default=func.now())
    #: The same key is put once; rows without a key are put as often as asked.
    key: Mapped[str | None] = mapped_column(String(200), unique=True, default=None)
    #: Of a lane that has a name one row is done at a time.
    lane: Mapped[str] = mapped_column(String(LANE_MAX), default="", server_default="")
    state: Mapped[OutboxState] = mapped_column(text_enum(OutboxState), default=OutboxState.PENDING)
    #: Times it was taken, ever; also the fence: only the latest taker may finish it.
    attempts: Mapped[int] = mapped_column(default=0)
    #: Times it was taken since it was put, or since somebody asked for it to be tried anew.
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    #: While a worker holds it: until when.
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    #: Why the last try failed, fit to be shown: nothing of the payload is in it.
    reason: Mapped[str | None] = mapped_column(String(REASON_MAX), default=None)
    last_error: Mapped[str | None] = mapped_column(Text, default=None)


#: Written into the statements, not bound: a partial index serves only those that say its condition.
IS_PENDING = OutboxRow.state == literal(OutboxState.PENDING, OutboxRow.state.type, literal_execute=True)
IS_DEAD = OutboxRow.state == literal(OutboxState.DEAD, OutboxRow.state.type, literal_execute=True)
IS_DONE = OutboxRow.state == literal(OutboxState.DONE, OutboxRow.state.type, literal_execute=True)
_NAMELESS = literal("", OutboxRow.lane.type, literal_execute=True)
IN_LANE = OutboxRow.lane > _NAMELESS
NOT_IN_LANE = OutboxRow.lane == _NAMELESS


def _partial(name: str, *columns: Any, where: ColumnElement[bool], unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


# What waits outside of lanes, in the order in which it is done.
_partial("ix_outbox_due", OutboxRow.available_at, OutboxRow.id, where=and_(IS_PENDING, NOT_IN_LANE))
# What waits in lanes: the first row of each lane is found without reading the others.
_partial(
    "ix_outbox_lane",
    OutboxRow.lane,
    OutboxRow.available_at,
    OutboxRow.id,
    where=and_(IS_PENDING, IN_LANE),
)
# One row of a lane is held, whoever takes it.
_partial(
    "uq_outbox_held_lane",
    OutboxRow.lane,
    where=and_(OutboxRow.held_until.is_not(None), IN_LANE),
    unique=True,
)
# What failed, the latest first; and what is thrown away in time.
_partial("ix_outbox_dead", OutboxRow.available_at, OutboxRow.id, where=IS_DEAD)
_partial("ix_outbox_done", OutboxRow.done_at, where=IS_DONE)


def now_there(after: timedelta = timedelta(0)) -> Any:
    """Return the present moment, or one `after` it, for statements: by PostgreSQL's own clock, so that machines need
    not agree on theirs.
    """
    if asks_database():
        return func.now(type_=UtcDateTime()) + literal(after, Interval())
    return literal(clock.now() + after, UtcDateTime())


def asks_database() -> bool:
    """Tell whether the database's clock counts: not SQLite's, which is the machine's, and not where time was set."""
    return session().get_bind().dialect.name == "postgresql" and not clock.is_frozen()


Look: TypeAlias = Select[int, str, str, int, datetime]


@dataclass(frozen=True, slots=True)
class Due:
    """A row that may be taken, as it was when somebody looked."""

    row_id: int
    job: str
    lane: str
    fence: int
    available_at: datetime


def list_due(*, most: int) -> list[Due]:
    """Return rows that may be taken, those that fell due first at the front; reads only."""
    asks = asks_database()
    values = {"most": most, **moment(asks)}
    found = [
        Due(row.id, row.job, row.lane, row.attempts, row.available_at)
        for looking in _lookings(asks)
        for row in read_rows(looking, values)
    ]
    session().rollback()
    return sorted(found, key=lambda due: (due.available_at, due.row_id))[:most]


def moment(asks: bool, **waits: timedelta) -> dict[str, datetime]:  # noqa: FBT001 - a cache key
    """Return the parameters of statements that do not ask the database's clock: `now`, and moments after it."""
    now = clock.now()
    return {} if asks else {"now": now, **{name: now + wait for name, wait in waits.items()}}


def now_or(asks: bool) -> Any:  # noqa: FBT001 - a cache key
    """Return the present moment for statements that are kept: the database's clock, or the parameter `now`."""
    return func.now(type_=UtcDateTime()) if asks else bindparam("now", type_=UtcDateTime())


def is_free(now: Any) -> ColumnElement[bool]:
    """Return the condition that no worker holds a row."""
    return or_(OutboxRow.held_until.is_(None), OutboxRow.held_until <= now)


@lru_cache
def _lookings(asks: bool) -> tuple[Look, Look]:  # noqa: FBT001 - a cache key
    """Return what is looked for: putting the statements together would cost more than running them."""
    now, most = now_or(asks), bindparam("most", type_=Integer())
    return _outside_lanes(now).limit(most), _heads_of_lanes(now).limit(most)


_COLUMNS = (OutboxRow.id, OutboxRow.job, OutboxRow.lane, OutboxRow.attempts, OutboxRow.available_at)


def _outside_lanes(now: Any) -> Look:
    due = select(*_COLUMNS).where(IS_PENDING, NOT_IN_LANE, OutboxRow.available_at <= now, is_free(now))
    return due.order_by(OutboxRow.available_at, OutboxRow.id)


def _heads_of_lanes(now: Any) -> Look:
    """Select the first row of each lane in which nobody works, going from lane to lane by the index."""
    lanes = select(func.min(OutboxRow.lane).label("lane")).where(IS_PENDING, IN_LANE).cte("lanes", recursive=True)
    following = select(func.min(OutboxRow.lane)).where(IS_PENDING, IN_LANE, OutboxRow.lane > lanes.c.lane)
    lanes = lanes.union_all(select(following.scalar_subquery()).where(lanes.c.lane.is_not(None)))
    in_this = (IS_PENDING, IN_LANE, OutboxRow.lane == lanes.c.lane)
    first = select(OutboxRow.id).where(*in_this, OutboxRow.available_at <= now)
    first = first.order_by(OutboxRow.available_at, OutboxRow.id).limit(1)
    head = aliased(OutboxRow)
    held = exists().where(IN_LANE, OutboxRow.lane == lanes.c.lane, OutboxRow.held_until > now)
    columns = (head.id, head.job, head.lane, head.attempts, head.available_at)
    heads = select(*columns).select_from(lanes).join(head, head.id == first.correlate(lanes).scalar_subquery())
    return heads.where(~held).order_by(head.available_at, head.id)
