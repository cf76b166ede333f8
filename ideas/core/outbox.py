"""Work that leaves the request: rows written with the change, done after commit, at least once.

The row is the truth. The job engine only rings the bell; if the process dies before it rings, a worker that looks
finds the row. A worker holds a row by a lease with a fence: whoever comes back after its lease ran out can no longer
mark the row done.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Update, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningUpdate

from ideas.core import clock
from ideas.core.columns import UtcDateTime, is_row_changed
from ideas.core.db import after_commit, session, transaction
from ideas.core.outbox_rows import (
    IN_LANE,
    IS_DEAD,
    IS_DONE,
    IS_PENDING,
    LANE_MAX,
    REASON_MAX,
    Due,
    OutboxRow,
    OutboxState,
    asks_database,
    is_free,
    list_due,
    moment,
    now_or,
    now_there,
)
from ideas.core.sql import insert_all_or_skip, insert_or_skip

#: The table is part of what others ask here for.
__all__ = ["GiveUp", "Job", "OutboxRow", "OutboxState", "TryLater", "connect", "drain", "put", "put_all", "renew"]

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=15)
#: The waits before each further try where a job names none: doubling.
RETRIES = tuple(FIRST_RETRY * 2**number for number in range(MAX_ATTEMPTS - 1))
#: Workers that may die over one row beyond the tries of its job; after that the row is taken for what kills them.
MOST_CRASHES = 5
KEEP_DONE = timedelta(days=7)
#: What failed for good is kept longer, to be looked at; it may hold a mail.
KEEP_DEAD = timedelta(days=30)
#: Rows looked at together: other workers take some of them meanwhile.
LOOK_AHEAD = 20
#: A worker rests after it has written, so that requests come in between; at most so long.
MOST_REST_SECONDS = 0.25

log = structlog.get_logger()


class TryLater(Exception):
    """Raised by a job that is to be tried again after `wait`; the try counts. `why` is shown to admins."""

    def __init__(self, wait: timedelta, why: str) -> None:
        super().__init__(why)
        self.wait = wait


class GiveUp(Exception):
    """Raised by a job that will never succeed: the row is given up at once. Its text is shown to admins."""


class LeaseLost(Exception):
    """Another worker took the row meanwhile; its result counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A function for rows of one name.

    `inside`: it only writes rows, so it runs in the transaction that marks the outbox row done, and takes
    effect once. Otherwise it leaves the process, holds no transaction, and must bear being run twice.
    `coalesced`: rows put while one is waiting fall together; the key is freed when the row is taken.
    `retries`: the waits before each further try, each made up to a quarter longer by chance; then it is given up.
    """

    run: Callable[[Mapping[str, Any]], None]
    inside: bool = True
    coalesced: bool = False
    retries: tuple[timedelta, ...] = RETRIES


@dataclass(frozen=True, slots=True)
class Claim:
    """A row held by this worker until its lease ends."""

    row_id: int
    job: str
    payload: Mapping[str, Any]
    fence: int
    tries: int


_jobs: dict[str, Job] = {}
_bell: list[Callable[[], None]] = []
_one_writer = threading.Lock()
_holding: ContextVar[Claim | None] = ContextVar("claim_under_way", default=None)


def connect(jobs: Mapping[str, Job], ring: Callable[[], None]) -> None:
    """Set the table of jobs and the bell rung after each commit that put a row."""
    _jobs.clear()
    _jobs.update(jobs)
    _bell[:] = [ring]


def put(
    job: str, payload: Mapping[str, Any], *, key: str | None = None, delay: timedelta = timedelta(0), lane: str = ""
) -> None:
    """Write a row in the transaction under way. A key already present: nothing is added.

    Of the rows of one `lane` that has a name, one is done at a time, in the order of their times; other lanes go on.
    """
    values = {**_values(job, delay=delay, lane=lane), "payload": dict(payload), "key": key}
    insert_or_skip(OutboxRow, values, unique=["key"])
    ring_after_commit()


def put_all(job: str, rows: Iterable[tuple[str | None, Mapping[str, Any]]], *, lane: str = "") -> None:
    """Write rows of one job, each a key (or None) and a payload, in one statement. Keys already present are skipped."""
    common = _values(job, delay=timedelta(0), lane=lane)
    insert_all_or_skip(
        OutboxRow, [{**common, "payload": dict(payload), "key": key} for key, payload in rows], unique=["key"]
    )
    ring_after_commit()


def _values(job: str, *, delay: timedelta, lane: str) -> dict[str, Any]:
    if job not in _jobs:
        raise LookupError(f"no job {job!r} in wiring.JOBS")
    if len(lane) > LANE_MAX:
        raise ValueError("the name of the lane is too long")
    waiting = {"state": OutboxState.PENDING, "attempts": 0, "tries": 0, "lane": lane}
    return {**waiting, **_due_in(delay), "job": job, "created_at": clock.now()}


def _due_in(delay: timedelta) -> dict[str, Any]:
    if not asks_database():
        return {"available_at": clock.now() + delay}
    return {"available_at": now_there(delay)} if delay else {}


def count_pending() -> int:
    """Return the number of rows not yet done (dead ones not counted)."""
    return session().scalar(select(func.count()).select_from(OutboxRow).where(IS_PENDING)) or 0


def purge() -> None:
    """Delete rows done more than a week ago, and rows given up more than a month ago. Takes its own transaction."""
    now = clock.now()
    done = and_(IS_DONE, OutboxRow.done_at < now - KEEP_DONE)
    # `available_at` of a row that was given up is when that happened.
    dead = and_(IS_DEAD, OutboxRow.available_at < now - KEEP_DEAD)
    with transaction() as current:
        current.execute(delete(OutboxRow).where(or_(done, dead)))


def ring_after_commit() -> None:
    """Have workers look when the transaction under way is committed."""
    after_commit(_ring)


def _ring() -> None:
    for ring in _bell:
        ring()


def drain(*, most: int = 10_000, until: Callable[[], bool] | None = None, gently: bool = False) -> int:
    """Do due rows until none is left, `most` were done or `until` says so. Returns how many were taken.

    `gently`: leave others their turn to write, as a worker must beside a site that is used.
    """
    taken = 0
    while taken < most and not (until is not None and until()):
        claim = _claim()
        if claim is None:
            return taken
        _perform(claim, gently=gently)
        taken += 1
    return taken


def _claim() -> Claim | None:
    for due in list_due(most=LOOK_AHEAD):
        claim = _take(due)
        if claim is not None:
            return claim
    return None


def _take(due: Due) -> Claim | None:
    """Take a row where it is still as it was seen, and nobody works in its lane."""
    job, asks = _jobs.get(due.job), asks_database()
    values = {"row": due.row_id, "fence": due.fence, **moment(asks, until=LEASE)}
    # Another worker may take a row of the same lane at the same moment; the unique index lets one of them.
    with suppress(IntegrityError), transaction() as current:
        connection = current.connection()
        if due.lane:
            connection.execute(_clearing(asks), {"in_lane": due.lane, "row": due.row_id, **moment(asks)})
        row = connection.execute(_taking(asks, job is not None and job.coalesced), values).one_or_none()
        return Claim(due.row_id, due.job, row.payload, due.fence + 1, row.tries) if row else None
    return None


@lru_cache
def _taking(asks: bool, frees_key: bool) -> ReturningUpdate[Any, int]:  # noqa: FBT001 - cache keys
    until = now_there(LEASE) if asks else bindparam("until", type_=UtcDateTime())
    values = {"attempts": OutboxRow.attempts + 1, "tries": OutboxRow.tries + 1, "held_until": until}
    taking = update(OutboxRow).where(*_held(), is_free(now_or(asks)))
    return taking.values({**values, "key": None} if frees_key else values).returning(OutboxRow.payload, OutboxRow.tries)


@lru_cache
def _clearing(asks: bool) -> Update:  # noqa: FBT001 - a cache key
    """Let go of what a worker holds in a lane that did not come back in time."""
    others = (IN_LANE, OutboxRow.lane == bindparam("in_lane"), OutboxRow.id != bindparam("row"))
    return update(OutboxRow).where(*others, OutboxRow.held_until <= now_or(asks)).values(held_until=None)


def _held() -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a row is still as its worker took it."""
    return OutboxRow.id == bindparam("row"), OutboxRow.attempts == bindparam("fence"), IS_PENDING


def renew() -> None:
    """Hold the row under way for another lease; for jobs that leave the process and take long. Own transaction.

    Raises LeaseLost where another worker has taken it: then nothing more is to be done.
    """
    claim = _holding.get()
    if claim is None:
        raise LookupError("no job is under way")
    with transaction():
        _write(claim, update(OutboxRow).where(*_held()).values(held_until=now_there(LEASE)))


def under_way() -> Claim | None:
    """Return the row whose job is running here, or None outside of jobs."""
    return _holding.get()


def _perform(claim: Claim, *, gently: bool = False) -> None:
    job = _jobs.get(claim.job)
    held = _holding.set(claim)
    try:
        _run(job, claim, gently=gently)
    except LeaseLost:
        log.warning("lease_lost", job=claim.job, row=claim.row_id)
    except (TryLater, GiveUp) as error:
        log.warning("job_put_off", job=claim.job, row=claim.row_id, attempt=claim.fence, why=str(error))
        _put_back(claim, error)
    except Exception as error:  # the job runner is the one place that must survive anything
        log.exception("job_failed", job=claim.job, row=claim.row_id, attempt=claim.fence)
        _put_back(claim, error)
    finally:
        _holding.reset(held)


def _run(job: Job | None, claim: Claim, *, gently: bool) -> None:
    if job is None:
        raise LookupError(f"no job {claim.job!r} in wiring.JOBS")
    if claim.tries > len(job.retries) + 1 + MOST_CRASHES:
        raise GiveUp(f"{claim.tries - 1} workers ended while they did it.")
    if job.inside:
        with _turn() if gently else nullcontext(), transaction():
            job.run(claim.payload)
            _finish(claim)
        return
    job.run(claim.payload)
    with transaction():
        _finish(claim)


@contextmanager
def _turn() -> Iterator[None]:
    """Let one thread write at a time where the database takes one writer, and rest as long as it wrote."""
    if session().get_bind().dialect.name != "sqlite":
        yield
        return
    with _one_writer:
        began = time.monotonic()
        yield
        time.sleep(min(time.monotonic() - began, MOST_REST_SECONDS))


_ENDS = {"state": OutboxState.DONE, "held_until": None, "reason": None, "last_error": None}
_FINISHING = update(OutboxRow).where(*_held()).values(**_ENDS, done_at=bindparam("at", type_=UtcDateTime()))


def _finish(claim: Claim) -> None:
    _write(claim, _FINISHING, at=clock.now())


def _write(claim: Claim, writing: Update, **values: object) -> None:
    """Change the row that is held; raises LeaseLost where another worker has taken it, or it is done."""
    parameters = {"row": claim.row_id, "fence": claim.fence, **values}
    if not is_row_changed(session().connection().execute(writing, parameters)):
        raise LeaseLost


def _put_back(claim: Claim, error: Exception) -> None:
    """Let a row wait that failed, or give it up; nothing where another worker has taken it."""
    wait = None if isinstance(error, GiveUp) else _next_wait(claim)
    if wait is not None and isinstance(error, TryLater):
        wait = error.wait
    values = {
        "state": OutboxState.DEAD if wait is None else OutboxState.PENDING,
        "available_at": now_there(wait or timedelta(0)),
        "held_until": None,
        "reason": _reason(error),
        "last_error": f"{type(error).__name__}: {error}"[:2000],
    }
    with suppress(LeaseLost), transaction():
        _write(claim, update(OutboxRow).where(*_held()).values(values))


def _next_wait(claim: Claim) -> timedelta | None:
    job = _jobs.get(claim.job)
    waits = RETRIES if job is None else job.retries
    return jittered(waits[claim.tries - 1]) if claim.tries <= len(waits) else None


def jittered(wait: timedelta) -> timedelta:
    """Return the wait with up to a quarter added by chance, so that what failed together is not tried together."""
    return wait * (1 + random.random() / 4)  # noqa: S311 - jitter, not a secret


def _reason(error: Exception) -> str:
    """Return what admins are shown: only what was written for them, other errors may quote the payload."""
    return str(error)[:REASON_MAX] if isinstance(error, TryLater | GiveUp) else type(error).__name__
