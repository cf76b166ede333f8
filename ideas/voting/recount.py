"""The number of supporters of each idea, counted anew from the supports of its group."""

from collections.abc import Collection

from sqlalchemy import case, exists, func, select, update
from sqlalchemy.orm import aliased

from ideas.core.db import session
from ideas.core.recount import Difference, Total, mend, wrong
from ideas.ideation.models import Idea
from ideas.voting.groups import standings_of
from ideas.voting.models import Support

_origin = aliased(Idea)
_live = (
    select(func.count())
    .select_from(Support)
    .where(Support.idea_id == Idea.id, Support.quarantined_at.is_(None))
    .correlate(Idea)
    .scalar_subquery()
)
_has_origins = exists().where(_origin.merged_into_id == Idea.id).correlate(Idea)

#: Of ideas that none was merged into; the others are few, and their people are counted over the group.
TOTALS = (Total(Idea.support_count, case((_has_origins, Idea.support_count), else_=Idea.carried_count + _live)),)


def wrong_totals() -> list[Difference]:
    """Return the ideas whose number of supporters differs from carried and live supports; empty where all is well."""
    return [*wrong(TOTALS), *_wrong_groups()]


def repair(*, idea_ids: Collection[int] | None = None) -> None:
    """Set the number of supporters right, of the given ideas or of all. The caller holds the transaction.

    Which ideas are merged was set right before.
    """
    mend(TOTALS, ids=idea_ids)
    rows = [{"id": int(difference.subject), "support_count": difference.counted} for difference in _wrong_groups()]
    chosen = [row for row in rows if idea_ids is None or row["id"] in idea_ids]
    if chosen:
        session().execute(update(Idea), chosen)
        session().expire_all()


def _wrong_groups() -> list[Difference]:
    stored = {
        row.id: row.support_count
        for row in session().execute(select(Idea.id, Idea.support_count).where(_has_origins).order_by(Idea.id))
    }
    counted = standings_of(stored)
    return [
        Difference("idea.support_count", str(idea_id), number, counted[idea_id].count)
        for idea_id, number in stored.items()
        if number != counted[idea_id].count
    ]
