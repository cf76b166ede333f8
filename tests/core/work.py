"""Work for the outbox in tests: jobs that leave a mark, and what became of their rows."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from ideas.core import clock, outbox
from ideas.core.db import session, transaction
from ideas.core.once import Submission
from ideas.core.outbox import Job, OutboxRow
from ideas.core.sql import insert_or_update


class Bell:
    """Counts how often it was rung, and how many rows were to be seen then."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self) -> None:
        self.seen.append(len(rows()))


@contextmanager
def working(jobs: Mapping[str, Job], ring: Callable[[], None] | None = None) -> Iterator[Bell]:
    """Let the outbox know these jobs and this `ring` only, or a bell that counts; afterwards what it knew before."""
    old_jobs, (old_bell,) = dict(outbox._jobs), outbox._bell or [lambda: None]
    bell = Bell()
    outbox.connect(jobs, ring or bell)
    try:
        yield bell
    finally:
        outbox.connect(old_jobs, old_bell)


def leave_mark(payload: Mapping[str, Any]) -> None:
    """A job inside its transaction: writes one more row each time it takes effect."""
    found = session().scalars(select(Submission.key).where(Submission.key.like(f"{payload['mark']}:%"))).all()
    session().add(Submission(key=f"{payload['mark']}:{len(found) + 1}", created_at=clock.now()))


def count_mark(payload: Mapping[str, Any]) -> None:
    """A job that marks by counting in one row, in the transaction under way."""
    values = {"key": payload["mark"], "location": "x", "created_at": clock.now()}
    insert_or_update(Submission, values, unique=["key"], update={"location": Submission.location + "x"})


def fail(payload: Mapping[str, Any]) -> None:
    """A job that never succeeds."""
    raise ValueError(f"no luck with {payload['mark']}")


def marks() -> list[str]:
    """Return the marks that were left, in order of their names."""
    session().rollback()
    return list(session().scalars(select(Submission.key).order_by(Submission.key)))


def rows() -> list[OutboxRow]:
    """Return all rows of the outbox as they are now, the oldest first."""
    session().rollback()
    found = select(OutboxRow).order_by(OutboxRow.id).execution_options(populate_existing=True)
    return list(session().scalars(found))


def put(job: str, mark: str, *, key: str | None = None) -> None:
    """Put one row in a transaction of its own."""
    with transaction():
        outbox.put(job, {"mark": mark}, key=key)
