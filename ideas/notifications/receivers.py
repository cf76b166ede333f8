"""Who is to be told: followers and people concerned, as far as the thing exists for them at this moment."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, select, union_all

from ideas.accounts.models import Member, MemberKind
from ideas.boards.models import Board
from ideas.boards.queries import grants_on
from ideas.boards.visibility import visible_boards
from ideas.commenting.models import Comment
from ideas.commenting.queries import get_comment_by_id
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.following.models import Follow
from ideas.ideation.lineage import groups_of
from ideas.ideation.models import CoAuthor, Idea
from ideas.ideation.queries import authors_of, get_idea_by_id
from ideas.notifications.news import News
from ideas.voting.groups import counting_for
from ideas.voting.models import Support


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A member as far as telling them goes."""

    id: int
    is_staff: bool
    is_admin: bool
    #: Whether they have an address and want mail.
    takes_mail: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of those whom news may concern."""

    receivers: Sequence[Receiver]
    #: Those with ids above it come next; None where these are the last.
    next_after: int | None


def list_receivers(news: News, *, after: int, size: int) -> Batch:
    """Return the next at most `size` active members with ids above `after` whom the news concerns, by id.

    Never the actor, never who unfollowed. Whether they may see it is asked by `who_sees`. The ids are read off the
    indexes in their order, so a batch costs the same wherever it begins.
    """
    found = sorted({member_id for ids in _sources(news, after=after, size=size) for member_id in ids})
    ids, has_more = found[:size], len(found) > size
    query = _receivers().where(Member.id.in_(ids), Member.active.is_(True)).order_by(Member.id)
    receivers = [_receiver(row) for row in session().execute(query) if row.id != news.actor_id] if ids else []
    return Batch(receivers, ids[-1] if has_more else None)


def find_receiver(member_id: int) -> Receiver | None:
    """Return the member where they are still active, or None."""
    row = session().execute(_receivers().where(Member.id == member_id, Member.active.is_(True))).first()
    return _receiver(row) if row else None


def reporters_among(problem_id: int, member_ids: Collection[int]) -> set[int]:
    """Return those of the given members who wrote the problem or said that it hits them."""
    wanted = Member.id.in_(member_ids)
    return set(session().scalars(select(Member.id).where(wanted, Member.id.in_(_reporters(problem_id)))))


def who_sees_board(receivers: Sequence[Receiver], *, idea_id: int) -> list[Receiver]:
    """Return those for whom the board of the idea exists now, in the same order, whatever became of the idea."""
    return _those_for_whom(receivers, idea_id, None, _sees_board_of)


def who_sees(receivers: Sequence[Receiver], *, idea_id: int, comment_id: int | None = None) -> list[Receiver]:
    """Return those for whom the idea (and the comment) exists now, in the same order.

    The site's own predicates are asked, once for each way of standing to the idea, not once for each member.
    """
    exists = _exists if comment_id is None else partial(_comment_exists, comment_id=comment_id)
    return _those_for_whom(receivers, idea_id, comment_id, exists)


def _those_for_whom(
    receivers: Sequence[Receiver], idea_id: int, comment_id: int | None, holds: Callable[[Actor, int], bool]
) -> list[Receiver]:
    row = session().execute(select(Idea.board_id).where(Idea.id == idea_id)).first()
    if row is None:
        return []
    # Who wrote it together sees it by their own right, so they never stand for others, nor others for them.
    authors = {*authors_of(idea_id), _author_of(comment_id)}
    roles = grants_on(row.board_id, [receiver.id for receiver in receivers])
    answers: dict[object, bool] = {}
    found = []
    for receiver in receivers:
        grants = roles.get(receiver.id, frozenset())
        own_id = receiver.id if receiver.id in authors else None
        standing = (receiver.is_staff, receiver.is_admin, grants, own_id)
        if standing not in answers:
            actor = Actor(member_id=receiver.id, is_staff=receiver.is_staff, is_admin=receiver.is_admin, grants=grants)
            answers[standing] = holds(actor, idea_id)
        if answers[standing]:
            found.append(receiver)
    return found


def _exists(actor: Actor, idea_id: int) -> bool:
    try:
        get_idea_by_id(actor, idea_id)
    except NotFound:
        return False
    return True


def _comment_exists(actor: Actor, idea_id: int, *, comment_id: int) -> bool:
    try:
        get_comment_by_id(actor, comment_id)
    except NotFound:
        return False
    return True


def _sees_board_of(actor: Actor, idea_id: int) -> bool:
    board = select(Board.id).join(Idea, Idea.board_id == Board.id).where(Idea.id == idea_id, visible_boards(actor))
    return session().scalar(board) is not None


def _sources(news: News, *, after: int, size: int) -> Iterator[Iterable[int]]:
    """Yield ids of members above `after` from each source, at least the lowest `size` and one of each."""
    for group in groups_of(news.follows).values():
        # Who hears of something goes on hearing of it where it was merged into.
        yield _next(Follow.member_id, after, size, Follow.idea_id.in_(group), Follow.muted_at.is_(None))
    if news.asks_reporters_of is not None:
        yield _next_reporters(news.asks_reporters_of, after, size)
    concerned = {*news.member_ids, *news.mentioned_ids, news.replies_to_id} - {None}
    yield sorted(member_id for member_id in concerned if member_id is not None and member_id > after)[: size + 1]


def _next_reporters(problem_id: int, after: int, size: int) -> Iterable[int]:
    muted = select(Follow.member_id).where(Follow.idea_id == problem_id, Follow.muted_at.is_not(None))
    wrote = (Idea.id == problem_id, Idea.author_id.not_in(muted))
    named = (CoAuthor.idea_id == problem_id, CoAuthor.member_id.not_in(muted))
    return [
        *_next_hit(problem_id, muted, after, size),
        *_next(Idea.author_id, after, size, *wrote),
        *_next(CoAuthor.member_id, after, size, *named),
    ]


def _next_hit(problem_id: int, muted: Select[int], after: int, size: int) -> Sequence[int]:
    if not session().scalar(select(Idea.origin_count).where(Idea.id == problem_id)):
        supports = (Support.idea_id == problem_id, Support.quarantined_at.is_(None), Support.member_id.not_in(muted))
        return _next(Support.member_id, after, size, *supports)
    hit = (Member.id.in_(counting_for(problem_id)), Member.id.not_in(muted))
    return _next(Member.id, after, size, *hit)


def _next(column: Any, after: int, size: int, *conditions: ColumnElement[bool]) -> Sequence[int]:
    query = select(column).where(*conditions, column > after).distinct()
    return session().scalars(query.order_by(column).limit(size + 1)).all()


def _reporters(problem_id: int) -> CompoundSelect[int]:
    """Return the query of who wrote the problem, and of whom it or one merged into it hits; some more than once."""
    author = select(Idea.author_id).where(Idea.id == problem_id, Idea.author_id.is_not(None))
    named = select(CoAuthor.member_id).where(CoAuthor.idea_id == problem_id)
    return union_all(counting_for(problem_id), author, named)


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
