"""Makers of choices and confirmations, and of what must stand before them: a delivered problem."""

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.cocreation.confirming import confirm
from ideas.cocreation.deliveries import find_delivery
from ideas.cocreation.models import Choice, Confirmation, Prevention, Recurrence, Reproduction, Verdict
from ideas.cocreation.prevention import close_problem
from ideas.cocreation.recurrence import Watched, suspect
from ideas.cocreation.reproducing import reproduce
from ideas.cocreation.services import choose_fix
from ideas.core.db import session, transaction
from ideas.ideation.keeping import set_status
from ideas.ideation.models import Category, Idea, Status, StatusCause
from ideas.ideation.queries import get_idea_by_id
from ideas.voting.services import describe_support
from tests.factories.people import make_admin, make_member
from tests.factories.world import ROOT, actor_of


def move_to(idea: Idea, category: Category) -> Idea:
    """Put the idea into the first status of the category, as an answer would, and return it."""
    keeper = actor_of(make_member())
    with transaction():
        status = session().scalars(select(Status).where(Status.category == category).order_by(Status.position)).first()
        assert status is not None
        set_status(keeper, get_idea_by_id(ROOT, idea.id, lock=True), status, cause=StatusCause.RESPONSE)
        return get_idea_by_id(ROOT, idea.id)


def deliver(idea: Idea) -> Idea:
    """Put the idea into the delivered status and return it."""
    return move_to(idea, Category.DELIVERED)


def make_hit(problem: Idea, member: Member | None = None, *, version: str | None = None) -> Member:
    """Let a member (made where none is given) say that the problem hits them too; return the member."""
    member = member or make_member()
    with transaction():
        describe_support(actor_of(member), problem, version=version)
    return member


def make_choice(fix: Idea, *, by: Member, note: str = "It is the smallest change that helps.") -> Choice:
    """Choose a fix as `by`."""
    with transaction():
        return choose_fix(actor_of(by), get_idea_by_id(ROOT, fix.id, lock=True), note=note)


def make_confirmation(
    problem: Idea, *, by: Member, verdict: Verdict = Verdict.FIXED, note: str = "Looked at it twice."
) -> Confirmation:
    """Say as `by` whether the delivered problem is gone."""
    with transaction():
        return confirm(actor_of(by), problem, verdict=verdict, note=note)


def make_reproduction(
    problem: Idea, *, by: Member | None = None, steps: str = "Open it, wait a minute, press the button."
) -> Reproduction:
    """Say as `by` (made where none is given) how the problem happens."""
    actor = actor_of(by or make_member())
    with transaction():
        return reproduce(actor, get_idea_by_id(ROOT, problem.id, lock=True), steps=steps)


def make_recurrence(problem: Idea, fixed: Idea) -> Recurrence:
    """Let the staff look at a new problem beside one that is delivered."""
    with transaction():
        delivery = find_delivery(fixed, watch_days=90)
        assert delivery is not None
        suspect(problem, [Watched(id=fixed.id, change_id=delivery.change_id, title="", excerpt="")])
    query = select(Recurrence).where(Recurrence.problem_id == problem.id, Recurrence.fixed_id == fixed.id)
    return session().scalars(query).one()


def close(
    problem: Idea, *, by: Member | None = None, text: str = "A test that fails when it happens again."
) -> Prevention:
    """Close a delivered problem with what keeps it away, as `by` (an admin made where none is given)."""
    actor = actor_of(by or make_admin())
    with transaction():
        return close_problem(actor, get_idea_by_id(ROOT, problem.id, lock=True), text=text, holds=True)
