"""Reading what a member was told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.commenting.models import Comment
from ideas.core.db import session
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.models import Idea, Kind
from ideas.ideation.provenance import Heard
from ideas.ideation.queries import visible_to
from ideas.moderation.queries import Decided, decisions_of
from ideas.notifications.models import Notification, NotificationKind
from ideas.notifications.news import subject_of
from ideas.voting.models import Support


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One notification with what it is about."""

    id: int
    kind: NotificationKind
    created_at: datetime
    is_read: bool
    actor_name: str | None
    idea_title: str
    idea_public_id: str
    idea_kind: Kind
    #: Set where it is about a comment that can still be read.
    comment_public_id: str | None
    #: What a moderator did and why, where that is what happened.
    decision: Decided | None
    #: Where staff heard what they entered in the member's name; None where they did not, or it was taken back.
    heard: Heard | None


def list_told(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Told]:
    """Return what the actor was told, newest first, of ideas that exist for them.

    One query, and a second where a moderator did something. Raises SignInNeeded for a visitor, Invalid for a
    cursor that is not ours.
    """
    member_id, teller = actor.require_member(), aliased(Member)
    query = (
        select(
            Notification.id, Notification.key, Notification.kind, Notification.created_at, Notification.read_at,
            teller.name.label("actor_name"), Idea.title, Idea.public_id, Idea.kind.label("idea_kind"),
            Comment.public_id.label("comment_public_id"),
            Idea.entered_via.label("idea_via"), Idea.entered_from.label("idea_from"),
            Support.entered_via.label("support_via"), Support.entered_from.label("support_from"),
        )
        .join(Idea, Idea.id == Notification.idea_id)
        .join(Board, Board.id == Idea.board_id)
        .outerjoin(teller, teller.id == Notification.actor_id)
        .outerjoin(Comment, and_(Comment.id == Notification.comment_id, Comment.hidden_at.is_(None)))
        .outerjoin(Support, and_(Support.idea_id == Notification.idea_id, Support.member_id == Notification.member_id))
        .where(Notification.member_id == member_id, visible_to(actor))
        .order_by(Notification.created_at.desc(), Notification.id.desc())
        .limit(size + 1)
    )  # fmt: skip
    if after:
        moment, last_id = _position(after)
        earlier = and_(Notification.created_at == moment, Notification.id < last_id)
        query = query.where(or_(Notification.created_at < moment, earlier))
    rows = session().execute(query).all()
    decided = {row.id: subject_of(row.key) for row in rows if row.kind is NotificationKind.MODERATED}
    decisions = decisions_of(decided.values())
    found = [
        Told(
            id=row.id,
            kind=row.kind,
            created_at=row.created_at,
            is_read=row.read_at is not None,
            actor_name=row.actor_name,
            idea_title=row.title,
            idea_public_id=row.public_id,
            idea_kind=row.idea_kind,
            comment_public_id=row.comment_public_id,
            decision=decisions.get(decided.get(row.id, 0)),
            heard=_heard(row),
        )
        for row in rows
    ]
    return page_of(found, size=size, key=lambda told: (told.created_at.isoformat(), told.id))


def _heard(row: Any) -> Heard | None:
    if row.kind is NotificationKind.SUPPORT_ENTERED and row.support_via:
        return Heard(via=row.support_via, where=row.support_from or "")
    if row.kind is NotificationKind.IDEA_ENTERED and row.idea_via:
        return Heard(via=row.idea_via, where=row.idea_from or "")
    return None


def heard_of(notification: Notification) -> Heard | None:
    """Return where staff heard what they entered in the receiver's name; None as in `Told`."""
    if notification.kind is NotificationKind.IDEA_ENTERED:
        query = select(Idea.entered_via, Idea.entered_from).where(Idea.id == notification.idea_id)
    elif notification.kind is NotificationKind.SUPPORT_ENTERED:
        theirs = (Support.idea_id == notification.idea_id, Support.member_id == notification.member_id)
        query = select(Support.entered_via, Support.entered_from).where(*theirs)
    else:
        return None
    row = session().execute(query).first()
    return Heard(via=row.entered_via, where=row.entered_from or "") if row and row.entered_via else None


def find_notification(member_id: int, key: str) -> Notification | None:
    """Return what a member was told of an event, or None."""
    query = select(Notification).where(Notification.member_id == member_id, Notification.key == key)
    return session().scalar(query)


def count_unread(member_id: int) -> int:
    """Return how many notifications a member has not read, counted row by row."""
    unread = (Notification.member_id == member_id, Notification.read_at.is_(None))
    return session().scalar(select(func.count()).select_from(Notification).where(*unread)) or 0


def _position(after: str) -> tuple[datetime, int]:
    value, last_id = decode_cursor(after, str, int)
    return as_moment(value), int(str(last_id))
