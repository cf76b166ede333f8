"""Telling those who answer for a board that a promise is broken: once for each idea."""

from datetime import timedelta

from sqlalchemy import select

from ideas.boards.models import Board
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.notifications.models import Notification, NotificationKind, ToldReason
from ideas.notifications.news import News, tell
from ideas.responding.queue import newly_overdue

#: What is late for longer is no news: the desk shows it, and nobody gets a hundred mails after an import.
NEWS_FOR = timedelta(days=7)
#: Ideas told of in one transaction.
MOST = 500


def tell_overdue() -> None:
    """Let owner, deputy and assignee hear of each idea whose promise was broken lately and which nobody was told of.

    Takes its own transaction; again is harmless.
    """
    told = select(Notification.id).where(
        Notification.idea_id == Idea.id, Notification.kind == NotificationKind.PROMISE_OVERDUE
    )
    late = newly_overdue(since=NEWS_FOR).where(~told.exists()).limit(MOST)
    columns = late.with_only_columns(Idea.id, Idea.assignee_id, Board.owner_id, Board.deputy_id)
    with transaction():
        for row in session().execute(columns).all():
            answerable = {row.owner_id, row.deputy_id, row.assignee_id} - {None}
            tell(
                News(
                    kind=NotificationKind.PROMISE_OVERDUE,
                    key=f"overdue:{row.id}",
                    idea_id=row.id,
                    actor_id=None,
                    member_ids=tuple(sorted(answerable)),
                    reason=ToldReason.STAFF,
                )
            )
