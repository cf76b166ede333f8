"""Lanes of the outbox, waits that a job names, leases that are renewed, and rows that kill whoever takes them."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, event, func, select, text

from ideas.core import clock, outbox
from ideas.core.columns import UtcDateTime
from ideas.core.db import db, session, transaction
from ideas.core.outbox import LEASE, MOST_CRASHES, GiveUp, Job, OutboxRow, OutboxState, TryLater, drain
from ideas.core.outbox_rows import LANE_MAX, list_due
from tests.conftest import NewDatabase
from tests.core.places import at_once, small_app
from tests.core.work import count_mark, leave_mark, marks, put, rows, working
from tests.servers.plugin import DatabaseKind

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
ROWS, WORKERS = 20, 4
MANY = 100_000


@pytest.fixture
def seen(app: Flask) -> Iterator[list[str]]:
    """What was done, in order; jobs that note it: "see", and "later", "never" and "renew" which do as they are told."""
    done: list[str] = []

    def see(payload: Mapping[str, Any]) -> None:
        done.append(payload["mark"])

    def later(payload: Mapping[str, Any]) -> None:
        see(payload)
        raise TryLater(timedelta(hours=1), "The receiver asked for an hour.")

    def never(payload: Mapping[str, Any]) -> None:
        see(payload)
        raise GiveUp("There is no such receiver.")

    table = {
        "see": Job(run=see, inside=False),
        "mark": Job(run=leave_mark),
        "later": Job(run=later, inside=False, retries=(SECOND, SECOND)),
        "never": Job(run=never),
    }
    with working(table):
        yield done


def put_in(lane: str, *marks: str, job: str = "see") -> None:
    with transaction():
        for mark in marks:
            outbox.put(job, {"mark": mark}, lane=lane)


def test_rows_of_a_lane_are_done_in_the_order_of_their_times_and_beside_the_others(seen: list[str]) -> None:
    now = clock.now()
    for lane, mark, wait in (("a", "a2", 4), ("", "free", 2), ("a", "a1", 1), ("b", "b1", 3)):
        with clock.frozen(now + wait * SECOND):
            put_in(lane, mark)
    with clock.frozen(now + 9 * SECOND):
        assert drain() == 4
    assert seen == ["a1", "free", "b1", "a2"]


def test_a_lane_in_which_somebody_works_waits_and_the_others_go_on(seen: list[str]) -> None:
    put_in("a", "a1", "a2")
    put_in("b", "b1")
    held = outbox._claim()
    assert held is not None
    assert held.payload == {"mark": "a1"}
    drain()
    assert seen == ["b1"]
    outbox._perform(held)
    drain()
    assert seen == ["b1", "a1", "a2"]


def test_a_lane_whose_worker_died_goes_on_after_the_lease_with_the_row_it_held(seen: list[str]) -> None:
    put_in("a", "a1", "a2")
    now = clock.now()
    with clock.frozen(now):
        assert outbox._claim() is not None
    with clock.frozen(now + LEASE - SECOND):
        assert drain() == 0
    with clock.frozen(now + LEASE + SECOND):
        assert drain() == 2
    assert seen == ["a1", "a2"]


def test_a_row_that_failed_lets_the_lane_go_on(seen: list[str]) -> None:
    put_in("a", "a1", job="later")
    put_in("a", "a2")
    drain()
    assert seen == ["a1", "a2"]


def test_a_row_put_before_the_one_whose_worker_died_can_be_taken(seen: list[str]) -> None:
    now = clock.now()
    with clock.frozen(now):
        put_in("a", "a2")
        assert outbox._claim() is not None
    with clock.frozen(now - MINUTE):
        put_in("a", "a1")
    with clock.frozen(now + LEASE + SECOND):
        drain()
    assert seen == ["a1", "a2"]


def test_a_name_of_a_lane_too_long_is_refused(seen: list[str]) -> None:
    with pytest.raises(ValueError, match="lane"):
        put_in("a" * (LANE_MAX + 1), "x")


def test_many_rows_are_put_at_once_and_known_keys_skipped(seen: list[str]) -> None:
    put("see", "old", key="k1")
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    with transaction():
        outbox.put_all("see", [("k1", {"mark": "again"}), ("k2", {"mark": "b"}), (None, {"mark": "c"})], lane="l")
    event.remove(db.engine, "before_cursor_execute", note)
    assert sum(one.startswith("INSERT") for one in statements) == 1
    assert [(row.payload["mark"], row.lane) for row in rows()] == [("old", ""), ("b", "l"), ("c", "l")]
    drain()
    assert sorted(seen) == ["b", "c", "old"]


def test_putting_none_at_once_is_harmless(seen: list[str]) -> None:
    with transaction():
        outbox.put_all("see", [])
    assert rows() == []


def test_a_job_that_asks_to_be_tried_later_is_and_dies_after_its_tries_with_the_reason(seen: list[str]) -> None:
    put("later", "x")
    now = clock.now()
    for tries in (1, 2, 3):
        with clock.frozen(now):
            assert drain() == 1
            assert drain() == 0
        (row,) = rows()
        assert (row.tries, row.reason) == (tries, "The receiver asked for an hour.")
        assert row.state is (OutboxState.DEAD if tries == 3 else OutboxState.PENDING)
        assert row.available_at - now == (timedelta(0) if tries == 3 else timedelta(hours=1))
        now = row.available_at
    assert seen == ["x"] * 3


def test_a_job_that_gives_up_is_given_up_at_once_with_its_reason(seen: list[str]) -> None:
    put("never", "x")
    assert drain() == 1
    (row,) = rows()
    assert (row.state, row.tries, row.reason) == (OutboxState.DEAD, 1, "There is no such receiver.")
    assert outbox.count_pending() == 0


def test_the_reason_that_is_shown_holds_nothing_of_what_other_errors_say(seen: list[str]) -> None:
    def leak(payload: Mapping[str, Any]) -> None:
        raise ValueError(f"code 123456 for {payload['mark']}")

    with working({"leak": Job(run=leak)}):
        put("leak", "ann@example.org")
        drain()
    (row,) = rows()
    assert row.reason == "ValueError"
    assert "123456" in str(row.last_error)


def test_a_row_that_kills_whoever_takes_it_is_given_up(seen: list[str]) -> None:
    put("later", "x")
    put("see", "neighbour")
    now = clock.now()
    for _ in range(3 + MOST_CRASHES):
        with clock.frozen(now):
            claim = outbox._claim()
            assert claim is not None
            assert claim.job == "later"
        now += LEASE + SECOND
    with clock.frozen(now):
        drain()
    assert seen == ["neighbour"]
    assert [(row.job, row.state) for row in rows()] == [("later", OutboxState.DEAD), ("see", OutboxState.DONE)]
    assert "workers ended" in str(rows()[0].reason)


def test_a_long_job_renews_its_lease_and_is_left_alone(app: Flask) -> None:
    now = clock.now()
    others: list[int] = []

    def work(_payload: Mapping[str, Any]) -> None:
        with clock.frozen(now + LEASE - SECOND):
            outbox.renew()
        with clock.frozen(now + 2 * LEASE - 2 * SECOND):
            others.append(len(list_due(most=5)))

    with working({"long": Job(run=work, inside=False)}), clock.frozen(now):
        put("long", "x")
        drain()
    assert others == [0]
    assert [(row.state, row.attempts) for row in rows()] == [(OutboxState.DONE, 1)]


def test_a_job_that_renews_too_late_learns_that_somebody_else_has_it(app: Flask) -> None:
    now, after = clock.now(), []

    def work(_payload: Mapping[str, Any]) -> None:
        with clock.frozen(now + LEASE + SECOND):
            assert outbox._claim() is not None
            outbox.renew()
        after.append("went on")

    with working({"long": Job(run=work, inside=False)}), clock.frozen(now):
        put("long", "x")
        drain()
    assert after == []
    assert [(row.state, row.attempts) for row in rows()] == [(OutboxState.PENDING, 2)]


def test_nothing_can_be_renewed_outside_of_a_job(app: Flask) -> None:
    with pytest.raises(LookupError):
        outbox.renew()


def test_a_worker_that_finds_nothing_takes_no_write_lock(seen: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    put_in("a", "waiting", "behind")
    assert outbox._claim() is not None

    def refuse() -> None:
        raise AssertionError("an idle worker writes")

    monkeypatch.setattr("ideas.core.db.begin_writing", refuse)
    assert drain() == 0


@pytest.fixture
def place(database_kind: DatabaseKind, new_database: NewDatabase) -> Iterator[Flask]:
    with small_app(database_kind, new_database) as app:
        yield app


@pytest.mark.once
def test_one_poison_row_among_a_thousand_dies_alone(place: Flask) -> None:
    def count(payload: Mapping[str, Any]) -> None:
        if payload["mark"] == "13":
            raise GiveUp("Poison.")

    with place.app_context(), working({"count": Job(run=count)}):
        with transaction():
            outbox.put_all("count", [(None, {"mark": str(number)}) for number in range(1_000)])
        assert drain() == 1_000
        found = dict(session().execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state)).all())
    assert found == {OutboxState.DONE: 999, OutboxState.DEAD: 1}


def test_several_workers_never_work_in_one_lane_at_once(place: Flask) -> None:
    guard, active, worst = threading.Lock(), dict.fromkeys("ab", 0), [0]
    order: dict[str, list[int]] = {"a": [], "b": []}

    def work(payload: Mapping[str, Any]) -> None:
        lane = payload["lane"]
        with guard:
            active[lane] += 1
            worst[0] = max(worst[0], active[lane])
            order[lane].append(payload["number"])
        with transaction():
            count_mark({"mark": f"{lane}:{payload['number']}"})
        with guard:
            active[lane] -= 1

    with working({"work": Job(run=work, inside=False)}):
        with place.app_context(), transaction():
            for number in range(ROWS):
                for lane in "ab":
                    outbox.put("work", {"lane": lane, "number": number}, lane=lane)
        assert at_once(place, *[drain_all] * WORKERS) == []
        with place.app_context():
            drain()
            assert {row.state for row in rows()} == {OutboxState.DONE}
            assert len(marks()) == 2 * ROWS
    assert worst == [1]
    assert order == {lane: list(range(ROWS)) for lane in "ab"}


def drain_all() -> None:
    while drain():
        pass


#: A third waits for later, a third behind a row of one lane that is being done, a third so in a thousand lanes.
FILL = """
INSERT INTO outbox (job, payload, created_at, attempts, tries, state, available_at, lane, held_until)
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :most - 1)
SELECT 'see', '{}', :now, 0, 0, 'pending',
  CASE WHEN n % 3 = 0 THEN :later ELSE :now END,
  CASE n % 3 WHEN 0 THEN '' WHEN 1 THEN 'one' ELSE 'l' || ((n / 3) % 1000) END,
  CASE WHEN n = 1 OR (n % 3 = 2 AND n / 3 < 1000) THEN :later END
FROM numbers
"""


def test_a_row_is_found_without_reading_the_hundred_thousand_that_wait(place: Flask) -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with place.app_context(), clock.frozen(now + SECOND), working({"see": Job(run=lambda _payload: None)}):
        filling = text(FILL).bindparams(bindparam("now", type_=UtcDateTime()), bindparam("later", type_=UtcDateTime()))
        with transaction() as current:
            current.execute(filling, {"most": MANY, "now": now, "later": now + MINUTE})
            outbox.put("see", {}, lane="zzz")
            outbox.put("see", {})
        with transaction() as current:
            current.execute(text("ANALYZE"))
        assert outbox.count_pending() == MANY + 2
        assert [due.lane for due in list_due(most=20)] == ["zzz", ""]
        plans = plans_of(lambda: list_due(most=20))
    assert len(plans) == 2
    for plan in plans:
        assert "ix_outbox_" in plan
        assert not re.search(r"SCAN outbox(?! USING)|SCAN outbox_1|Seq Scan on outbox", plan), plan


def plans_of(step: Callable[[], object]) -> list[str]:
    """Return how the database goes about each statement of the step."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    step()
    event.remove(db.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    with db.engine.connect() as connection:
        return [
            "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))
            for statement, parameters in asked
            if statement != "BEGIN"
        ]


def test_a_worker_whose_clock_is_ten_minutes_off_doubles_nothing(
    app: Flask, database_kind: DatabaseKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + 10 * MINUTE

    with working({"mark": Job(run=leave_mark), "outside": Job(run=lambda _payload: None, inside=False)}):
        put("mark", "a")
        put("outside", "b")
        held = [outbox._claim(), outbox._claim()]
        with monkeypatch.context() as patched:
            patched.setattr(clock, "datetime", Ahead)
            # PostgreSQL's clock counts for all machines; a file is used by one machine, whose clock is one for all.
            stolen = drain()
            assert stolen == (0 if database_kind is DatabaseKind.POSTGRESQL else 2)
            put("mark", "of the future")
            if database_kind is DatabaseKind.POSTGRESQL:
                assert drain() == 1
        for claim in held:
            assert claim is not None
            outbox._perform(claim)
        drain()
    assert "a:1" in marks()
    assert "a:2" not in marks()
