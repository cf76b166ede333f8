"""Makers of the place itself: the site, its boards, and actors."""

from itertools import count
from typing import TypeVar

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board, Hue, Role
from ideas.boards.queries import load_frame
from ideas.boards.services import BoardDraft, describe_site, grant_role, open_board
from ideas.core.db import Base, session, transaction
from ideas.core.policy import Actor
from ideas.ideation.presets import ensure_statuses
from tests.factories.people import make_staff

_number = count(1)
#: Does in tests what nobody in particular does: opens boards, gives roles.
ROOT = Actor(member_id=0, is_staff=True, is_admin=True)

M = TypeVar("M", bound=Base)


def prepare_site() -> None:
    """Give the site its words and statuses, as the first start does."""
    with transaction():
        describe_site(ROOT, name="Testers", tagline="Better together.", footer="We test.", hue=Hue.PETROL)
        ensure_statuses()


def make_board(
    name: str | None = None,
    *,
    audience: Audience = Audience.PUBLIC,
    owner: Member | None = None,
    moderator: Member | None = None,
    promise_days: int = 5,
) -> Board:
    """Return a new board; its owner (made where none is given) is its product manager."""
    owner = owner or make_staff()
    draft = BoardDraft(
        name=name or f"Board Number{next(_number)}",
        purpose="Where tests put their ideas.",
        owner_id=owner.id,
        audience=audience,
        promise_days=promise_days,
    )
    with transaction():
        board = open_board(ROOT, draft)
        if moderator is not None:
            grant_role(ROOT, board=board, member_id=moderator.id, role=Role.MODERATOR)
        return board


def actor_of(member: Member) -> Actor:
    """Return the actor a request of this member would have, with the roles held now."""
    grants = load_frame(member.id).grants
    is_staff = member.is_staff or member.is_admin
    return Actor(member_id=member.id, is_staff=is_staff, is_admin=member.is_admin, grants=grants)


def reload(row: M) -> M:
    """Return the row as the database has it now."""
    session().rollback()
    session().refresh(row)
    return row
