"""What members still want to be mailed: asked again when a mail is sent, as they may have chosen otherwise since."""

from collections.abc import Sequence

from sqlalchemy import select

from ideas.core.db import session
from ideas.following.models import Follow
from ideas.notifications.choices import BY_MAIL, DEFAULTS, chosen_among
from ideas.notifications.models import Notification, NotificationKind, ToldReason

#: Told because of what it is about, whatever they do not want to hear of the idea.
ABOUT_THEMSELVES = frozenset(
    {ToldReason.CONCERNED, ToldReason.NAMED, ToldReason.REPORTED, ToldReason.INVITED, ToldReason.STAFF},
)


def still_wanted(member_id: int, notifications: Sequence[Notification]) -> list[Notification]:
    """Return those of a member's notifications that may be mailed by what they choose now, in the same order.

    Two queries. Left out is what they turned off since, and what is about an idea that they muted since.
    """
    chosen = chosen_among([member_id], {one.kind for one in notifications})
    muted = muted_among(member_id, [one.idea_id for one in notifications])
    return [
        one
        for one in notifications
        if chosen.get((member_id, one.kind), DEFAULTS[one.kind]) in BY_MAIL
        and (one.reason in ABOUT_THEMSELVES or one.idea_id not in muted)
    ]


def comment_brought_by(notification: Notification) -> int | None:
    """Return the comment that must be seen for the mail to be sent; None where it says nothing of one.

    What became of a report is told without the words that were reported, which are out of sight for that reason.
    """
    return None if notification.kind is NotificationKind.REPORT_DECIDED else notification.comment_id


def muted_among(member_id: int, idea_ids: Sequence[int]) -> set[int]:
    """Return the ids of those of the ideas of which the member wants to hear nothing."""
    muted = (Follow.member_id == member_id, Follow.idea_id.in_(idea_ids), Follow.muted_at.is_not(None))
    return set(session().scalars(select(Follow.idea_id).where(*muted)))
