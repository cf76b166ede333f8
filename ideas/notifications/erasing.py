"""What somebody who leaves was told."""

from sqlalchemy import delete

from ideas.accounts.erasing import Departure, put
from ideas.notifications.models import Notification


def erase(leaving: Departure) -> None:
    """Forget what they were told; what others were told about them goes on under the pseudonym."""
    put(delete(Notification).where(Notification.member_id == leaving.member_id))
