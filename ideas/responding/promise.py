"""The promise clock: working days from publication to the first human answer of the staff. Nothing is read here."""

from datetime import UTC, datetime, time, timedelta

from ideas.core.clock import working_days_between

SATURDAY = 5


def is_in_time(published_at: datetime, answered_at: datetime, *, promise_days: int) -> bool:
    """Tell whether an answer came within the promise; the last promised day counts as a whole (UTC)."""
    return working_days_between(published_at, answered_at) <= promise_days


def earliest_in_time(moment: datetime, *, promise_days: int) -> datetime:
    """Return the start of the earliest day (UTC, inclusive) on which something unanswered at `moment` may have
    been published without being late. Whatever was published before it is late.
    """
    day = moment.astimezone(UTC).date()
    left = promise_days
    while left or day.weekday() >= SATURDAY:
        left -= day.weekday() < SATURDAY
        day -= timedelta(days=1)
    return datetime.combine(day, time.min, tzinfo=UTC)
