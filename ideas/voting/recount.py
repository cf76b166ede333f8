"""The number of supporters of each idea, counted anew from the supports."""

from collections.abc import Collection

from sqlalchemy import func, select

from ideas.core.recount import Difference, Total, mend, wrong
from ideas.ideation.models import Idea
from ideas.voting.models import Support

_live = (
    select(func.count())
    .select_from(Support)
    .where(Support.idea_id == Idea.id, Support.quarantined_at.is_(None))
    .correlate(Idea)
    .scalar_subquery()
)

TOTALS = (Total(Idea.support_count, Idea.carried_count + _live),)


def wrong_totals() -> list[Difference]:
    """Return the ideas whose number of supporters differs from carried and live supports; empty where all is well."""
    return wrong(TOTALS)


def repair(*, idea_ids: Collection[int] | None = None) -> None:
    """Set the number of supporters right, of the given ideas or of all. The caller holds the transaction."""
    mend(TOTALS, ids=idea_ids)
