"""Deliveries of problems: when one was fixed, for how long that is watched, and how many stay fixed.

The number that boards publish is computed from rows by this rule, and kept nowhere:

- A *delivery* is a step of a problem's status into a delivered category from any other.
- It *came back* where, within the board's watch period, the problem was moved out of being delivered again, by
  reporters who said "not fixed" or by an answer, or where the staff said of a new problem that it is this one again.
- It *stayed fixed* where its watch period is over and it did not come back.
- The rate is the share that stayed fixed among the deliveries whose watch period ended within the last year. Those
  that are still watched are not in it, whether they came back or not: else young deliveries would count against
  the place, and never for it.

Problems hidden by moderation are left out, so that a number tells nobody of them.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, exists, func, select
from sqlalchemy.orm import aliased

from ideas.boards.models import Board
from ideas.cocreation.models import Recurrence, RecurrenceState
from ideas.core import clock
from ideas.core.db import session
from ideas.ideation.models import Category, Idea, Kind, Status, StatusChange

#: Over so long a time the published share is taken.
COUNTED_FOR = timedelta(days=365)

#: Made once: an alias costs more to make than the query it is used in.
_from, _to, _left_from, _left_to = aliased(Status), aliased(Status), aliased(Status), aliased(Status)
_leaving = aliased(StatusChange)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The latest delivery of a problem."""

    change_id: int
    delivered_at: datetime
    watched_until: datetime

    @property
    def is_watched(self) -> bool:
        """Whether it is still watched whether the problem comes back."""
        return clock.now() < self.watched_until


@dataclass(frozen=True, slots=True, kw_only=True)
class StayFixed:
    """How many deliveries of a board stayed fixed, by the rule above."""

    stayed: int = 0
    came_back: int = 0
    #: Those whose watch period is not over, and how many of them came back already.
    watched: int = 0
    watched_back: int = 0

    @property
    def total(self) -> int:
        """Deliveries whose watch period is over."""
        return self.stayed + self.came_back

    @property
    def percent(self) -> int | None:
        """The share that stayed fixed, rounded down so that 100 means all; None where none counts yet."""
        return self.stayed * 100 // self.total if self.total else None


def find_delivery(problem: Idea, *, watch_days: int) -> Delivery | None:
    """Return the latest delivery of a problem, or None where none is known. One query."""
    row = session().execute(_deliveries().where(StatusChange.idea_id == problem.id).order_by(*_newest()).limit(1))
    found = row.first()
    if found is None:
        return None
    until = found.created_at + timedelta(days=watch_days)
    return Delivery(change_id=found.id, delivered_at=found.created_at, watched_until=until)


def stay_fixed_of(boards: Collection[Board]) -> Mapping[int, StayFixed]:
    """Return for each of the boards how many deliveries stayed fixed, zeros included. One query."""
    found: dict[int, Counter[str]] = {board.id: Counter() for board in boards}
    if not found:
        return {}
    watch = {board.id: timedelta(days=board.watch_days) for board in boards}
    now = clock.now()
    query = _deliveries().add_columns(Idea.board_id, _left_at().label("left_at"), _is_again().label("is_again"))
    since = now - COUNTED_FOR - max(watch.values())
    query = query.where(Idea.board_id.in_(found), Idea.hidden_at.is_(None), StatusChange.created_at > since)
    for row in session().execute(query):
        found[row.board_id][_outcome(row, watch[row.board_id], now)] += 1
    return {
        board_id: StayFixed(
            stayed=counted["stayed"],
            came_back=counted["came_back"],
            watched=counted["watched"] + counted["watched_back"],
            watched_back=counted["watched_back"],
        )
        for board_id, counted in found.items()
    }


def _outcome(row: Row[Any], watch: timedelta, now: datetime) -> str:
    """Return under which word a delivery counts; "" where its watch period ended longer ago than is counted."""
    until = row.created_at + watch
    has_come_back = bool(row.is_again) or (row.left_at is not None and row.left_at <= until)
    if until > now:
        return "watched_back" if has_come_back else "watched"
    if until <= now - COUNTED_FOR:
        return ""
    return "came_back" if has_come_back else "stayed"


def _deliveries() -> Select[int, datetime]:
    return (
        select(StatusChange.id, StatusChange.created_at)
        .join(Idea, Idea.id == StatusChange.idea_id)
        .join(_from, _from.id == StatusChange.from_status_id)
        .join(_to, _to.id == StatusChange.to_status_id)
        .where(Idea.kind == Kind.PROBLEM, _to.category == Category.DELIVERED, _from.category != Category.DELIVERED)
    )


def _newest() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return StatusChange.created_at.desc(), StatusChange.id.desc()


def _left_at() -> ScalarSelect[datetime]:
    """When the problem of a delivery was first delivered no longer after it."""
    return (
        select(func.min(_leaving.created_at))
        .join(_left_from, _left_from.id == _leaving.from_status_id)
        .join(_left_to, _left_to.id == _leaving.to_status_id)
        .where(
            _leaving.idea_id == StatusChange.idea_id,
            _leaving.id > StatusChange.id,
            _left_from.category == Category.DELIVERED,
            _left_to.category != Category.DELIVERED,
        )
        .correlate(StatusChange)
        .scalar_subquery()
    )


def _is_again() -> ColumnElement[bool]:
    again = Recurrence.state == RecurrenceState.YES
    return exists().where(Recurrence.change_id == StatusChange.id, again).correlate(StatusChange)
