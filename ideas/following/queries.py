"""Reading who follows what."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select

from ideas.accounts.models import Member
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.following.models import Follow
from ideas.voting.models import Support


@dataclass(frozen=True, slots=True)
class Stance:
    """How a member stands to an idea: the support they gave and the follow they have, where there are any."""

    support: Support | None = None
    follow: Follow | None = None

    @property
    def is_following(self) -> bool:
        """Whether the member hears of the idea."""
        return self.follow is not None and self.follow.muted_at is None


def find_stance(actor: Actor, idea_id: int) -> Stance:
    """Return the actor's support (also a quarantined one) and follow (also a muted one), in one query.

    An empty stance for visitors, without asking the database.
    """
    if actor.member_id is None:
        return Stance()
    supports = and_(Support.member_id == Member.id, Support.idea_id == idea_id)
    follows = and_(Follow.member_id == Member.id, Follow.idea_id == idea_id)
    query = (
        select(Support, Follow)
        .select_from(Member)
        .outerjoin(Support, supports)
        .outerjoin(Follow, follows)
        .where(Member.id == actor.member_id)
        .execution_options(populate_existing=True)
    )
    row = session().execute(query).one_or_none()
    return Stance(support=row[0], follow=row[1]) if row else Stance()


def followers_of(idea_id: int) -> set[int]:
    """Return the ids of the members who want to hear of the idea; those who muted it are not among them.

    Whether a follower may still see the idea is for the caller to ask.
    """
    query = select(Follow.member_id).where(Follow.idea_id == idea_id, Follow.muted_at.is_(None))
    return set(session().scalars(query))


def count_followers(idea_id: int) -> int:
    """Return how many members want to hear of the idea."""
    query = select(func.count()).select_from(Follow).where(Follow.idea_id == idea_id, Follow.muted_at.is_(None))
    return session().scalar(query) or 0
