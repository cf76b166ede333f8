"""What is done by the clock: at which moments, once each, late or not at all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas import wiring
from ideas.core import clock, outbox, periodic
from ideas.core.db import session
from ideas.core.outbox import Job, OutboxRow
from ideas.core.periodic import GRACE, KEEP_SLOTS, Every, Late, Periodic, PeriodicSlot, purge, tick
from tests.conftest import NewDatabase
from tests.core.places import at_once, small_app
from tests.core.work import rows, working
from tests.servers.plugin import DatabaseKind

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: A Monday.
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
SCHEDULERS, TICKS, TEN_SECONDS = 5, 1_000, timedelta(seconds=10)


@pytest.fixture
def table() -> Iterator[dict[str, list[datetime]]]:
    """What was done, by name, and a table of three that note their slots."""
    done: dict[str, list[datetime]] = {"each minute": [], "daily": [], "skipped": []}
    old = list(periodic._table.values())
    periodic.connect(
        [
            Periodic(name="each minute", every=Every(), run=done["each minute"].append),
            Periodic(name="daily", every=Every(hours=[6], minutes=[30]), run=done["daily"].append),
            Periodic(name="skipped", every=Every(hours=[6], minutes=[30]), run=done["skipped"].append, late=Late.SKIP),
        ]
    )
    with working({periodic.JOB: Job(run=periodic.perform, inside=False)}):
        yield done
    periodic.connect(old)


def at(moment: datetime) -> None:
    """Look at the clock at a moment, and do what it asks for."""
    with clock.frozen(moment):
        tick()
        outbox.drain()


@pytest.mark.once
@pytest.mark.parametrize(
    ("every", "latest"),
    [
        (Every(), MONDAY),
        (Every(minutes=[17]), MONDAY - 43 * MINUTE),
        (Every(minutes=[0, 30], hours=range(8, 12)), MONDAY - 30 * MINUTE),
        (Every(minutes=[0], hours=[12]), MONDAY),
        (Every(minutes=[1], hours=[12]), MONDAY - DAY + MINUTE),
        (Every(minutes=[0], hours=[8], weekdays=[7]), MONDAY - DAY - 4 * HOUR),
        (Every(minutes=[0], hours=[0], days=[1]), MONDAY - DAY - 12 * HOUR),
        (Every(minutes=[0], hours=[0], days=[1], weekdays=[1]), None),
    ],
)
def test_the_latest_slot_is_the_last_moment_that_is_in_all_sets(every: Every, latest: datetime | None) -> None:
    assert every.latest(MONDAY) == latest
    assert every.latest(MONDAY + timedelta(seconds=59)) == latest


@pytest.mark.once
@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_days_on_which_clocks_are_set_have_each_slot_once(day: datetime) -> None:
    every = Every(minutes=[0])
    slots = {every.latest(day + number * MINUTE) for number in range(24 * 60)}
    assert sorted(slot for slot in slots if slot) == [day + hour * HOUR for hour in range(24)]


def test_a_slot_is_done_once_however_often_one_looks(app: Flask, table: dict[str, list[datetime]]) -> None:
    for seconds in (0, 1, 59):
        at(MONDAY + timedelta(seconds=seconds))
    assert table["each minute"] == [MONDAY]
    at(MONDAY + MINUTE)
    assert table["each minute"] == [MONDAY, MONDAY + MINUTE]


def test_slots_that_were_missed_are_done_once_or_not_at_all(app: Flask, table: dict[str, list[datetime]]) -> None:
    first = MONDAY.replace(hour=6, minute=30)
    at(first + GRACE)
    at(first + 3 * DAY + 2 * HOUR)
    assert table["daily"] == [first, first + 3 * DAY]
    assert table["skipped"] == [first]
    at(first + 4 * DAY + MINUTE)
    assert table["skipped"] == [first, first + 4 * DAY]


def test_two_slots_of_one_name_are_not_done_at_once(app: Flask, table: dict[str, list[datetime]]) -> None:
    for number in range(2):
        with clock.frozen(MONDAY + number * MINUTE):
            tick()
    with clock.frozen(MONDAY + MINUTE):
        held = outbox._claim()
        assert held is not None
        outbox.drain()
    assert table["each minute"] == []
    assert len(table["daily"]) == 1


def test_what_is_no_longer_in_the_table_is_given_up(app: Flask, table: dict[str, list[datetime]]) -> None:
    with clock.frozen(MONDAY):
        tick()
        periodic.connect([])
        outbox.drain()
    assert {row.reason for row in rows()} == {"Nothing of this name is done by the clock any more."}


def test_a_tick_with_nothing_due_takes_no_write_lock(
    app: Flask, table: dict[str, list[datetime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise AssertionError("an idle tick writes")

    with clock.frozen(MONDAY):
        assert tick() == 2
        monkeypatch.setattr("ideas.core.db.begin_writing", refuse)
        assert tick() == 0


def test_old_slots_are_thrown_away_and_not_taken_again(app: Flask, table: dict[str, list[datetime]]) -> None:
    at(MONDAY)
    with clock.frozen(MONDAY + KEEP_SLOTS - DAY):
        purge()
        assert _slots() == 2
    with clock.frozen(MONDAY + KEEP_SLOTS + DAY):
        purge()
        assert _slots() == 0
        tick()
        outbox.drain()
    assert MONDAY not in table["each minute"][1:]


def _slots() -> int:
    return session().scalar(select(func.count()).select_from(PeriodicSlot)) or 0


@pytest.mark.once
def test_everything_that_is_done_by_the_clock_has_a_name_of_its_own_and_comes_every_month() -> None:
    names = [one.name for one in wiring.PERIODIC]
    assert len(names) == len(set(names))
    assert all(one.every.latest(MONDAY) is not None for one in wiring.PERIODIC)


@pytest.fixture
def place(database_kind: DatabaseKind, new_database: NewDatabase) -> Iterator[Flask]:
    with small_app(database_kind, new_database) as app:
        yield app


@pytest.mark.once
def test_five_schedulers_of_different_clocks_have_each_slot_once_in_a_thousand_ticks(
    place: Flask, table: dict[str, list[datetime]]
) -> None:
    def schedule(ahead: timedelta) -> None:
        for number in range(TICKS):
            # Every scheduler looks six times a minute; one clock is ten minutes ahead, one ten minutes late.
            with clock.frozen(MONDAY + number * TEN_SECONDS + ahead):
                tick()

    periodic.connect([Periodic(name="each minute", every=Every(), run=table["each minute"].append)])
    skews = [timedelta(0), timedelta(seconds=3), timedelta(seconds=7), 10 * MINUTE, -10 * MINUTE]
    assert len(skews) == SCHEDULERS
    assert at_once(place, *[lambda ahead=ahead: schedule(ahead) for ahead in skews]) == []
    with place.app_context():
        slots = [payload["slot"] for payload in session().scalars(select(OutboxRow.payload))]
    first, last = MONDAY - 10 * MINUTE, MONDAY + TEN_SECONDS * (TICKS - 1) + 10 * MINUTE
    assert sorted(slots) == [(first + number * MINUTE).isoformat() for number in range((last - first) // MINUTE + 1)]
