"""Loading organisations and segments."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, or_, select

from ideas.accounts.membership import count_members, recompute
from ideas.accounts.models import Comparison, Member, Organisation, Segment, SegmentMember, SegmentRule
from ideas.accounts.rules import check_rule
from ideas.core import clock
from ideas.core.db import session
from ideas.core.recount import chunks
from ideas.core.sql import insert_all_or_skip
from ideas.transfer import groups
from ideas.transfer.landing import Landing


def load_organisations(landing: Landing, found: Sequence[groups.Organisation]) -> None:
    """Add the organisations whose name is new; those there stay as they are. A key that is taken is left out."""
    taken = _taken_keys(found)
    rows = [_organisation_row(record, taken) for record in found]
    new = insert_all_or_skip(Organisation, rows, unique=["name"])
    landing.count("organisation", new=new, of=len(found))


def _organisation_row(record: groups.Organisation, taken: set[tuple[str | None, str]]) -> dict[str, Any]:
    is_free = record.key is not None and (record.key_from, record.key) not in taken
    if is_free and record.key is not None:
        taken.add((record.key_from, record.key))
    return {
        "name": record.name,
        "plan": record.plan,
        "annual_value": record.annual_value,
        "currency": record.currency,
        "source": record.key_from if is_free else None,
        "external_id": record.key if is_free else None,
        "attributes": {attribute.name: attribute.value for attribute in record.attributes},
        "created_at": clock.now(),
    }


def _taken_keys(found: Sequence[groups.Organisation]) -> set[tuple[str | None, str]]:
    taken: set[tuple[str | None, str]] = set()
    keys = [record.key for record in found if record.key is not None]
    for part in chunks(sorted(keys)):
        query = select(Organisation.source, Organisation.external_id).where(Organisation.external_id.in_(part))
        taken.update((row.source, row.external_id) for row in session().execute(query) if row.external_id)
    return taken


def load_segments(landing: Landing, found: Sequence[groups.Segment]) -> None:
    """Add the segments of which neither slug nor name is there, and compute who belongs to them.

    What they open is not in the file: no board is for a segment before an admin says so.
    """
    fresh = 0
    for record in found:
        same = or_(Segment.slug == record.slug, Segment.name == record.name)
        if session().scalar(select(Segment.id).where(same).limit(1)) is None:
            _add(landing, record)
            fresh += 1
    landing.count("segment", new=fresh, of=len(found))


def _add(landing: Landing, record: groups.Segment) -> None:
    values = {
        "slug": record.slug,
        "name": record.name,
        "description": record.description,
        "combination": record.combination,
        "member_count": 0,
        "created_at": clock.now(),
    }
    session().execute(insert(Segment).values(values))
    segment_id = session().scalars(select(Segment.id).where(Segment.slug == record.slug)).one()
    rules = [check_rule(rule.attribute, Comparison(rule.comparison), rule.value) for rule in record.rules]
    if rules:
        columns = ("attribute", "comparison", "value")
        rows = [{"segment_id": segment_id, **{name: getattr(rule, name) for name in columns}} for rule in rules]
        session().execute(insert(SegmentRule), rows)
    put_in = [
        {
            "segment_id": segment_id,
            "member_id": landing.rows.find(Member, one.member),
            "is_by_hand": True,
            "created_at": clock.now(),
        }
        for one in record.by_hand
    ]
    insert_all_or_skip(SegmentMember, put_in, unique=["segment_id", "member_id"])
    recompute(segment_ids=[segment_id])
    count_members([segment_id])
