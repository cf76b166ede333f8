"""Reports and suggestions by somebody who leaves."""

from sqlalchemy import update

from ideas.accounts.erasing import Departure, put, rename_mentions
from ideas.moderation.models import ModerationDecision, Report, Suggestion


def erase(leaving: Departure) -> None:
    """Keep that something was reported or suggested; empty the words where the person wants it."""
    if not leaving.keeps_content:
        put(update(Report).where(Report.reporter_id == leaving.member_id).values(text=""))
        put(update(Suggestion).where(Suggestion.member_id == leaving.member_id).values(text=""))
    rename_mentions(leaving, Report, "text")
    rename_mentions(leaving, Suggestion, "text", "decision_note")
    rename_mentions(leaving, ModerationDecision, "reason")
