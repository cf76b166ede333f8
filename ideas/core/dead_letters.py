"""Work that failed for good, and how much waits: what whoever looks after the place is told, and may try again.

Nothing of a payload is told: mails, codes and names stand there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, literal, or_, select, tuple_, update

from ideas.core import clock, outbox
from ideas.core.columns import UtcDateTime, is_row_changed
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.outbox import OutboxRow, OutboxState
from ideas.core.outbox_rows import IS_DEAD, IS_PENDING, now_there
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the work of one kind stands."""

    job: str
    #: Not done yet; among them what is to be done later.
    waiting: int
    failed: int
    #: Since when the oldest row is due that nobody has taken; None where all that is due is being done.
    due_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A piece of work that was given up."""

    id: int
    job: str
    put_at: datetime
    failed_at: datetime
    tries: int
    reason: str | None


def list_standings() -> Sequence[Standing]:
    """Return how work stands, one line for each kind of which something waits or has failed, by name."""
    is_due = IS_PENDING & (OutboxRow.available_at <= now_there())
    is_due &= or_(OutboxRow.held_until.is_(None), OutboxRow.held_until <= now_there())
    figures = select(
        OutboxRow.job,
        func.sum(case((IS_PENDING, 1), else_=0)),
        func.sum(case((IS_DEAD, 1), else_=0)),
        func.min(case((is_due, OutboxRow.available_at))),
    )
    rows = session().execute(figures.where(or_(IS_PENDING, IS_DEAD)).group_by(OutboxRow.job).order_by(OutboxRow.job))
    return [Standing(job=job, waiting=waiting, failed=failed, due_since=since) for job, waiting, failed, since in rows]


def oldest_age(standings: Sequence[Standing]) -> timedelta:
    """Return for how long the oldest due work has been waiting; nothing where none is."""
    since = min((one.due_since for one in standings if one.due_since is not None), default=None)
    return max(clock.now() - since, timedelta(0)) if since else timedelta(0)


def list_dead(*, after: str | None = None, size: int = PAGE_SIZE) -> Page[DeadLetter]:
    """Return a page of what was given up, the latest first. Raises Invalid for a cursor that is not ours."""
    order = (OutboxRow.available_at, OutboxRow.id)
    query = select(*order, OutboxRow.job, OutboxRow.created_at, OutboxRow.tries, OutboxRow.reason).where(IS_DEAD)
    if after:
        moment, last_id = decode_cursor(after, str, int)
        query = query.where(tuple_(*order) < tuple_(literal(as_moment(moment), UtcDateTime()), last_id))
    rows = session().execute(query.order_by(*(column.desc() for column in order)).limit(size + 1))
    letters = [
        DeadLetter(id=row_id, job=job, put_at=put_at, failed_at=failed_at, tries=tries, reason=reason)
        for failed_at, row_id, job, put_at, tries, reason in rows
    ]
    return page_of(letters, size=size, key=lambda letter: (letter.failed_at.isoformat(), letter.id))


def try_again(row_id: int) -> str:
    """Let a piece of work that was given up be tried anew, and return its kind. Raises NotFound where none was."""
    job = session().scalar(select(OutboxRow.job).where(OutboxRow.id == row_id, IS_DEAD))
    if job is None or not _revive(OutboxRow.id == row_id):
        raise NotFound
    return job


def try_all_again(job: str) -> int:
    """Let all work of a kind that was given up be tried anew. Returns how much that is."""
    count = session().scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.job == job, IS_DEAD)) or 0
    _revive(OutboxRow.job == job)
    return count


def _revive(chosen: ColumnElement[bool]) -> bool:
    # The count of attempts goes on: it is the fence that keeps a worker out who comes back late.
    anew = {"state": OutboxState.PENDING, "available_at": now_there(), "tries": 0, "held_until": None}
    reviving = update(OutboxRow).where(IS_DEAD, chosen).values(anew)
    outbox.ring_after_commit()
    return is_row_changed(session().execute(reviving, execution_options={"synchronize_session": False}))
