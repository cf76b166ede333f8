"""Who is to be told: followers and people concerned, as far as the thing exists for them at this moment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from ideas.accounts.models import Member, MemberKind
from ideas.boards.queries import grants_on
from ideas.commenting.models import Comment
from ideas.commenting.queries import get_comment_by_id
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.following.models import Follow
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.notifications.models import Notification
from ideas.notifications.news import News
from ideas.voting.models import Support


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A member as far as telling them goes."""

    id: int
    is_staff: bool
    is_admin: bool
    #: Whether they have an address and want mail.
    takes_mail: bool


def list_receivers(news: News, *, after: int, size: int) -> list[Receiver]:
    """Return the next `size` active members with ids above `after` whom the news concerns, by id.

    Never the actor, never who unfollowed. Whether they may see it is asked by `who_sees`.
    """
    concerned = _concerned(news)
    if not concerned:
        return []
    query = (
        _receivers().where(Member.id > after, Member.active.is_(True), or_(*concerned)).order_by(Member.id).limit(size)
    )
    if news.actor_id is not None:
        query = query.where(Member.id != news.actor_id)
    return [_receiver(row) for row in session().execute(query)]


def find_receiver(member_id: int) -> Receiver | None:
    """Return the member where they are still active, or None."""
    row = session().execute(_receivers().where(Member.id == member_id, Member.active.is_(True))).first()
    return _receiver(row) if row else None


def reporters_among(problem_id: int, member_ids: Collection[int]) -> set[int]:
    """Return those of the given members who wrote the problem or said that it hits them."""
    wanted = Member.id.in_(member_ids)
    return set(session().scalars(select(Member.id).where(wanted, Member.id.in_(_reporters(problem_id)))))


def told_among(key: str, member_ids: Collection[int]) -> set[int]:
    """Return those of the given members who were told of the event before."""
    told = select(Notification.member_id).where(Notification.key == key, Notification.member_id.in_(member_ids))
    return set(session().scalars(told))


def who_sees(receivers: Sequence[Receiver], *, idea_id: int, comment_id: int | None = None) -> list[Receiver]:
    """Return those for whom the idea (and the comment) exists now, in the same order.

    The site's own predicates are asked, once for each way of standing to the idea, not once for each member.
    """
    row = session().execute(select(Idea.board_id, Idea.author_id).where(Idea.id == idea_id)).first()
    if row is None:
        return []
    authors = {row.author_id, _author_of(comment_id)}
    roles = grants_on(row.board_id, [receiver.id for receiver in receivers])
    answers: dict[object, bool] = {}
    seeing = []
    for receiver in receivers:
        grants = roles.get(receiver.id, frozenset())
        own_id = receiver.id if receiver.id in authors else None
        standing = (receiver.is_staff, receiver.is_admin, grants, own_id)
        if standing not in answers:
            actor = Actor(member_id=receiver.id, is_staff=receiver.is_staff, is_admin=receiver.is_admin, grants=grants)
            answers[standing] = _exists_for(actor, idea_id, comment_id)
        if answers[standing]:
            seeing.append(receiver)
    return seeing


def _exists_for(actor: Actor, idea_id: int, comment_id: int | None) -> bool:
    try:
        if comment_id is None:
            get_idea_by_id(actor, idea_id)
        else:
            get_comment_by_id(actor, comment_id)
    except NotFound:
        return False
    return True


def _concerned(news: News) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if news.follows:
        following = select(Follow.member_id).where(Follow.idea_id.in_(news.follows), Follow.muted_at.is_(None))
        found.append(Member.id.in_(following))
    if news.asks_reporters_of is not None:
        muted = select(Follow.member_id).where(Follow.idea_id == news.asks_reporters_of, Follow.muted_at.is_not(None))
        reporters = _reporters(news.asks_reporters_of)
        found.append(Member.id.in_(reporters) & Member.id.not_in(muted))
    if news.member_ids:
        found.append(Member.id.in_(news.member_ids))
    return found


def _reporters(problem_id: int) -> Select[int]:
    supporters = select(Support.member_id).where(Support.idea_id == problem_id, Support.quarantined_at.is_(None))
    author = select(Idea.author_id).where(Idea.id == problem_id, Idea.author_id.is_not(None))
    return select(Member.id).where(or_(Member.id.in_(supporters), Member.id.in_(author)))


def _receivers() -> Select[int, MemberKind, bool, str | None, bool]:
    return select(Member.id, Member.kind, Member.is_admin, Member.email, Member.wants_mail)


def _receiver(row: Any) -> Receiver:
    return Receiver(
        id=row.id,
        is_staff=row.kind is MemberKind.STAFF or row.is_admin,
        is_admin=row.is_admin,
        takes_mail=bool(row.email) and row.wants_mail,
    )


def _author_of(comment_id: int | None) -> int | None:
    if comment_id is None:
        return None
    return session().scalar(select(Comment.author_id).where(Comment.id == comment_id))
