"""What an address may be told of: what stands on its boards for everybody who sees those."""

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import contains_eager

from ideas.boards.models import Audience, Board
from ideas.commenting.models import Comment
from ideas.commenting.queries import visible_comments
from ideas.core.db import session
from ideas.core.policy import VISITOR, Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.webhooks.models import Webhook, WebhookBoard

#: From the most people to the fewest.
NARROWING = (Audience.PUBLIC, Audience.MEMBERS, Audience.SEGMENT, Audience.STAFF)
#: Sees every board, and of it what is hidden from nobody. Which boards an address is told of, `is_told` says.
READER = Actor(is_staff=True)


def is_told() -> ColumnElement[bool]:
    """Return the condition under which a webhook is told of a board; the query joins both.

    All public boards, or those that were chosen, unless one of them is for fewer people now than it was then.
    """
    public = and_(Webhook.is_for_all_boards.is_(True), Board.audience == Audience.PUBLIC)
    as_wide = [
        and_(Board.audience == now, WebhookBoard.audience.in_(NARROWING[place:])) for place, now in enumerate(NARROWING)
    ]
    chosen = exists().where(WebhookBoard.webhook_id == Webhook.id, WebhookBoard.board_id == Board.id, or_(*as_wide))
    return or_(public, and_(Webhook.is_for_all_boards.is_(False), chosen))


def find_idea(webhook_id: int, idea_id: int) -> Idea | None:
    """Return the idea with its board and status where the address may be told of it at this moment, or None."""
    query = (
        select(Idea)
        .join(Idea.board)
        .join(Idea.status)
        .join(Webhook, Webhook.id == webhook_id)
        .options(contains_eager(Idea.board), contains_eager(Idea.status))
        .where(Idea.id == idea_id, is_told(), visible_to(READER))
        .execution_options(populate_existing=True)
    )
    return session().scalar(query)


def find_comment(comment_id: int) -> Comment | None:
    """Return the comment where everybody who sees its idea may read it, or None; the idea is asked for before."""
    query = (
        select(Comment)
        .join(Comment.idea)
        .where(Comment.id == comment_id, visible_comments(VISITOR))
        .execution_options(populate_existing=True)
    )
    return session().scalar(query)
