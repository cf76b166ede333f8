"""Verbs on notifications."""

from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.accounts.services import set_unread
from ideas.core import clock
from ideas.core.db import session
from ideas.core.policy import Actor
from ideas.notifications.models import Notification
from ideas.notifications.queries import count_unread


def mark_all_read(actor: Actor) -> None:
    """Mark everything the actor was told as read. Raises SignInNeeded.

    The member's row is locked first: whoever is telling them something at this moment comes before or after.
    """
    member_id = actor.require_member()
    session().execute(select(Member.id).where(Member.id == member_id).with_for_update())
    unread = update(Notification).where(Notification.member_id == member_id, Notification.read_at.is_(None))
    session().execute(unread.values(read_at=clock.now()))
    set_unread(member_id, count=count_unread(member_id))
