"""The number of unread notifications, counted anew."""

from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.core.recount import Difference, Total, mend, wrong
from ideas.notifications.models import Notification

TOTALS = (
    Total(
        Member.unread_count,
        select(func.count())
        .select_from(Notification)
        .where(Notification.member_id == Member.id, Notification.read_at.is_(None))
        .correlate(Member)
        .scalar_subquery(),
    ),
)


def wrong_totals() -> list[Difference]:
    """Return where the unread counts of members differ; empty where all is well."""
    return wrong(TOTALS)


def repair() -> None:
    """Set the unread counts of all members right. The caller holds the transaction."""
    mend(TOTALS, ids=None)
