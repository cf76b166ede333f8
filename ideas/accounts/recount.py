"""Who belongs to which segment and how many they are, computed anew from the rules."""

from sqlalchemy import func, select

from ideas.accounts.membership import recompute, wrong_pairs
from ideas.accounts.models import Segment, SegmentMember
from ideas.core.recount import Difference, Total, mend, wrong

_members = (
    select(func.count())
    .select_from(SegmentMember)
    .where(SegmentMember.segment_id == Segment.id)
    .correlate(Segment)
    .scalar_subquery()
)

TOTALS = (Total(Segment.member_count, _members),)


def wrong_totals() -> list[Difference]:
    """Return where stored membership differs from the rules, and counts from the members; empty where all is well."""
    missing, surplus = wrong_pairs()
    pairs = [*((pair, False) for pair in sorted(missing)), *((pair, True) for pair in sorted(surplus))]
    memberships = [
        Difference("segment_member", f"{segment_id}/{member_id}", is_stored, not is_stored)
        for (segment_id, member_id), is_stored in pairs
    ]
    return memberships + wrong(TOTALS)


def repair() -> None:
    """Set membership and counts right. The caller holds the transaction."""
    recompute()
    mend(TOTALS)
