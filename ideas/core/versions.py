"""Versions of what people see: a number for each place that grows with every change of what is shown there.

Pages drawn once can be kept under the version they were drawn from. A version grows in the transaction of the change
itself, so nobody sees the new version without the change. It is counted in several rows a place: were it one row,
all who change something on one board would wait for each other. It grows by chance steps, so that a database taken
back from a backup does not come again to a version under which a process has kept other pages.

Classes of rows that lists show have a method `content_place()`. Their objects are noticed when they are flushed;
statements on their tables count as a change of the whole site, unless they carry `execution_options=TOLD` and
their author calls `touch`.
"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ScalarSelect, Select, event, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, ORMExecuteState, Session, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from ideas.core import clock
from ideas.core.columns import UtcDateTime
from ideas.core.db import Base, before_commit, db, session
from ideas.core.sql import insert_or_update

#: The place of what all boards share, such as the names of statuses. Boards are named by their key.
SITE = 0
STRIPES = 8
LARGEST_STEP = 1 << 32
#: For statements whose author says by `touch` what they change.
TOLD = {"content_told": True}


class ContentVersion(Base):
    """One of the counters of a place; their sum is its version."""

    __tablename__ = "content_version"

    place_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stripe: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now)


def touch(place_id: int) -> None:
    """Let the version of a place grow when the writing transaction under way is committed."""
    session().info.setdefault("touched", set()).add(place_id)
    before_commit(_raise_touched)


def version_of(board_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ScalarSelect[int]:
    """Return the version of a board together with the site's as part of a query; 0 before the first change."""
    return _version(ContentVersion.place_id.in_([SITE, board_id]))


def version_across(board_ids: Select[int]) -> ScalarSelect[int]:
    """Return the version of several boards together with the site's as part of a query."""
    return _version(_across(board_ids))


def changed_at(board_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ScalarSelect[datetime]:
    """Return when a board or what all boards share changed last, as part of a query; NULL before the first change."""
    return _changed_at(ContentVersion.place_id.in_([SITE, board_id]))


def changed_across(board_ids: Select[int]) -> ScalarSelect[datetime]:
    """Return what `changed_at` does, for several boards."""
    return _changed_at(_across(board_ids))


def _across(board_ids: Select[int]) -> ColumnElement[bool]:
    return or_(ContentVersion.place_id == SITE, ContentVersion.place_id.in_(board_ids))


def _version(places: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.coalesce(func.sum(ContentVersion.number), 0)).where(places).scalar_subquery()


def _changed_at(places: ColumnElement[bool]) -> ScalarSelect[datetime]:
    return select(func.max(ContentVersion.changed_at)).where(places).scalar_subquery()


def _raise_touched() -> None:
    # In one order, or two transactions that touch the same places could wait for each other.
    for place_id in sorted(session().info.pop("touched", set())):
        key = {"place_id": place_id, "stripe": secrets.randbelow(STRIPES)}
        step, now = 1 + secrets.randbelow(LARGEST_STEP), clock.now()
        raised = {"number": ContentVersion.__table__.c.number + step, "changed_at": now}
        values = {**key, "number": step, "changed_at": now}
        insert_or_update(ContentVersion, values, unique=list(key), update=raised)


@event.listens_for(db.session, "after_flush")
def _notice_objects(current: Session, _context: object) -> None:
    if not current.info.get("writing"):
        return
    for row in (*current.new, *current.dirty, *current.deleted):
        place: Any = getattr(row, "content_place", None)
        if place is not None:
            touch(place())


@event.listens_for(db.session, "do_orm_execute")
def _notice_statements(state: ORMExecuteState) -> None:
    is_change = state.is_update or state.is_delete or state.is_insert
    if not is_change or state.execution_options.get("content_told") or not state.session.info.get("writing"):
        return
    mapper = state.bind_mapper
    if mapper is not None and hasattr(mapper.class_, "content_place"):
        touch(SITE)
