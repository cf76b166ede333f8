"""Files with everything about somebody who leaves."""

from ideas.accounts.erasing import Departure
from ideas.privacy.files import forget_files


def erase(leaving: Departure) -> None:
    """Delete them."""
    forget_files(leaving.member_id)
