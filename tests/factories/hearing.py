"""Makers of choices on how to hear of things."""

from ideas.accounts.models import Member
from ideas.core.db import transaction
from ideas.notifications.choices import choose
from ideas.notifications.models import Channel, NotificationKind
from tests.factories.world import actor_of


def mail_comments_to(*members: Member) -> None:
    """Let members have a mail of each comment at once, which nobody has who chose nothing."""
    with transaction():
        for member in members:
            choose(actor_of(member), {NotificationKind.COMMENT: Channel.AT_ONCE})
