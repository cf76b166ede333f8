"""What somebody who leaves was told, and how they wanted to hear."""

from sqlalchemy import delete

from ideas.accounts.erasing import Departure, put
from ideas.notifications.models import Notification, NotificationChoice


def erase(leaving: Departure) -> None:
    """Forget what they were told; what others were told about them goes on under the pseudonym."""
    put(delete(Notification).where(Notification.member_id == leaving.member_id))
    put(delete(NotificationChoice).where(NotificationChoice.member_id == leaving.member_id))
