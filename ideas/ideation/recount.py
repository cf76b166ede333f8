"""The totals of ideas that can be counted from ideation's own tables, counted anew."""

from collections.abc import Collection

from sqlalchemy import Select, and_, delete, func, insert, select
from sqlalchemy.orm import aliased

from ideas.core.db import session
from ideas.core.recount import Difference, Total, mend, wrong
from ideas.ideation.models import REWRITTEN, CoAuthor, Idea, IdeaTag, Kind, Merge, Revision, Status, Tag, Tally

_fix = aliased(Idea)
_listed = aliased(Idea)
_standing = Merge.undone_at.is_(None)

#: What follows from the idea itself comes first: the other totals count listed ideas.
TOTALS = (
    Total(Idea.category, select(Status.category).where(Status.id == Idea.status_id).correlate(Idea).scalar_subquery()),
    Total(
        Idea.merged_into_id,
        select(Merge.target_id).where(Merge.origin_id == Idea.id, _standing).correlate(Idea).scalar_subquery(),
    ),
    Total(
        Idea.origin_count,
        select(func.count())
        .select_from(Merge)
        .where(Merge.target_id == Idea.id, _standing)
        .correlate(Idea)
        .scalar_subquery(),
    ),
    Total(
        Idea.is_listed,
        and_(
            Idea.kind != Kind.FIX,
            Idea.hidden_at.is_(None),
            Idea.withdrawn_at.is_(None),
            Idea.merged_into_id.is_(None),
        ),
    ),
    Total(
        Idea.revision_count,
        select(func.coalesce(func.max(Revision.number), 1))
        .where(Revision.idea_id == Idea.id)
        .correlate(Idea)
        .scalar_subquery(),
    ),
    Total(
        Idea.edited_after_supports,
        select(func.coalesce(func.max(Revision.support_count), 0))
        .where(Revision.idea_id == Idea.id, Revision.kind.in_(REWRITTEN))
        .correlate(Idea)
        .scalar_subquery(),
    ),
    Total(
        Idea.meaning_changed_at,
        select(func.max(Revision.created_at))
        .where(Revision.idea_id == Idea.id, Revision.changes_meaning.is_(True))
        .correlate(Idea)
        .scalar_subquery(),
    ),
    Total(
        Idea.fix_count,
        select(func.count())
        .select_from(_fix)
        .where(
            _fix.problem_id == Idea.id,
            _fix.hidden_at.is_(None),
            _fix.withdrawn_at.is_(None),
            _fix.merged_into_id.is_(None),
        )
        .correlate(Idea)
        .scalar_subquery(),
    ),
    Total(
        Idea.co_author_count,
        select(func.count()).select_from(CoAuthor).where(CoAuthor.idea_id == Idea.id).correlate(Idea).scalar_subquery(),
    ),
)

TAG_TOTALS = (
    Total(
        Tag.idea_count,
        select(func.count())
        .select_from(IdeaTag)
        .join(_listed, _listed.id == IdeaTag.idea_id)
        .where(IdeaTag.tag_id == Tag.id, _listed.is_listed.is_(True))
        .correlate(Tag)
        .scalar_subquery(),
    ),
)


def wrong_totals() -> list[Difference]:
    """Return the differences of ideas, tags and tallies; empty where all is well."""
    return [*wrong(TOTALS), *wrong(TAG_TOTALS), *_wrong_tallies()]


def repair(*, idea_ids: Collection[int] | None = None) -> None:
    """Set the totals right: of the given ideas and their problems, or of all; tags and tallies always of all.

    The caller holds the transaction.
    """
    mend(TOTALS, ids=None if idea_ids is None else {*idea_ids, *_problems_of(idea_ids)})
    mend(TAG_TOTALS)
    if _wrong_tallies():
        session().execute(delete(Tally))
        session().execute(
            insert(Tally).from_select(["board_id", "kind", "status_id", "idea_count"], _counted_tallies())
        )
        session().expire_all()


def _problems_of(idea_ids: Collection[int]) -> set[int]:
    """Return the problems of those that are fixes, all at once: fixes are few beside ideas."""
    rows = session().execute(select(Idea.id, Idea.problem_id).where(Idea.problem_id.is_not(None)))
    wanted = set(idea_ids)
    return {row.problem_id for row in rows if row.id in wanted}


def _counted_tallies() -> Select[int, Kind, int, int]:
    return (
        select(Idea.board_id, Idea.kind, Idea.status_id, func.count().label("idea_count"))
        .where(Idea.is_listed.is_(True))
        .group_by(Idea.board_id, Idea.kind, Idea.status_id)
    )


def _wrong_tallies() -> list[Difference]:
    counted = {(row[0], row[1], row[2]): row[3] for row in session().execute(_counted_tallies())}
    query = select(Tally.board_id, Tally.kind, Tally.status_id, Tally.idea_count)
    stored = {(row[0], row[1], row[2]): row[3] for row in session().execute(query)}
    return [
        Difference("tally.idea_count", "/".join(map(str, key)), stored.get(key, 0), counted.get(key, 0))
        for key in sorted({*stored, *counted})
        if stored.get(key, 0) != counted.get(key, 0)
    ]
