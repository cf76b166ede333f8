"""The clock: one source of the time, and days on which people work."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas.core import clock
from ideas.core.clock import add_working_days, working_days_between

pytestmark = pytest.mark.once

# Monday the 2nd to Sunday the 8th of March 2026.
MON, TUE, FRI, SAT, SUN = (datetime(2026, 3, day, 15, 30, tzinfo=UTC) for day in (2, 3, 6, 7, 8))
WEEK = timedelta(days=7)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (MON, MON, 0),
        (MON, MON.replace(hour=23), 0),
        (MON.replace(hour=23), TUE.replace(hour=0), 1),
        (MON, FRI, 4),
        (FRI, SAT, 0),
        (FRI, SUN, 0),
        (FRI, MON + WEEK, 1),
        (SAT, SUN, 0),
        (SUN, MON + WEEK, 1),
        (MON, MON + WEEK, 5),
        (FRI, MON, 0),
        (MON + WEEK, MON, 0),
        (MON, MON + 52 * WEEK, 260),
    ],
)
def test_days_from_monday_to_friday_are_counted(start: datetime, end: datetime, days: int) -> None:
    assert working_days_between(start, end) == days


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [(MON, 0, MON), (MON, 1, TUE), (FRI, 1, MON + WEEK), (SAT, 1, MON + WEEK), (SUN, 5, FRI + WEEK), (MON, -3, MON)],
)
def test_working_days_are_added_over_weekends(start: datetime, days: int, end: datetime) -> None:
    assert add_working_days(start, days) == end


def test_changing_the_clocks_in_spring_changes_no_count() -> None:
    summer, winter = timezone(timedelta(hours=2)), timezone(timedelta(hours=1))
    before = datetime(2026, 3, 27, 12, tzinfo=winter)
    after = datetime(2026, 3, 30, 12, tzinfo=summer)
    assert working_days_between(before, after) == 1


@given(moments, st.integers(0, 400))
def test_adding_days_and_counting_them_are_inverse(start: datetime, days: int) -> None:
    assert working_days_between(start, add_working_days(start, days)) == days


@given(moments, moments)
def test_the_count_equals_a_walk_from_day_to_day(start: datetime, end: datetime) -> None:
    end = min(end, start + timedelta(days=60))
    walked, day = 0, start.date()
    while day < end.date():
        day += timedelta(days=1)
        walked += day.weekday() < 5
    assert working_days_between(start, end) == walked


@given(moments, st.integers(1, 400))
def test_added_days_end_on_a_day_of_work_at_the_same_hour(start: datetime, days: int) -> None:
    end = add_working_days(start, days)
    assert end.weekday() < 5
    assert end.timetz() == start.timetz()


def test_now_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = clock.now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_a_frozen_clock_stands_inside_its_block_and_thread_only() -> None:
    elsewhere: list[datetime] = []
    with clock.frozen(MON):
        with clock.frozen(FRI.astimezone(timezone(timedelta(hours=-8)))):
            assert clock.now() == FRI
            assert clock.now().tzinfo is UTC
        assert clock.now() == MON
        other = threading.Thread(target=lambda: elsewhere.append(clock.now()))
        other.start()
        other.join()
    assert elsewhere[0] != MON
    assert clock.now() != MON
