"""Makers of official answers."""

from datetime import date
from itertools import count

from ideas.accounts.models import Member
from ideas.boards.models import Role
from ideas.boards.services import grant_role
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea, get_status
from ideas.responding.models import DeclineReason, Response
from ideas.responding.services import respond
from tests.factories.ideas import make_idea
from tests.factories.people import make_staff
from tests.factories.world import ROOT, actor_of

_number = count(1)


def make_product_manager(idea: Idea) -> Member:
    """Return a new member of the staff who looks after the idea's board."""
    member = make_staff()
    with transaction():
        board = get_idea(ROOT, idea.public_id).board
        grant_role(ROOT, board=board, member_id=member.id, role=Role.PRODUCT_MANAGER)
    return member


def make_response(
    idea: Idea | None = None,
    *,
    by: Member | None = None,
    status: str | None = None,
    body: str | None = None,
    review_on: date | None = None,
) -> Response:
    """Return a new official answer; a no is given with all its reasons. `status`: slug of where it leads."""
    idea = idea or make_idea()
    actor = actor_of(by or make_product_manager(idea))
    with transaction():
        return respond(
            actor,
            get_idea(actor, idea.public_id, lock=True),
            body=body or f"We read this carefully, and this is answer number {next(_number)} to it.",
            status=get_status(status) if status else None,
            decline_reason=DeclineReason.TOO_FEW if status == "declined" else None,
            would_change="Fifty people who need it." if status == "declined" else None,
            review_on=review_on,
        )


def refreshed(idea: Idea) -> Idea:
    """Return the idea as the database has it now, board and status loaded."""
    session().rollback()
    return get_idea(ROOT, idea.public_id)
