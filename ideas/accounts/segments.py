"""Segments: named groups of members, by rule or by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, select

from ideas.accounts.audit import note
from ideas.accounts.membership import count_members, recompute
from ideas.accounts.models import Combination, Comparison, Member, Segment, SegmentMember, SegmentRule
from ideas.accounts.policy import require_admin
from ideas.accounts.rules import Rule, check_rule
from ideas.accounts.sessions import rotate_sessions
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, NotFound
from ideas.core.fields import Fields
from ideas.core.pages import PAGE_SIZE, Page, after_name, page_of
from ideas.core.policy import Actor
from ideas.core.sql import insert_or_skip, insert_or_update
from ideas.core.text import Refused, slugify
from ideas.core.versions import SITE, touch

NAME_MAX = 80
DESCRIPTION_MAX = 300
RULES_MAX = 20
#: Leaves room for a number behind it.
_SLUG_MAX = 56


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """One rule as it was typed; a row without attribute and value is not there."""

    attribute: str = ""
    comparison: str = Comparison.IS
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDraft:
    """What was typed about a segment."""

    name: str
    description: str = ""
    combination: str = Combination.ALL
    rules: Sequence[RuleDraft] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InSegment:
    """A member of a segment."""

    id: int
    name: str
    handle: str
    is_by_hand: bool


def list_segments(actor: Actor) -> Sequence[Segment]:
    """Return all segments by name. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    return session().scalars(select(Segment).order_by(Segment.name, Segment.id)).all()


@dataclass(frozen=True, slots=True)
class SegmentName:
    """A segment as staff choose it from a list."""

    id: int
    slug: str
    name: str


def segment_names() -> list[SegmentName]:
    """Return the names of all segments in their order. The caller has seen that staff ask."""
    rows = session().execute(select(Segment.id, Segment.slug, Segment.name).order_by(Segment.name, Segment.id))
    return [SegmentName(*row) for row in rows]


def get_segment(actor: Actor, slug: str) -> Segment:
    """Return the segment with this slug. Raises SignInNeeded, Forbidden, NotFound."""
    require_admin(actor)
    found = session().scalar(select(Segment).where(Segment.slug == slug).execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def draft_of(segment: Segment) -> SegmentDraft:
    """Return a segment as it would be typed."""
    return SegmentDraft(
        name=segment.name,
        description=segment.description,
        combination=segment.combination,
        rules=[RuleDraft(**rule) for rule in _rules_now(segment.id)],
    )


def list_in_segment(
    actor: Actor, segment: Segment, *, after: str | None = None, size: int = PAGE_SIZE
) -> Page[InSegment]:
    """Return a page of the members of a segment, by name. Raises SignInNeeded, Forbidden, Invalid (cursor)."""
    require_admin(actor)
    query = (
        select(Member.id, Member.name, Member.handle, SegmentMember.is_by_hand)
        .join(SegmentMember, SegmentMember.member_id == Member.id)
        .where(SegmentMember.segment_id == segment.id)
        .order_by(Member.name, Member.id)
        .limit(size + 1)
    )
    if after:
        query = query.where(after_name(Member.name, Member.id, after))
    rows = [InSegment(**row._mapping) for row in session().execute(query)]  # noqa: SLF001 - public
    return page_of(rows, size=size, key=lambda row: (row.name, row.id))


def open_segment(actor: Actor, draft: SegmentDraft) -> Segment:
    """Add a segment with everybody for whom its rules hold, and return it.

    Raises SignInNeeded, Forbidden, Invalid (name, description, combination, rules), Conflict where somebody adds
    the same now.
    """
    require_admin(actor)
    values, rules = _checked(draft, None)
    slug = _free_slug(str(values["name"]))
    row = {**values, "slug": slug, "member_count": 0, "created_at": clock.now()}
    if not insert_or_skip(Segment, row, unique=["slug"]):
        raise Conflict(_("Somebody has added a segment of this name just now."))
    segment = session().scalars(select(Segment).where(Segment.slug == slug)).one()
    _write_rules(segment.id, rules)
    recompute(segment_ids=[segment.id])
    _note(actor, "segment.opened", segment, before={}, after=_state(segment))
    return segment


def change_segment(actor: Actor, segment: Segment, draft: SegmentDraft) -> None:
    """Change a segment; who belongs to it follows at once. Raises SignInNeeded, Forbidden, Invalid."""
    require_admin(actor)
    _hold(segment)
    values, rules = _checked(draft, segment)
    before = _state(segment)
    for field, value in values.items():
        setattr(segment, field, value)
    session().flush()
    session().execute(delete(SegmentRule).where(SegmentRule.segment_id == segment.id))
    _write_rules(segment.id, rules)
    recompute(segment_ids=[segment.id])
    _note(actor, "segment.changed", segment, before=before, after=_state(segment))


def put_by_hand(actor: Actor, segment: Segment, member: Member) -> bool:
    """Put a member into the segment whatever the rules say. Returns whether that is new. Raises Forbidden."""
    require_admin(actor)
    _hold(segment)
    own = (SegmentMember.segment_id == segment.id, SegmentMember.member_id == member.id)
    if session().scalar(select(SegmentMember.is_by_hand).where(*own)):
        return False
    key = {"segment_id": segment.id, "member_id": member.id}
    row = {**key, "is_by_hand": True, "created_at": clock.now()}
    insert_or_update(SegmentMember, row, unique=list(key), update={"is_by_hand": True})
    _settle(actor, segment, member, act="segment.member_added", before=False)
    return True


def take_out_by_hand(actor: Actor, segment: Segment, member: Member) -> bool:
    """Undo `put_by_hand`: they stay only where the rules hold for them. Returns whether they were in by hand."""
    require_admin(actor)
    _hold(segment)
    own = (SegmentMember.segment_id == segment.id, SegmentMember.member_id == member.id)
    if not session().scalar(select(SegmentMember.is_by_hand).where(*own)):
        return False
    session().execute(delete(SegmentMember).where(*own))
    _settle(actor, segment, member, act="segment.member_removed", before=True)
    return True


def check_rules(fields: Fields, drafts: Sequence[RuleDraft]) -> list[Rule]:
    """Return the typed rules, cleaned, without empty rows; errors are noted as "rules"."""
    found = []
    typed = [draft for draft in drafts if draft.attribute.strip() or draft.value.strip()]
    for draft in typed:
        try:
            found.append(check_rule(draft.attribute, Comparison(draft.comparison), draft.value))
        except Refused as refused:
            fields.refuse("rules", refused.message)
        except ValueError:
            fields.refuse("rules", _("Choose how to compare."))
    if len(typed) > RULES_MAX:
        fields.refuse("rules", _("%(most)d rules fit.", most=RULES_MAX))
    return found


def check_combination(fields: Fields, text: str) -> Combination:
    """Return how the rules are combined; an error is noted as "combination"."""
    if text not in list(Combination):
        fields.refuse("combination", _("Choose one of these."))
        return Combination.ALL
    return Combination(text)


def _checked(draft: SegmentDraft, segment: Segment | None) -> tuple[Mapping[str, object], list[Rule]]:
    fields = Fields()
    name = fields.line("name", draft.name, least=2, most=NAME_MAX)
    values = {
        "name": name,
        "description": fields.line("description", draft.description, least=0, most=DESCRIPTION_MAX),
        "combination": check_combination(fields, draft.combination),
    }
    rules = check_rules(fields, draft.rules)
    taken = select(Segment.id).where(
        func.lower(Segment.name) == name.lower(), Segment.id != (segment.id if segment else 0)
    )
    if session().scalar(taken.limit(1)) is not None:
        fields.refuse("name", _("Another segment has this name."))
    fields.done()
    return values, rules


def _hold(segment: Segment) -> None:
    session().execute(select(Segment.id).where(Segment.id == segment.id).with_for_update())


def _write_rules(segment_id: int, rules: Sequence[Rule]) -> None:
    for rule in rules:
        row = SegmentRule(segment_id=segment_id, attribute=rule.attribute, comparison=rule.comparison, value=rule.value)
        session().add(row)
    session().flush()


def _settle(actor: Actor, segment: Segment, member: Member, *, act: str, before: bool) -> None:
    recompute(segment_ids=[segment.id], member_ids=[member.id])
    count_members([segment.id])
    touch(SITE)
    rotate_sessions(member.id)
    change = {"before": {"by_hand": before}, "after": {"by_hand": not before}}
    note(actor, act, member_id=member.id, subject="segment", subject_id=segment.id, **change)


def _note(actor: Actor, act: str, segment: Segment, *, before: dict[str, object], after: dict[str, object]) -> None:
    note(actor, act, subject="segment", subject_id=segment.id, before=before, after=after)


def _state(segment: Segment) -> dict[str, object]:
    return {"combination": str(segment.combination), "rules": _rules_now(segment.id)}


def _rules_now(segment_id: int) -> list[dict[str, str]]:
    columns = (SegmentRule.attribute, SegmentRule.comparison, SegmentRule.value)
    rows = session().execute(select(*columns).where(SegmentRule.segment_id == segment_id).order_by(SegmentRule.id))
    return [{"attribute": row.attribute, "comparison": str(row.comparison), "value": row.value} for row in rows]


def _free_slug(name: str) -> str:
    base = slugify(name, most=_SLUG_MAX) or "segment"
    taken = set(session().scalars(select(Segment.slug).where(Segment.slug.startswith(base))))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)
