"""The only source of the time, so that tests and the demo can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_frozen: ContextVar[datetime | None] = ContextVar("frozen_time", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def is_frozen() -> bool:
    """Tell whether the time was set by `frozen`, in this thread or task."""
    return _frozen.get() is not None


def minute() -> int:
    """Return the whole minutes since 1970: what is told to the minute may be kept for as long as this is the same."""
    return int(now().timestamp()) // 60


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Let `now()` return `moment` (aware) inside the block, in this thread or task only."""
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def working_days_between(start: datetime, end: datetime) -> int:
    """Count the working days (Monday to Friday, UTC) begun after the day of `start` up to the day of `end`.

    The day of `start` itself is day 0. Returns 0 where `end` is not after `start`.
    """
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    days = (last - first).days
    if days <= 0:
        return 0
    weeks, rest = divmod(days, 7)
    extra = sum(1 for i in range(1, rest + 1) if (first.weekday() + i) % 7 < 5)
    return weeks * 5 + extra


def add_working_days(start: datetime, days: int) -> datetime:
    """Return `start` moved on by `days` working days (Monday to Friday), same time of day."""
    moment = start
    while days > 0:
        moment += timedelta(days=1)
        if moment.weekday() < 5:
            days -= 1
    return moment
