"""Makers of choices and confirmations, and of what must stand before them: a delivered problem."""

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.cocreation.confirming import confirm
from ideas.cocreation.models import Choice, Confirmation, Verdict
from ideas.cocreation.services import choose_fix
from ideas.core.db import session, transaction
from ideas.ideation.keeping import set_status
from ideas.ideation.models import Category, Idea, Status, StatusCause
from ideas.ideation.queries import get_idea_by_id
from ideas.voting.services import describe_support
from tests.factories.people import make_member
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
