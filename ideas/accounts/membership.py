"""Who belongs to which segment, kept as rows that are computed anew whenever something they depend on changes.

Everybody who computes holds the segments' rows first, so that of two changes at once the later one sees the other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update

from ideas.accounts.models import Combination, Member, Organisation, Segment, SegmentMember, SegmentRule
from ideas.accounts.rules import Facts, Rule, facts_of, fits
from ideas.accounts.sessions import rotate_sessions
from ideas.core import clock
from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.core.sql import insert_all_or_skip
from ideas.core.versions import SITE, touch

#: Members looked at in one go.
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Ruled:
    """A segment's rules."""

    combination: Combination
    rules: Sequence[Rule]


def recompute(*, segment_ids: Collection[int] | None = None, member_ids: Collection[int] | None = None) -> bool:
    """Bring stored membership in line with the rules, of the given segments and members or of all of them.

    Returns whether anybody came in or went out. Those put in by hand stay. Keeps `member_count`.
    """
    segments = _held(segment_ids)
    if not segments:
        return False
    stored = _stored(segments, member_ids)
    meant = _meant(segments, member_ids)
    changed = set()
    for segment_id in segments:
        lost = stored[segment_id] - meant[segment_id]
        fresh = meant[segment_id] - stored[segment_id]
        _take_out(segment_id, lost)
        _put_in(segment_id, sorted(fresh - by_hand_among(segment_id, fresh)))
        if lost or fresh:
            changed.add(segment_id)
    if changed:
        count_members(changed)
        touch(SITE)
    return bool(changed)


def wrong_pairs() -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Return which pairs of segment and member are missing by the rules, and which stand without one or a hand."""
    segments = _rules_of(list(session().scalars(select(Segment.id))))
    stored, meant = _stored(segments, None), _meant(segments, None)
    missing, surplus = set(), set()
    for segment_id in segments:
        absent = meant[segment_id] - stored[segment_id]
        missing |= {(segment_id, one) for one in absent - by_hand_among(segment_id, absent)}
        surplus |= {(segment_id, one) for one in stored[segment_id] - meant[segment_id]}
    return missing, surplus


def how_many_fit(rules: Sequence[Rule], combination: Combination) -> int:
    """Return for how many members the rules hold now."""
    return sum(fits(rules, combination, facts) for _member_id, facts in _people(None))


def count_members(segment_ids: Collection[int]) -> None:
    """Count the members of the given segments anew."""
    count = select(func.count()).where(SegmentMember.segment_id == Segment.id).scalar_subquery()
    wrong = (Segment.id.in_(segment_ids), Segment.member_count != count)
    statement = update(Segment).where(*wrong).values(member_count=count)
    session().execute(statement, execution_options={"synchronize_session": "fetch"})


def by_hand_among(segment_id: int, member_ids: Collection[int]) -> set[int]:
    """Return those of the given members who were put into the segment by hand."""
    found: set[int] = set()
    for chunk in chunks(sorted(member_ids)):
        rows = select(SegmentMember.member_id).where(
            SegmentMember.segment_id == segment_id,
            SegmentMember.is_by_hand.is_(True),
            SegmentMember.member_id.in_(chunk),
        )
        found |= set(session().scalars(rows))
    return found


def _held(segment_ids: Collection[int] | None) -> dict[int, Ruled]:
    """Lock the segments, in one order, and return their rules."""
    query = select(Segment.id).order_by(Segment.id).with_for_update()
    if segment_ids is not None:
        query = query.where(Segment.id.in_(segment_ids))
    return _rules_of(list(session().scalars(query)))


def _rules_of(segment_ids: Sequence[int]) -> dict[int, Ruled]:
    found: dict[int, list[Rule]] = {segment_id: [] for segment_id in segment_ids}
    columns = (SegmentRule.segment_id, SegmentRule.attribute, SegmentRule.comparison, SegmentRule.value)
    for row in session().execute(select(*columns).where(SegmentRule.segment_id.in_(segment_ids))):
        found[row.segment_id].append(Rule(row.attribute, row.comparison, row.value))
    kinds = session().execute(select(Segment.id, Segment.combination).where(Segment.id.in_(segment_ids)))
    return {row.id: Ruled(row.combination, found[row.id]) for row in kinds}


def _stored(segments: Mapping[int, Ruled], member_ids: Collection[int] | None) -> dict[int, set[int]]:
    """Return who is in each segment by its rules alone."""
    found: dict[int, set[int]] = defaultdict(set)
    query = select(SegmentMember.segment_id, SegmentMember.member_id).where(
        SegmentMember.segment_id.in_(segments), SegmentMember.is_by_hand.is_(False)
    )
    for chunk in chunks(sorted(member_ids)) if member_ids is not None else [None]:
        narrowed = query if chunk is None else query.where(SegmentMember.member_id.in_(chunk))
        for row in session().execute(narrowed):
            found[row.segment_id].add(row.member_id)
    return found


def _meant(segments: Mapping[int, Ruled], member_ids: Collection[int] | None) -> dict[int, set[int]]:
    """Return for whom the rules of each segment hold."""
    found: dict[int, set[int]] = defaultdict(set)
    for member_id, facts in _people(member_ids):
        for segment_id, ruled in segments.items():
            if fits(ruled.rules, ruled.combination, facts):
                found[segment_id].add(member_id)
    return found


def _people(member_ids: Collection[int] | None) -> Iterator[tuple[int, Facts]]:
    """Yield the facts of the given members or of all, by key."""
    query = (
        select(
            Member.id,
            Member.kind,
            Member.email,
            Organisation.name,
            Organisation.plan,
            Organisation.annual_value,
            Organisation.currency,
            Organisation.attributes,
        )
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        # Of somebody erased there is nothing left to choose by.
        .where(Member.erased_at.is_(None))
        .order_by(Member.id)
    )
    if member_ids is not None:
        for chunk in chunks(sorted(member_ids)):
            yield from map(_facts, session().execute(query.where(Member.id.in_(chunk))))
        return
    last_id = 0
    while rows := session().execute(query.where(Member.id > last_id).limit(BATCH)).all():
        yield from map(_facts, rows)
        last_id = rows[-1].id


def _facts(row: Any) -> tuple[int, Facts]:
    return row.id, facts_of(
        kind=row.kind,
        email=row.email,
        name=row.name,
        plan=row.plan,
        annual_value=row.annual_value,
        currency=row.currency,
        attributes=row.attributes,
    )


def _take_out(segment_id: int, member_ids: Collection[int]) -> None:
    for chunk in chunks(sorted(member_ids)):
        gone = delete(SegmentMember).where(
            SegmentMember.segment_id == segment_id,
            SegmentMember.member_id.in_(chunk),
            SegmentMember.is_by_hand.is_(False),
        )
        session().execute(gone)
        rotate_sessions(*chunk)


def _put_in(segment_id: int, member_ids: Sequence[int]) -> None:
    for chunk in chunks(member_ids):
        rows = [
            {"segment_id": segment_id, "member_id": one, "is_by_hand": False, "created_at": clock.now()}
            for one in chunk
        ]
        insert_all_or_skip(SegmentMember, rows, unique=["segment_id", "member_id"])
        rotate_sessions(*chunk)
