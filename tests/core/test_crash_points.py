"""A thousand crashes between commit and delivery, one at each step that work takes: nothing lost, nothing doubled."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
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

CRASHES, RECIPIENTS, MAILED = 1_000, ("ann", "bob"), ("bob",)
#: Steps are taken in this order, so that not the same row is met by one crash after the other.
STRIDE = 37
#: Events that are there at first, so that there is always something to die over.
BEFORE = 5
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


STEPS = {
    "before a statement",
    "after a statement",
    "before a commit",
    "after a commit",
    "at the bell",
    "inside, before it writes",
    "inside, after it wrote",
    "outside, before the effect",
    "outside, between the effect and its note",
    "outside, after the effect",
}


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
    """An event tells two people by a row each, and one of them by something sent that cannot be taken back."""

    def __init__(self, step: Steps) -> None:
        self.step, self.sent = step, Counter[str]()

    def jobs(self) -> Mapping[str, Job]:
        return {"tell": Job(run=self.tell), "send": Job(run=self.send, inside=False)}

    def tell(self, payload: Mapping[str, Any]) -> None:
        self.step("inside, before it writes")
        for whom in RECIPIENTS:
            count_mark({"mark": f"row:{payload['event']}:{whom}"})
        outbox.put_all("send", [(f"{payload['event']}:{whom}", {**payload, "whom": whom}) for whom in MAILED])
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


def count_steps(step: Steps, act: Callable[[], object]) -> int:
    """Return how many steps an act takes."""
    step.left = much = 1_000_000
    act()
    taken, step.left = much - step.left, None
    return taken


@pytest.mark.once
def test_a_thousand_crashes_lose_nothing_and_double_nothing_but_what_was_just_sent(step: Steps) -> None:
    world = World(step)
    with working(world.jobs(), lambda: step("at the bell")):
        with clock.frozen(START):
            in_change = count_steps(step, lambda: happen(0))
            in_work = count_steps(step, outbox.drain)
            for number in range(BEFORE):
                happen(2 * CRASHES + number)
        for number in range(1, CRASHES + 1):
            # Whoever died held a row; after the lease somebody else has it.
            with clock.frozen(START + number * 2 * LEASE):
                third, rest = divmod(number, 3)
                if rest:
                    die(step, outbox.drain, after=(2 * third + rest) * STRIDE % in_work)
                else:
                    die(step, partial(happen, number), after=third * STRIDE % in_change)
                    happen(CRASHES + number)
        with clock.frozen(START + (CRASHES + 2) * 2 * LEASE):
            outbox.drain()
            assert outbox.drain() == 0
        found = check(world)
    assert sum(step.names.values()) == CRASHES
    assert set(step.names) == STEPS
    assert CRASHES / 3 < found < CRASHES * 2 / 3


def die(step: Steps, act: Callable[[], object], *, after: int) -> None:
    """Be a process that does something and dies after so many steps."""
    step.left = after
    with pytest.raises(Crash):
        act()
    # The database finds the connection cut, whatever stood open on it.
    db.session.remove()
    db.engine.dispose()


def check(world: World) -> int:
    """Compare what happened with what was told; return how many events happened."""
    events = [f"{int(mark.split(':')[1]):04}" for mark in marks() if mark.startswith("event:")]
    kept = dict(session().execute(select(Submission.key, Submission.location)).all())
    told = {key.removeprefix("row:"): effect for key, effect in kept.items() if key.startswith("row:")}
    assert told == {f"{number}:{whom}": "x" for number in events for whom in RECIPIENTS}
    mailed = {f"{number}:{whom}" for number in events for whom in MAILED}
    assert {key.removeprefix("sent:") for key in kept if key.startswith("sent:")} == mailed == set(world.sent)
    assert sum(world.sent.values()) - len(mailed) <= CRASHES
    assert {row.state for row in rows()} == {OutboxState.DONE}
    assert len(rows()) == len(events) * (1 + len(MAILED))
    return len(events)
