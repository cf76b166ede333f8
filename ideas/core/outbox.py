"""Work that leaves the request: rows written with the change, done after commit, at least once.

The row is the truth. The job engine only rings the bell; if the process dies before it rings, the sweep
finds the row. A worker holds a row by a lease with a fence: whoever comes back after its lease ran out
can no longer mark the row done.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import JSON, Index, String, Text, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core import clock
from ideas.core.columns import Dated, Identified, UtcDateTime, is_row_changed, text_enum
from ideas.core.db import Base, after_commit, session, transaction
from ideas.core.sql import insert_or_skip

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=15)
KEEP_DONE = timedelta(days=7)
#: What failed for good is kept longer, to be looked at; it may hold a mail.
KEEP_DEAD = timedelta(days=30)

log = structlog.get_logger()


class OutboxState(StrEnum):
    """Where a row stands."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"


class OutboxRow(Identified, Dated, Base):
    """One piece of work."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "available_at"),)

    job: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    available_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)
    #: The same key is put once; rows without a key are put as often as asked.
    key: Mapped[str | None] = mapped_column(String(200), unique=True, default=None)
    state: Mapped[OutboxState] = mapped_column(text_enum(OutboxState), default=OutboxState.PENDING)
    #: Times it was taken; also the fence: only the latest taker may finish it.
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime(), default=None)
    last_error: Mapped[str | None] = mapped_column(Text, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A function for rows of one name.

    `inside`: it only writes rows, so it runs in the transaction that marks the outbox row done, and takes
    effect once. Otherwise it leaves the process, holds no transaction, and must bear being run twice.
    `coalesced`: rows put while one is waiting fall together; the key is freed when the row is taken.
    """

    run: Callable[[Mapping[str, Any]], None]
    inside: bool = True
    coalesced: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A row held by this worker until its lease ends."""

    row_id: int
    job: str
    payload: Mapping[str, Any]
    fence: int


_jobs: dict[str, Job] = {}
_bell: list[Callable[[], None]] = []


def connect(jobs: Mapping[str, Job], ring: Callable[[], None]) -> None:
    """Set the table of jobs and the bell rung after each commit that put a row."""
    _jobs.clear()
    _jobs.update(jobs)
    _bell[:] = [ring]


def put(job: str, payload: Mapping[str, Any], *, key: str | None = None, delay: timedelta = timedelta(0)) -> None:
    """Write a row in the transaction under way. A key already present: nothing is added."""
    if job not in _jobs:
        raise LookupError(f"no job {job!r} in wiring.JOBS")
    now = clock.now()
    values = {"job": job, "payload": dict(payload), "available_at": now + delay, "key": key, "created_at": now}
    insert_or_skip(OutboxRow, {**values, "state": OutboxState.PENDING, "attempts": 0}, unique=["key"])
    after_commit(_ring)


def drain(*, most: int = 10_000) -> int:
    """Do due rows until none is left or `most` were done. Returns how many were taken."""
    for taken in range(most):
        claim = _claim()
        if claim is None:
            return taken
        _perform(claim)
    return most


def count_pending() -> int:
    """Return the number of rows not yet done (dead ones not counted)."""
    rows = session().scalars(select(OutboxRow.id).where(OutboxRow.state == OutboxState.PENDING))
    return len(rows.all())


def purge() -> None:
    """Delete rows done more than a week ago, and rows given up more than a month ago. Takes its own transaction."""
    now = clock.now()
    done = and_(OutboxRow.state == OutboxState.DONE, OutboxRow.done_at < now - KEEP_DONE)
    # `available_at` of a row that was given up is about when that happened.
    dead = and_(OutboxRow.state == OutboxState.DEAD, OutboxRow.available_at < now - KEEP_DEAD)
    with transaction() as current:
        current.execute(delete(OutboxRow).where(or_(done, dead)))


def _ring() -> None:
    for ring in _bell:
        ring()


def _claim() -> Claim | None:
    if not _has_due():
        return None
    with transaction() as current:
        row = current.scalars(
            select(OutboxRow)
            .where(OutboxRow.state == OutboxState.PENDING, OutboxRow.available_at <= clock.now())
            .order_by(OutboxRow.available_at, OutboxRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            # The fence counts on from what the table says, not from what this session remembers.
            .execution_options(populate_existing=True)
        ).first()
        if row is None:
            return None
        row.attempts += 1
        row.available_at = clock.now() + LEASE
        if row.job in _jobs and _jobs[row.job].coalesced:
            row.key = None
        return Claim(row.id, row.job, row.payload, row.attempts)


def _has_due() -> bool:
    """Look before taking the write lock: idle workers must not stand in the way of writers."""
    current = session()
    due = (OutboxRow.state == OutboxState.PENDING) & (OutboxRow.available_at <= clock.now())
    found = current.scalar(select(OutboxRow.id).where(due).limit(1))
    current.rollback()
    return found is not None


def _perform(claim: Claim) -> None:
    job = _jobs.get(claim.job)
    if job is None:
        _put_back(claim, LookupError(f"no job {claim.job!r} in wiring.JOBS"))
        return
    try:
        if job.inside:
            with transaction():
                job.run(claim.payload)
                _finish(claim)
        else:
            job.run(claim.payload)
            with transaction():
                _finish(claim)
    except LeaseLost:
        log.warning("lease_lost", job=claim.job, row=claim.row_id)
    except Exception as error:  # the job runner is the one place that must survive anything
        log.exception("job_failed", job=claim.job, row=claim.row_id, attempt=claim.fence)
        _put_back(claim, error)


class LeaseLost(Exception):
    """Another worker took the row meanwhile; its result counts."""


def _finish(claim: Claim) -> None:
    held = (OutboxRow.id == claim.row_id) & (OutboxRow.attempts == claim.fence)
    done = {"state": OutboxState.DONE, "done_at": clock.now(), "last_error": None}
    result = session().execute(update(OutboxRow).where(held, OutboxRow.state == OutboxState.PENDING).values(done))
    if not is_row_changed(result):
        raise LeaseLost


def _put_back(claim: Claim, error: Exception) -> None:
    held = (OutboxRow.id == claim.row_id) & (OutboxRow.attempts == claim.fence)
    state = OutboxState.DEAD if claim.fence >= MAX_ATTEMPTS else OutboxState.PENDING
    values = {
        "state": state,
        "available_at": clock.now() + retry_delay(claim.fence),
        "last_error": f"{type(error).__name__}: {error}"[:2000],
    }
    with transaction() as current:
        current.execute(update(OutboxRow).where(held, OutboxRow.state == OutboxState.PENDING).values(values))


def retry_delay(attempt: int) -> timedelta:
    """Return the wait before the next try: doubling from 15 s, with up to a quarter added by chance."""
    doublings: int = 2 ** (attempt - 1)
    return FIRST_RETRY * doublings * (1 + random.random() / 4)  # noqa: S311 - jitter, not a secret
