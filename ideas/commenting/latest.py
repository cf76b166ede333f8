"""The newest comments of an idea, whichever stands beneath which: for those who read them elsewhere."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.commenting.models import Comment
from ideas.commenting.queries import visible_comments
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.core.streams import Spot, older
from ideas.ideation.models import Idea

#: The rank of comments where they stand among other things of the same moment.
SAID_RANK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A comment with the name of its author."""

    id: int
    public_id: str
    body_html: str
    created_at: datetime
    edited_at: datetime | None
    is_official: bool
    #: None: the author is not known.
    author_name: str | None


def list_latest_comments(actor: Actor, idea_id: int, *, after: Spot | None, most: int) -> list[Said]:
    """Return the comments on an idea that the actor may read, latest first, in one query; empty for none.

    The caller has seen that the idea exists for the actor.
    """
    rows = session().execute(
        select(
            Comment.id,
            Comment.public_id,
            Comment.body_html,
            Comment.created_at,
            Comment.edited_at,
            Comment.is_official,
            Member.name.label("author_name"),
        )
        .join(Idea, Idea.id == Comment.idea_id)
        .outerjoin(Member, Member.id == Comment.author_id)
        .where(
            Comment.idea_id == idea_id,
            visible_comments(actor),
            older(after, Comment.created_at, Comment.id, rank=SAID_RANK),
        )
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(most)
    )
    return [Said(**row._asdict()) for row in rows]
