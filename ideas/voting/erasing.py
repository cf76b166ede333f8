"""Supports of somebody who leaves: they go on as numbers."""

from sqlalchemy import case, delete, func, select, update

from ideas.accounts.erasing import Departure, put, rename_mentions
from ideas.ideation.models import Idea
from ideas.voting.models import SplitAnswer, Support

#: Where carried numbers come from, in one word more.
SOURCE = "people who left"
SOURCE_MAX = 120


def erase(leaving: Departure) -> None:
    """Delete the person's supports and carry those that count as a number; the totals stay equal."""
    own = Support.member_id == leaving.member_id
    counted = select(Support.idea_id).where(own, Support.quarantined_at.is_(None))
    source = case(
        (func.coalesce(Idea.carried_source, "") == "", SOURCE),
        (Idea.carried_source.contains(SOURCE), Idea.carried_source),
        else_=func.substr(Idea.carried_source + ", " + SOURCE, 1, SOURCE_MAX),
    )
    values = {"carried_count": Idea.carried_count + 1, "carried_source": source}
    put(update(Idea).where(Idea.id.in_(counted)).values(values))
    put(delete(Support).where(own))
    put(delete(SplitAnswer).where(SplitAnswer.member_id == leaving.member_id))
    rename_mentions(leaving, Support, "need")
