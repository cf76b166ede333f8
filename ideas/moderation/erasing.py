"""Reports by somebody who leaves."""

from sqlalchemy import update

from ideas.accounts.erasing import Departure, put, rename_mentions
from ideas.moderation.models import ModerationDecision, Report


def erase(leaving: Departure) -> None:
    """Keep that something was reported; empty the words where the person wants it."""
    if not leaving.keeps_content:
        put(update(Report).where(Report.reporter_id == leaving.member_id).values(text=""))
    rename_mentions(leaving, Report, "text")
    rename_mentions(leaving, ModerationDecision, "reason")
