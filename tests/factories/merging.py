"""Makers of merges."""

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.core.policy import Actor
from ideas.ideation.merging import merge_ideas, undo_merge
from ideas.ideation.models import Idea, Merge
from ideas.ideation.queries import get_idea_by_id
from tests.factories.people import make_admin
from tests.factories.world import ROOT, actor_of

REASON = "They say the same in other words."


def make_merge(
    origin: Idea,
    target: Idea,
    *,
    by: Member | None = None,
    reason: str = REASON,
    is_narrower_accepted: bool = True,
) -> Merge:
    """Merge the first into the second as `by`, or as somebody who may, and return the merge."""
    keeper = actor_of(by) if by else Actor(member_id=make_admin().id, is_staff=True, is_admin=True)
    with transaction():
        return merge_ideas(
            keeper,
            get_idea_by_id(ROOT, origin.id),
            get_idea_by_id(ROOT, target.id),
            reason=reason,
            is_narrower_accepted=is_narrower_accepted,
        )


def unmake_merge(merge: Merge, *, reason: str = "They are not the same after all.") -> None:
    """Undo a merge, as somebody who may."""
    keeper = Actor(member_id=make_admin().id, is_staff=True, is_admin=True)
    with transaction():
        undo_merge(keeper, session().scalars(select(Merge).where(Merge.id == merge.id)).one(), reason=reason)
