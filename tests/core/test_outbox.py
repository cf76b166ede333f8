"""Events and the outbox: what is written with a change, what becomes of it, and how often."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.core import clock, events, outbox
from ideas.core.db import session, transaction
from ideas.core.events import Event, publish
from ideas.core.once import Submission
from ideas.core.outbox import KEEP_DONE, LEASE, MAX_ATTEMPTS, RETRIES, Job, OutboxRow, OutboxState, drain, jittered
from tests.core.work import Bell, fail, leave_mark, marks, put, rows, working

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingDone(Event):
    thing: str


@pytest.fixture
def bell(app: Flask) -> Iterator[Bell]:
    jobs = {
        "mark": Job(run=leave_mark),
        "fail": Job(run=fail),
        "fold": Job(run=leave_mark, coalesced=True),
        "outside": Job(run=leave_mark_outside, inside=False),
        "outside fails": Job(run=fail, inside=False),
    }
    with working(jobs) as ringing:
        yield ringing


def leave_mark_outside(payload: Mapping[str, Any]) -> None:
    with transaction():
        leave_mark(payload)


def later(moment: datetime) -> int:
    """Do what is due at the moment."""
    with clock.frozen(moment):
        return drain()


def test_handlers_run_in_their_order_inside_the_transaction(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    table = {
        ThingDone: [
            lambda event: heard.append(f"first {event.thing}"),
            lambda event: session().add(Submission(key=f"7:{event.thing}", created_at=clock.now())),
            lambda event: heard.append(f"third {event.thing}"),
        ]
    }
    monkeypatch.setattr(events, "_handlers", table)
    with transaction():
        publish(ThingDone(actor_id=7, thing="this"))
        assert heard == ["first this", "third this"]
    assert marks() == ["7:this"]


def test_an_event_nobody_listens_to_is_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_handlers", {})
    publish(ThingDone(actor_id=None, thing="this"))


def test_a_handler_that_fails_undoes_the_change_and_keeps_the_bell_silent(
    bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_handlers", {ThingDone: [lambda event: fail({"mark": event.thing})]})

    def change() -> None:
        session().add(Submission(key="7:changed", created_at=clock.now()))
        outbox.put("mark", {"mark": "a"})
        publish(ThingDone(actor_id=7, thing="this"))

    with pytest.raises(ValueError, match="this"), transaction():
        change()
    assert (marks(), rows(), bell.seen) == ([], [], [])


def test_a_row_appears_with_its_change_and_the_bell_rings_once_afterwards(bell: Bell) -> None:
    with transaction():
        outbox.put("mark", {"mark": "a"})
        outbox.put("mark", {"mark": "b"})
        assert bell.seen == []
    assert bell.seen == [2]
    assert [row.state for row in rows()] == [OutboxState.PENDING] * 2
    assert outbox.count_pending() == 2


def test_a_row_is_done_once(bell: Bell) -> None:
    put("mark", "a")
    put("outside", "b")
    assert drain() == 2
    assert drain() == 0
    assert marks() == ["a:1", "b:1"]
    assert {(row.state, row.attempts, row.last_error) for row in rows()} == {(OutboxState.DONE, 1, None)}
    assert outbox.count_pending() == 0


def test_rows_are_done_in_the_order_in_which_they_fell_due(bell: Bell) -> None:
    seen: list[str] = []
    with working({"see": Job(run=lambda payload: seen.append(payload["mark"]), inside=False)}):
        now = clock.now()
        for mark, wait in (("late", 3), ("early", 1), ("middle", 2)):
            with clock.frozen(now + wait * SECOND):
                put("see", mark)
        later(now + 10 * SECOND)
    assert seen == ["early", "middle", "late"]


def test_a_delayed_row_waits(bell: Bell) -> None:
    with transaction():
        outbox.put("mark", {"mark": "a"}, delay=timedelta(hours=1))
    assert later(clock.now() + timedelta(minutes=59)) == 0
    assert later(clock.now() + timedelta(minutes=61)) == 1


def test_a_job_that_nobody_knows_cannot_be_put(bell: Bell) -> None:
    with pytest.raises(LookupError, match="unheard"), transaction():
        outbox.put("unheard", {})


def test_a_row_of_a_job_that_is_gone_is_kept_with_its_reason(bell: Bell) -> None:
    put("mark", "a")
    with working({"other": Job(run=leave_mark)}):
        assert drain() == 1
    (row,) = rows()
    assert row.state is OutboxState.PENDING
    assert "mark" in str(row.last_error)


def test_the_same_key_is_put_once_also_after_it_was_done(bell: Bell) -> None:
    for _ in range(2):
        put("mark", "a", key="one")
        drain()
        put("mark", "a", key="one")
    assert marks() == ["a:1"]


def test_folded_rows_fall_together_until_one_is_taken(bell: Bell) -> None:
    for _ in range(3):
        put("fold", "a", key="one")
    assert len(rows()) == 1
    claim = outbox._claim()
    assert claim is not None
    put("fold", "a", key="one")
    assert len(rows()) == 2
    outbox._perform(claim)
    drain()
    assert marks() == ["a:1", "a:2"]


def test_a_failing_row_leaves_its_neighbours_alone(bell: Bell) -> None:
    put("mark", "a")
    put("fail", "b")
    put("outside fails", "c")
    put("mark", "d")
    assert drain() == 4
    assert marks() == ["a:1", "d:1"]
    assert [row.state for row in rows()] == [
        OutboxState.DONE,
        OutboxState.PENDING,
        OutboxState.PENDING,
        OutboxState.DONE,
    ]


def test_what_a_failing_job_wrote_is_undone(bell: Bell) -> None:
    def write_and_fail(payload: Mapping[str, Any]) -> None:
        leave_mark(payload)
        session().flush()
        fail(payload)

    with working({"both": Job(run=write_and_fail)}):
        put("both", "a")
        drain()
    assert marks() == []


@pytest.mark.parametrize("job", ["fail", "outside fails"])
def test_a_failing_row_is_tried_with_growing_pauses_and_dies_with_its_error(bell: Bell, job: str) -> None:
    put(job, "b")
    now, waits = clock.now(), []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert later(now) == 1
        (row,) = rows()
        assert row.attempts == attempt
        assert row.last_error == "ValueError: no luck with b"
        waits.append(row.available_at - now)
        assert row.state is (OutboxState.DEAD if attempt == MAX_ATTEMPTS else OutboxState.PENDING)
        if attempt < MAX_ATTEMPTS:
            assert later(row.available_at - SECOND) == 0
        now = row.available_at
    assert MAX_ATTEMPTS == 8
    assert waits[:-1] == sorted(waits[:-1])
    # When it was given up, not when it would have been tried again.
    assert waits[-1] == timedelta(0)
    assert later(now + timedelta(days=30)) == 0
    assert outbox.count_pending() == 0


@pytest.mark.once
def test_pauses_double_from_a_quarter_of_a_minute_and_differ_a_little() -> None:
    for attempt in range(1, MAX_ATTEMPTS):
        least = timedelta(seconds=15) * 2 ** (attempt - 1)
        assert RETRIES[attempt - 1] == least
        waits = {jittered(least) for _ in range(20)}
        assert all(least <= wait <= least * 1.25 for wait in waits)
        assert len(waits) > 1


def test_a_job_inside_takes_effect_once_although_it_was_taken_three_times(bell: Bell) -> None:
    put("mark", "a")
    now, claims = clock.now(), []
    for _ in range(3):
        with clock.frozen(now):
            claims.append(outbox._claim())
        now += LEASE + SECOND
    assert [claim.fence for claim in claims if claim] == [1, 2, 3]
    for claim in claims:
        assert claim is not None
        outbox._perform(claim)
    assert marks() == ["a:1"]
    assert [(row.state, row.attempts) for row in rows()] == [(OutboxState.DONE, 3)]


def test_the_fence_counts_on_although_the_session_still_holds_the_row(bell: Bell) -> None:
    put("mark", "a")
    (held,) = rows()
    session().rollback()
    with transaction() as current:
        current.execute(
            OutboxRow.__table__.update().values(attempts=5),  # type: ignore[attr-defined]
        )
    assert held.id
    claim = outbox._claim()
    assert claim is not None
    assert claim.fence == 6


def test_a_row_in_somebodys_hands_is_not_taken_before_its_lease_ends(bell: Bell) -> None:
    put("mark", "a")
    now = clock.now()
    with clock.frozen(now):
        assert outbox._claim() is not None
    assert later(now + LEASE - SECOND) == 0
    assert marks() == []
    assert later(now + LEASE + SECOND) == 1
    assert marks() == ["a:1"]


def test_a_worker_that_comes_back_after_its_lease_changes_nothing(bell: Bell) -> None:
    put("mark", "a")
    now = clock.now()
    with clock.frozen(now):
        late = outbox._claim()
    assert late is not None
    assert later(now + LEASE + SECOND) == 1
    with clock.frozen(now + 2 * LEASE):
        outbox._perform(late)
    assert marks() == ["a:1"]
    assert [(row.state, row.attempts) for row in rows()] == [(OutboxState.DONE, 2)]


def test_a_late_worker_that_fails_does_not_bring_a_done_row_back(bell: Bell) -> None:
    put("mark", "a")
    claim = outbox._claim()
    assert claim is not None
    outbox._perform(claim)
    outbox._put_back(claim, ValueError("too late"))
    assert [(row.state, row.last_error) for row in rows()] == [(OutboxState.DONE, None)]
    assert later(clock.now() + timedelta(days=1)) == 0


def test_a_bell_that_fails_behind_a_done_row_does_not_bring_it_back(bell: Bell) -> None:
    def pass_on(payload: Mapping[str, Any]) -> None:
        leave_mark(payload)
        outbox.put("mark", {"mark": "next"})

    class Broken(Bell):
        def __call__(self) -> None:
            raise ConnectionError

    put("mark", "first")
    with working({"mark": Job(run=leave_mark), "pass": Job(run=pass_on)}, Broken()):
        with pytest.raises(ConnectionError):
            put("pass", "a")
        drain()
        later(clock.now() + timedelta(hours=1))
    assert marks() == ["a:1", "first:1", "next:1"]


def test_a_transaction_left_open_by_a_job_outside_is_not_committed(bell: Bell) -> None:
    def forget(payload: Mapping[str, Any]) -> None:
        leave_mark(payload)
        session().flush()

    with working({"forget": Job(run=forget, inside=False)}):
        put("forget", "a")
        drain()
    assert marks() == []


def test_rows_done_long_ago_are_thrown_away_and_others_kept(bell: Bell) -> None:
    now = clock.now()
    with clock.frozen(now - KEEP_DONE - SECOND):
        put("mark", "old")
        put("fail", "dying")
        drain()
    put("mark", "new")
    drain(most=1)
    put("mark", "waiting")
    outbox.purge()
    assert [row.payload["mark"] for row in rows()] == ["dying", "new", "waiting"]


def test_draining_stops_after_as_many_as_asked(bell: Bell) -> None:
    for mark in "abcde":
        put("mark", mark)
    assert drain(most=3) == 3
    assert session().scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.done_at.is_(None))) == 2
