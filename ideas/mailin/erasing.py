"""Mails of somebody who leaves that wait for a moderator."""

from sqlalchemy import delete

from ideas.accounts.erasing import Departure, put, rename_mentions
from ideas.mailin.models import HeldMail


def erase(leaving: Departure) -> None:
    """Throw away what would have been posted in their name, and rename them in what waits of others."""
    put(delete(HeldMail).where(HeldMail.member_id == leaving.member_id))
    rename_mentions(leaving, HeldMail, "body")
