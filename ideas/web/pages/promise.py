"""The promise clock of one idea as its mark shows it; pure, so that lists can ask for every row."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ideas.core import clock
from ideas.core.clock import working_days_between
from ideas.ideation.models import Category


class PromiseState(StrEnum):
    """How a promise stands."""

    ON_TIME = "on_time"
    DUE = "due"
    LATE = "late"
    #: Answered within the promise.
    KEPT = "kept"
    #: Answered, but after the promised days.
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the mark needs; all in working days."""

    state: PromiseState
    used_days: int
    total_days: int
    late_days: int


def promise_of(
    published_at: datetime,
    first_response_at: datetime | None,
    *,
    promise_days: int,
    category: Category,
    response_count: int,
) -> Promise | None:
    """Return how the promise of an idea stands, now or when it was first answered.

    None where no clock runs: it stands elsewhere than open without a dated answer (imported so), or only its
    author, being of the staff, has answered.
    """
    if first_response_at is not None:
        return _promise(published_at, first_response_at, promise_days, is_answered=True)
    if response_count or category is not Category.OPEN:
        return None
    return _promise(published_at, clock.now(), promise_days, is_answered=False)


def _promise(start: datetime, end: datetime, total: int, *, is_answered: bool) -> Promise:
    used = working_days_between(start, end)
    late = max(0, used - total)
    state = _answered(late) if is_answered else _waiting(used, total)
    return Promise(state=state, used_days=used, total_days=total, late_days=late)


def _answered(late: int) -> PromiseState:
    return PromiseState.BROKEN if late else PromiseState.KEPT


def _waiting(used: int, total: int) -> PromiseState:
    if used > total:
        return PromiseState.LATE
    return PromiseState.DUE if used == total else PromiseState.ON_TIME
