"""The promise clock: working days, weekends, and where lateness begins."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.core import clock
from ideas.core.clock import add_working_days, working_days_between
from ideas.ideation.models import Category
from ideas.responding.promise import earliest_in_time, is_in_time
from ideas.web.pages.promise import Promise, PromiseState, promise_of

pytestmark = pytest.mark.once

#: A Monday.
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)
SATURDAY = MONDAY + timedelta(days=5)

moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def waiting(published_at: datetime, now: datetime, *, days: int = 5) -> Promise:
    with clock.frozen(now):
        promise = promise_of(published_at, None, promise_days=days, category=Category.OPEN, response_count=0)
    assert promise is not None
    return promise


def test_the_day_of_publication_is_day_0() -> None:
    assert waiting(MONDAY, MONDAY + timedelta(hours=14)) == Promise(
        state=PromiseState.ON_TIME, used_days=0, total_days=5, late_days=0
    )


def test_a_weekend_uses_no_day() -> None:
    assert waiting(FRIDAY, FRIDAY + timedelta(days=2)).used_days == 0
    assert waiting(FRIDAY, FRIDAY + timedelta(days=3)).used_days == 1


def test_what_is_published_on_a_saturday_has_its_first_day_on_monday() -> None:
    assert waiting(SATURDAY, SATURDAY + timedelta(days=1)).used_days == 0
    assert waiting(SATURDAY, SATURDAY + timedelta(days=2)).used_days == 1


def test_the_last_promised_day_is_due_until_its_end() -> None:
    end_of_monday = MONDAY.replace(hour=23, minute=59) + timedelta(days=7)
    assert waiting(MONDAY, end_of_monday).state is PromiseState.DUE
    late = waiting(MONDAY, end_of_monday + timedelta(minutes=1))
    assert (late.state, late.late_days) == (PromiseState.LATE, 1)


def test_an_answer_on_the_last_day_keeps_the_promise_and_one_a_day_later_breaks_it() -> None:
    kept, broken = (
        promise_of(MONDAY, MONDAY + timedelta(days=days), promise_days=2, category=Category.OPEN, response_count=1)
        for days in (2, 3)
    )
    assert kept == Promise(state=PromiseState.KEPT, used_days=2, total_days=2, late_days=0)
    assert broken == Promise(state=PromiseState.BROKEN, used_days=3, total_days=2, late_days=1)


def test_a_promise_that_was_kept_stays_kept_whatever_came_of_the_idea() -> None:
    promise = promise_of(MONDAY, MONDAY, promise_days=2, category=Category.DECLINED, response_count=3)
    assert promise is not None
    assert promise.state is PromiseState.KEPT


def test_no_clock_runs_for_what_stands_elsewhere_without_an_answer() -> None:
    assert promise_of(MONDAY, None, promise_days=5, category=Category.DELIVERED, response_count=0) is None


def test_no_clock_is_shown_where_only_its_author_of_the_staff_answered() -> None:
    assert promise_of(MONDAY, None, promise_days=5, category=Category.OPEN, response_count=1) is None


@given(start=moments, days=st.integers(0, 60))
def test_moving_on_by_working_days_and_counting_them_agree(start: datetime, days: int) -> None:
    assert working_days_between(start, add_working_days(start, days)) == days


@given(start=moments, days=st.integers(0, 400))
def test_working_days_are_the_days_that_are_no_weekend(start: datetime, days: int) -> None:
    passed = [start + timedelta(days=n) for n in range(1, days + 1)]
    assert working_days_between(start, start + timedelta(days=days)) == sum(day.weekday() < 5 for day in passed)


@given(now=moments, ago=st.floats(0, 100), days=st.integers(1, 60))
def test_the_earliest_day_in_time_parts_what_is_late_from_what_is_not(now: datetime, ago: float, days: int) -> None:
    published = now - timedelta(days=ago)
    in_time = is_in_time(published, now, promise_days=days)
    assert (published >= earliest_in_time(now, promise_days=days)) == in_time


@given(now=moments, days=st.integers(0, 60))
def test_just_before_the_earliest_day_in_time_it_was_late(now: datetime, days: int) -> None:
    earliest = earliest_in_time(now, promise_days=days)
    assert is_in_time(earliest, now, promise_days=days)
    assert not is_in_time(earliest - timedelta(microseconds=1), now, promise_days=days)
