"""Reading who follows what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core.db import read_rows, session
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.following.models import Follow
from ideas.ideation.lineage import TOPS, tree, ways
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.voting.groups import is_held_back
from ideas.voting.models import Support


def _stance_query() -> Select[Support, Follow]:
    idea_id: BindParameter[int] = bindparam("idea_id")
    fixes = select(Idea.id).where(Idea.problem_id == idea_id).scalar_subquery()
    supports = and_(Support.member_id == Member.id, or_(Support.idea_id == idea_id, Support.idea_id.in_(fixes)))
    follows = and_(Follow.member_id == Member.id, Follow.idea_id == idea_id)
    return (
        select(Support, Follow)
        .select_from(Member)
        .outerjoin(Support, supports)
        .outerjoin(Follow, follows)
        .where(Member.id == bindparam("member_id"))
        .execution_options(populate_existing=True)
    )


#: Put together once: every page of an idea asks it.
_STANCE = _stance_query()
_GROUPS = tree()
_WAYS = ways(_GROUPS)
_is_carried = and_(_GROUPS.c.idea_id != _GROUPS.c.top_id, ~is_held_back(_GROUPS, _WAYS, Member.id))
_own = aliased(Follow)
#: Who hears of an idea: by a word of their own, or else by what they follow that was merged into it.
_FOLLOWERS = (
    select(Follow.member_id)
    .select_from(_GROUPS)
    .join(Follow, Follow.idea_id == _GROUPS.c.idea_id)
    .join(Member, Member.id == Follow.member_id)
    .outerjoin(_own, and_(_own.idea_id == _GROUPS.c.top_id, _own.member_id == Follow.member_id))
    .where(
        Follow.muted_at.is_(None),
        or_(_GROUPS.c.idea_id == _GROUPS.c.top_id, and_(_own.id.is_(None), _is_carried)),
    )
    .distinct()
)
#: What comes to one member from ideas merged into this one: whether they support any, whether they follow any.
_CARRIED = (
    select(func.count(Support.id.distinct()).label("supports"), func.count(Follow.id.distinct()).label("follows"))
    .select_from(_GROUPS)
    .join(Member, Member.id == bindparam("member_id"))
    .outerjoin(
        Support,
        and_(Support.idea_id == _GROUPS.c.idea_id, Support.member_id == Member.id, Support.quarantined_at.is_(None)),
    )
    .outerjoin(
        Follow,
        and_(Follow.idea_id == _GROUPS.c.idea_id, Follow.member_id == Member.id, Follow.muted_at.is_(None)),
    )
    .where(_is_carried)
)


@dataclass(frozen=True, slots=True)
class Stance:
    """How a member stands to an idea: the support they gave and the follow they have, where there are any."""

    support: Support | None = None
    follow: Follow | None = None
    #: Ids of the idea's fixes that the member supports.
    supported_fixes: frozenset[int] = frozenset()
    #: Whether they count by what they support that was merged into it, and hear of it by what they follow there.
    is_carried: bool = False
    hears_by_origin: bool = False

    @property
    def is_following(self) -> bool:
        """Whether the member hears of the idea."""
        return self.hears_by_origin if self.follow is None else self.follow.muted_at is None


def find_stance(actor: Actor, idea_id: int, *, has_origins: bool = False) -> Stance:
    """Return the actor's supports of the idea and its fixes (also quarantined) and follow (also muted), in one query.

    `has_origins`: ideas were merged into it; what comes from these takes a query more. An empty stance for visitors,
    without asking the database.
    """
    if actor.member_id is None:
        return Stance()
    carried = read_rows(_CARRIED, {"member_id": actor.member_id, TOPS: [idea_id]})[0] if has_origins else None
    rows: Sequence[Any] = session().execute(_STANCE, {"member_id": actor.member_id, "idea_id": idea_id}).all()
    supported = [support for support, _follow in rows if support is not None]
    return Stance(
        support=next((support for support in supported if support.idea_id == idea_id), None),
        follow=rows[0][1] if rows else None,
        supported_fixes=frozenset(support.idea_id for support in supported if support.idea_id != idea_id),
        is_carried=bool(carried and carried.supports),
        hears_by_origin=bool(carried and carried.follows),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted:
    """An idea of which a member does not want to hear, and since when."""

    id: int
    public_id: str
    title: str
    muted_at: datetime


def list_muted(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Muted]:
    """Return the ideas that the actor muted and that exist for them, lately muted ones first. One query.

    Raises SignInNeeded, Invalid for a cursor that is not ours.
    """
    query = (
        select(Follow.id, Idea.public_id, Idea.title, Follow.muted_at)
        .join(Idea, Idea.id == Follow.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .where(Follow.member_id == actor.require_member(), Follow.muted_at.is_not(None), visible_to(actor))
        .order_by(Follow.muted_at.desc(), Follow.id.desc())
        .limit(size + 1)
    )
    if after:
        value, last_id = decode_cursor(after, str, int)
        moment = as_moment(value)
        query = query.where(
            or_(Follow.muted_at < moment, and_(Follow.muted_at == moment, Follow.id < last_id)),
        )
    rows = [Muted(**row._asdict()) for row in session().execute(query)]
    return page_of(rows, size=size, key=lambda row: (row.muted_at.isoformat(), row.id))


def followers_of(idea_id: int) -> set[int]:
    """Return the ids of the members who want to hear of the idea; those who muted it are not among them.

    Who follows what was merged into it hears of it too, but for those who held their voice back from the merge.
    Whether a follower may still see the idea is for the caller to ask.
    """
    return {row.member_id for row in read_rows(_FOLLOWERS, {TOPS: [idea_id]})}


def count_followers(idea_id: int) -> int:
    """Return how many members want to hear of the idea."""
    return len(followers_of(idea_id))
