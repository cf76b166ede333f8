"""Reading organisations and segments for an export."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from ideas.accounts.models import Member, Organisation, Segment, SegmentMember, SegmentRule
from ideas.core.db import session
from ideas.transfer import groups, words
from ideas.transfer.references import References


def read_organisations() -> Iterator[groups.Organisation]:
    """Yield all organisations, in no order."""
    for row in session().scalars(select(Organisation)):
        yield groups.Organisation(
            name=row.name,
            plan=row.plan,
            annual_value=row.annual_value,
            currency=row.currency,
            key=row.external_id,
            key_from=row.source,
            attributes=tuple(
                groups.Attribute(name=name, value=value) for name, value in sorted(row.attributes.items())
            ),
        )


def read_segments(references: References) -> Iterator[groups.Segment]:
    """Yield all segments, in no order, with their rules and those put in by hand; who fits the rules is no record."""
    rules: dict[int, list[groups.SegmentRule]] = defaultdict(list)
    for rule in session().scalars(select(SegmentRule)):
        comparison = words.Comparison(rule.comparison)
        rules[rule.segment_id].append(
            groups.SegmentRule(attribute=rule.attribute, comparison=comparison, value=rule.value)
        )
    by_hand: dict[int, list[groups.ByHand]] = defaultdict(list)
    put_in = select(SegmentMember.segment_id, SegmentMember.member_id).where(SegmentMember.is_by_hand.is_(True))
    for segment_id, member_id in session().execute(put_in):
        by_hand[segment_id].append(groups.ByHand(member=references.to(Member, member_id)))
    for segment in session().scalars(select(Segment)):
        yield groups.Segment(
            slug=segment.slug,
            name=segment.name,
            description=segment.description,
            combination=words.Combination(segment.combination),
            # Saying the same twice changes nothing, and the format knows it once only.
            rules=tuple(dict.fromkeys(rules[segment.id])),
            by_hand=tuple(by_hand[segment.id]),
        )
