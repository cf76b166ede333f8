"""Verbs on notifications."""

from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.accounts.services import lower_unread, set_unread
from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.notifications.models import Notification
from ideas.notifications.queries import count_unread


def mark_read(actor: Actor, notification_id: int) -> None:
    """Mark one thing the actor was told as read; again, or of somebody else, is harmless. Raises SignInNeeded."""
    member_id = _lock(actor)
    mine = (Notification.id == notification_id, Notification.member_id == member_id, Notification.read_at.is_(None))
    if is_row_changed(session().execute(update(Notification).where(*mine).values(read_at=clock.now()))):
        lower_unread(member_id)


def mark_all_read(actor: Actor) -> None:
    """Mark everything the actor was told as read. Raises SignInNeeded."""
    member_id = _lock(actor)
    unread = update(Notification).where(Notification.member_id == member_id, Notification.read_at.is_(None))
    session().execute(unread.values(read_at=clock.now()))
    set_unread(member_id, count=count_unread(member_id))


def _lock(actor: Actor) -> int:
    """Lock the member's row first: whoever is telling them something at this moment comes before or after."""
    member_id = actor.require_member()
    session().execute(select(Member.id).where(Member.id == member_id).with_for_update())
    return member_id
