"""Work that failed for good, in the hands of admins; each new try is on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ideas.accounts import audit
from ideas.accounts.policy import require_admin
from ideas.core import dead_letters
from ideas.core.dead_letters import DeadLetter, Standing
from ideas.core.pages import Page
from ideas.core.policy import Actor

RETRIED = "work.retried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What waits and what has failed, by kind, and a page of what has failed."""

    standings: Sequence[Standing]
    #: For how long the oldest due work has been waiting for a worker.
    oldest_age: timedelta
    failed: Page[DeadLetter]


def get_workload(actor: Actor, *, after: str | None = None) -> Workload:
    """Return how the work stands. Raises SignInNeeded, Forbidden, Invalid for a cursor that is not ours."""
    require_admin(actor)
    standings = dead_letters.list_standings()
    failed = dead_letters.list_dead(after=after)
    return Workload(standings=standings, oldest_age=dead_letters.oldest_age(standings), failed=failed)


def try_again(actor: Actor, row_id: int) -> None:
    """Have one piece of failed work tried anew. Raises SignInNeeded, Forbidden, NotFound."""
    require_admin(actor)
    job = dead_letters.try_again(row_id)
    audit.note(actor, RETRIED, after={"job": job, "count": 1})


def try_all_again(actor: Actor, job: str) -> int:
    """Have all failed work of a kind tried anew, and return how much that is. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    count = dead_letters.try_all_again(job)
    if count:
        audit.note(actor, RETRIED, after={"job": job, "count": count})
    return count
