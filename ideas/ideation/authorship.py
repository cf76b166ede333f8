"""Who is an author of an idea beside its originator: rows and their number. Who may say yes is decided above."""

from sqlalchemy import Integer, Select, bindparam, delete, exists, func, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.events import publish
from ideas.core.sql import insert_or_skip
from ideas.ideation.events import CoAuthorJoined, CoAuthorLeft
from ideas.ideation.models import CoAuthor, Idea

#: More names than this no reader remembers, and no group agrees.
AUTHORS_MOST = 20

#: Made once, as everywhere.
_co_author = aliased(CoAuthor)


def add_author(idea: Idea, member_id: int, *, actor_id: int | None) -> bool:
    """Name a member beside the originator; returns whether they were not named before.

    The caller holds the row of the idea and has heard a yes of both sides.
    """
    values = {"idea_id": idea.id, "member_id": member_id, "created_at": clock.now()}
    if idea.author_id == member_id or not insert_or_skip(CoAuthor, values, unique=["idea_id", "member_id"]):
        return False
    _count(idea)
    publish(CoAuthorJoined(actor_id=actor_id, idea_id=idea.id, member_id=member_id))
    return True


def remove_author(idea: Idea, member_id: int) -> bool:
    """Name a co-author no more, because they want it so; returns whether they were named.

    The caller holds the row of the idea.
    """
    gone = delete(CoAuthor).where(CoAuthor.idea_id == idea.id, CoAuthor.member_id == member_id)
    if not is_row_changed(session().execute(gone)):
        return False
    _count(idea)
    publish(CoAuthorLeft(actor_id=member_id, idea_id=idea.id, member_id=member_id))
    return True


_named = select(_co_author.member_id).where(_co_author.idea_id == bindparam("idea_id"))
_is_author = (Member.id == bindparam("author_id", type_=Integer())) | Member.id.in_(_named)
_REMAINING = select(exists().where(Member.active.is_(True), _is_author))


def has_remaining_author(idea: Idea) -> bool:
    """Tell whether any of the authors is still here to say yes or no."""
    return bool(session().scalar(_REMAINING, {"idea_id": idea.id, "author_id": idea.author_id}))


def written_with_others(member_id: int) -> Select[int]:
    """Return the query of the ideas that the member began and that somebody who is still here is an author of."""
    return (
        select(Idea.id)
        .join(_co_author, _co_author.idea_id == Idea.id)
        .join(Member, Member.id == _co_author.member_id)
        .where(Idea.author_id == member_id, Member.erased_at.is_(None), Member.id != member_id)
    )


def _count(idea: Idea) -> None:
    counted = select(func.count()).select_from(CoAuthor).where(CoAuthor.idea_id == idea.id)
    idea.co_author_count = session().scalar(counted) or 0
    session().flush()
