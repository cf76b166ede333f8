"""What reporters and choices have counted on ideas, counted anew: for `ideas verify` and imports."""

from collections.abc import Collection

from sqlalchemy import ScalarSelect, func, select

from ideas.cocreation.models import Choice, Confirmation, Verdict
from ideas.core.recount import Difference, Total, mend, wrong
from ideas.ideation.models import Idea


def _saying(verdict: Verdict) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(Confirmation)
        .where(Confirmation.problem_id == Idea.id, Confirmation.verdict == verdict)
        .correlate(Idea)
        .scalar_subquery()
    )


TOTALS = (
    Total(Idea.fixed_count, _saying(Verdict.FIXED)),
    Total(Idea.not_fixed_count, _saying(Verdict.NOT_FIXED)),
    Total(Idea.chosen_at, select(Choice.created_at).where(Choice.fix_id == Idea.id).correlate(Idea).scalar_subquery()),
)


def wrong_totals() -> list[Difference]:
    """Return where an idea's confirmations or its time of choice differ from the rows; empty where all is well."""
    return wrong(TOTALS)


def repair(*, idea_ids: Collection[int] | None = None) -> None:
    """Set them right: of the given ideas or of all. The caller holds the transaction."""
    mend(TOTALS, ids=idea_ids)
