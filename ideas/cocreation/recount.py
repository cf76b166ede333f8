"""What reporters, choices and amendments have counted, counted anew: for `ideas verify` and imports."""

from collections.abc import Collection

from sqlalchemy import ScalarSelect, func, select

from ideas.cocreation.models import Amendment, AmendmentState, AmendmentSupport, Choice, Confirmation, Verdict
from ideas.core.db import session
from ideas.core.recount import Difference, Total, chunks, mend, wrong
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
    Total(
        Idea.open_amendment_count,
        select(func.count())
        .select_from(Amendment)
        .where(Amendment.idea_id == Idea.id, Amendment.state == AmendmentState.OPEN)
        .correlate(Idea)
        .scalar_subquery(),
    ),
)

AMENDMENT_TOTALS = (
    Total(
        Amendment.support_count,
        select(func.count())
        .select_from(AmendmentSupport)
        .where(AmendmentSupport.amendment_id == Amendment.id)
        .correlate(Amendment)
        .scalar_subquery(),
    ),
)


def wrong_totals() -> list[Difference]:
    """Return where totals of ideas and of amendments differ from the rows; empty where all is well."""
    return [*wrong(TOTALS), *wrong(AMENDMENT_TOTALS)]


def repair(*, idea_ids: Collection[int] | None = None) -> None:
    """Set them right: of the given ideas and their amendments, or of all. The caller holds the transaction."""
    mend(TOTALS, ids=idea_ids)
    mend(AMENDMENT_TOTALS, ids=None if idea_ids is None else _amendments_of(idea_ids))


def _amendments_of(idea_ids: Collection[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(sorted(idea_ids)):
        found.update(session().scalars(select(Amendment.id).where(Amendment.idea_id.in_(chunk))))
    return found
