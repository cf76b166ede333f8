"""What somebody who leaves followed."""

from sqlalchemy import delete

from ideas.accounts.erasing import Departure, put
from ideas.following.models import Follow


def erase(leaving: Departure) -> None:
    """Follow nothing any more."""
    put(delete(Follow).where(Follow.member_id == leaving.member_id))
