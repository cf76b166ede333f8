"""Seeing a problem happen oneself, and saying how: what helps most to find its cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, select

from ideas.accounts import audit
from ideas.accounts.models import Member, Organisation
from ideas.accounts.queries import Person, person_columns, person_in
from ideas.cocreation.events import ProblemReproduced, ReproductionTakenBack
from ideas.cocreation.models import STEPS_MAX, Reproduction
from ideas.cocreation.policy import can_remove_reproduction, can_reproduce
from ideas.core import clock
from ideas.core.columns import new_public_id
from ideas.core.db import session
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.ideation.models import CIRCUMSTANCE_MAX, Idea

#: Fewer characters are no steps.
STEPS_MIN = 15
REPRODUCTIONS_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ReproductionView:
    """How somebody saw a problem happen."""

    public_id: str
    member: Person
    steps: str
    version: str
    environment: str
    said_at: datetime


def reproduce(actor: Actor, problem: Idea, *, steps: str, version: str = "", environment: str = "") -> Reproduction:
    """Say how one sees the problem happen; again: in place of what one said before. Returns the row.

    Raises SignInNeeded, Forbidden, Invalid (steps, version, environment).
    """
    member_id = actor.require_member()
    require(can_reproduce(actor, problem))
    fields = Fields()
    clean = {
        "steps": fields.text("steps", steps, least=STEPS_MIN, most=STEPS_MAX),
        "version": fields.line("version", version, least=0, most=CIRCUMSTANCE_MAX),
        "environment": fields.line("environment", environment, least=0, most=CIRCUMSTANCE_MAX),
    }
    fields.done()
    values = {"problem_id": problem.id, "member_id": member_id, "public_id": new_public_id(), **clean}
    is_new = insert_or_skip(Reproduction, {**values, "created_at": clock.now()}, unique=["problem_id", "member_id"])
    found = session().scalars(select(Reproduction).where(_own(problem, member_id))).one()
    if is_new:
        publish(
            ProblemReproduced(actor_id=member_id, reproduction_id=found.id, problem_id=problem.id, member_id=member_id)
        )
        return found
    for name, text in clean.items():
        setattr(found, name, text)
    session().flush()
    return found


def take_back_reproduction(actor: Actor, problem: Idea) -> bool:
    """Take back how one saw the problem happen. Returns whether there was anything. Raises SignInNeeded."""
    member_id = actor.require_member()
    found = find_reproduction(actor, problem)
    if found is None:
        return False
    _remove(actor, found, member_id)
    return True


def remove_reproduction(actor: Actor, problem: Idea, *, public_id: str) -> bool:
    """Remove what somebody said, as one who keeps order; it is on record who did. Returns whether it was there.

    Raises SignInNeeded, Forbidden.
    """
    actor.require_member()
    require(can_remove_reproduction(actor, problem))
    query = select(Reproduction).where(Reproduction.problem_id == problem.id, Reproduction.public_id == public_id)
    found = session().scalar(query)
    if found is None:
        return False
    audit.note(actor, "reproduction.removed", member_id=found.member_id, subject="idea", subject_id=problem.id)
    _remove(actor, found, found.member_id)
    return True


def find_reproduction(actor: Actor, problem: Idea) -> Reproduction | None:
    """Return what the actor said, or None."""
    if actor.member_id is None:
        return None
    return session().scalar(select(Reproduction).where(_own(problem, actor.member_id)))


_OF_PROBLEM = (
    select(
        Reproduction.public_id, Reproduction.steps, Reproduction.version, Reproduction.environment,
        Reproduction.created_at, *person_columns(),
    )
    .join(Member, Member.id == Reproduction.member_id)
    .outerjoin(Organisation, Organisation.id == Member.organisation_id)
    .where(Reproduction.problem_id == bindparam("problem_id"))
    .order_by(Reproduction.created_at, Reproduction.id)
    .limit(REPRODUCTIONS_MOST)
)  # fmt: skip


def list_reproductions(problem_id: int) -> Sequence[ReproductionView]:
    """Return how people saw the problem happen, oldest first, at most 50, in one query; empty where nobody did."""
    rows = session().execute(_OF_PROBLEM, {"problem_id": problem_id})
    return [
        ReproductionView(
            public_id=row.public_id,
            member=person_in(row),
            steps=row.steps,
            version=row.version,
            environment=row.environment,
            said_at=row.created_at,
        )
        for row in rows
    ]


def _own(problem: Idea, member_id: int) -> ColumnElement[bool]:
    return and_(Reproduction.problem_id == problem.id, Reproduction.member_id == member_id)


def _remove(actor: Actor, found: Reproduction, member_id: int) -> None:
    problem_id = found.problem_id
    session().delete(found)
    session().flush()
    publish(ReproductionTakenBack(actor_id=actor.member_id, problem_id=problem_id, member_id=member_id))
