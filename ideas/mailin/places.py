"""Where a reply goes, and as whom: asked anew at the moment it is posted."""

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.queries import actor_on
from ideas.commenting.models import Comment
from ideas.commenting.queries import get_comment_by_id
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id


def find_place(member_id: int, idea_id: int) -> tuple[Actor, Idea]:
    """Return the member as an actor with the rights they hold now, and the idea, locked.

    Raises NotFound where they may not see it, or may not come in any more.
    """
    board_id = session().scalar(select(Idea.board_id).where(Idea.id == idea_id))
    may_come_in = (Member.id == member_id, Member.active.is_(True), Member.erased_at.is_(None))
    member = session().scalar(select(Member).where(*may_come_in))
    if board_id is None or member is None:
        raise NotFound
    actor = actor_on(member, board_id)
    return actor, get_idea_by_id(actor, idea_id, lock=True)


def find_parent(actor: Actor, comment_id: int | None) -> Comment | None:
    """Return the comment that is answered; None where the idea is. Raises NotFound where they may not read it."""
    return None if comment_id is None else get_comment_by_id(actor, comment_id)
