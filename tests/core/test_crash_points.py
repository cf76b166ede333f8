"""A thousand crashes between commit and delivery, one at each step that work takes: nothing lost, nothing doubled."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from ideas.core import clock, outbox
from ideas.core.db import commit_writing, db, session, transaction
from ideas.core.once import Submission
from ideas.core.outbox import LEASE, Job, OutboxState
from ideas.core.sql import insert_or_skip
from tests.conftest import NewDatabase
from tests.core.places import small_app
from tests.core.work import count_mark, leave_mark, marks, rows, working
from tests.servers.plugin import DatabaseKind

CRASHES, RECIPIENTS = 1_000, ("ann", "bob")
#: Steps are taken in this order, so that not the same row is met by one crash after the other.
STRIDE = 37
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Crash(BaseException):
    """The process is gone: nothing below the steps of this file may catch it."""


class Steps:
    """Counts the steps that work takes, and crashes at the one that is due."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.names: Counter[str] = Counter()

    def __call__(self, name: str) -> None:
        if self.left is None:
            return
        if self.left == 0:
            self.left = None
            self.names[name] += 1
            raise Crash(name)
        self.left -= 1


class World:
    """An event tells two people: by a row each, and by something sent to each that cannot be taken back."""

    def __init__(self, step: Steps) -> None:
        self.step, self.sent = step, Counter[str]()

    def jobs(self) -> Mapping[str, Job]:
        return {"tell": Job(run=self.tell), "send": Job(run=self.send, inside=False)}

    def tell(self, payload: Mapping[str, Any]) -> None:
        self.step("inside, before it writes")
        for whom in RECIPIENTS:
            count_mark({"mark": f"row:{payload['event']}:{whom}"})
        outbox.put_all("send", [(f"{payload['event']}:{whom}", {**payload, "whom": whom}) for whom in RECIPIENTS])
        self.step("inside, after it wrote")

    def send(self, payload: Mapping[str, Any]) -> None:
        name = f"{payload['event']}:{payload['whom']}"
        self.step("outside, before the effect")
        self.sent[name] += 1
        self.step("outside, between the effect and its note")
        with transaction():
            values = {"key": f"sent:{name}", "location": "x", "created_at": clock.now()}
            insert_or_skip(Submission, values, unique=["key"])
        self.step("outside, after the effect")


@pytest.fixture
def step(database_kind: DatabaseKind, new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Steps]:
    steps = Steps()

    def commit() -> None:
        commit_writing()
        steps("after a commit")

    with small_app(database_kind, new_database) as app, app.app_context():
        monkeypatch.setattr("ideas.core.db.commit_writing", commit)
        engine = db.engine
        hooks = {
            "before_cursor_execute": lambda *_: steps("before a statement"),
            "after_cursor_execute": lambda *_: steps("after a statement"),
            "commit": lambda *_: steps("before a commit"),
        }
        for name, hook in hooks.items():
            event.listen(engine, name, hook)
        yield steps
        for name, hook in hooks.items():
            event.remove(engine, name, hook)


def happen(number: int) -> None:
    """Let something happen, and put the work it makes, in one transaction."""
    with transaction():
        leave_mark({"mark": f"event:{number}"})
        outbox.put("tell", {"event": f"{number:04}"})


def count_steps(step: Steps, world: World) -> int:
    """Return how many steps one event takes from its change to the last delivery."""
    step.left = much = 1_000_000
    happen(9_999)
    outbox.drain()
    taken = much - step.left
    step.left = None
    return taken


@pytest.mark.once
def test_a_thousand_crashes_lose_nothing_and_double_nothing_but_what_was_just_sent(step: Steps) -> None:
    world = World(step)
    with working(world.jobs(), lambda: step("at the bell")):
        with clock.frozen(START):
            length = count_steps(step, world)
        for number in range(CRASHES):
            # Whoever died held a row; after the lease somebody else has it.
            with clock.frozen(START + (number + 1) * 2 * LEASE):
                live_until(step, number, after=number * STRIDE % length)
        with clock.frozen(START + (CRASHES + 2) * 2 * LEASE):
            outbox.drain()
            assert outbox.drain() == 0
        found = check(world)
    assert sum(step.names.values()) == CRASHES
    assert set(step.names) >= {
        "before a commit",
        "after a commit",
        "at the bell",
        "before a statement",
        "after a statement",
        "inside, before it writes",
        "inside, after it wrote",
        "outside, before the effect",
        "outside, between the effect and its note",
        "outside, after the effect",
    }
    assert CRASHES / 2 < found < CRASHES


def live_until(step: Steps, number: int, *, after: int) -> None:
    """Be a process that takes so many steps and dies."""
    step.left = after
    try:
        happen(number)
        while outbox.drain():
            pass
        # What others left took fewer steps than there were: die idle.
        step.left = 0
        step("idle")
    except Crash:
        # The database finds the connection cut, whatever stood open on it.
        db.session.remove()
        db.engine.dispose()
    else:
        raise AssertionError("it should have died")


def check(world: World) -> int:
    """Compare what happened with what was told; return how many events happened."""
    events = [mark.split(":")[1] for mark in marks() if mark.startswith("event:")]
    wanted = {f"{int(number):04}:{whom}" for number in events for whom in RECIPIENTS}
    kept = dict(session().execute(select(Submission.key, Submission.location)).all())
    told = {key.removeprefix("row:"): effect for key, effect in kept.items() if key.startswith("row:")}
    assert told == dict.fromkeys(wanted, "x")
    assert {key.removeprefix("sent:") for key in kept if key.startswith("sent:")} == wanted == set(world.sent)
    assert sum(world.sent.values()) - len(wanted) <= CRASHES
    assert {row.state for row in rows()} == {OutboxState.DONE}
    assert len(rows()) == len(events) * (1 + len(RECIPIENTS))
    return len(events)
