"""How many mails about single pieces of news somebody gets in an hour; the others wait for the daily letter."""

from datetime import timedelta

from sqlalchemy import func, select, update

from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.notifications.models import Channel, Notification

#: More in an hour is no news but noise; and where somebody is made a nuisance of, it ends here.
AT_ONCE_MOST = 20
WITHIN = timedelta(hours=1)
#: Mails are tried for less than this, so that older news need not be looked at.
_LOOK_BACK = timedelta(days=3)


def has_enough(member_id: int) -> bool:
    """Tell whether somebody got as many mails in the last hour as they may."""
    now = clock.now()
    theirs = (Notification.member_id == member_id, Notification.created_at > now - _LOOK_BACK)
    mailed = (Notification.channel == Channel.AT_ONCE, Notification.mailed_at > now - WITHIN)
    count = session().scalar(select(func.count()).select_from(Notification).where(*theirs, *mailed))
    return (count or 0) >= AT_ONCE_MOST


def put_off(notification_id: int) -> None:
    """Let the daily letter bring a piece of news. Takes its own transaction."""
    # What was read until now need not be held.
    session().rollback()
    with transaction() as current:
        later = update(Notification).where(Notification.id == notification_id).values(channel=Channel.DAILY)
        current.execute(later, execution_options={"synchronize_session": False})
