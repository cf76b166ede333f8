"""Who supports an idea and what they are to the company: for the eyes of staff alone.

The public count is of people, over everything that was merged into an idea. Here stand organisations and their value
beside the same people, each currency for itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from ideas.accounts.models import Member, Organisation, SegmentMember
from ideas.boards.policy import Permission, may
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, as_moment, decode_cursor, page_of
from ideas.core.policy import Actor, Decision
from ideas.ideation.lineage import TOPS, tree, ways
from ideas.ideation.models import Channel, Idea, Merge
from ideas.voting.groups import counted
from ideas.voting.models import MergeDecline, Strength, Support, SupportSource

#: Organisations named beside an idea; the others are in the sums.
NAMED = 8

_enterer = aliased(Member)
_GROUPS = tree()
_counted = counted(_GROUPS, ways(_GROUPS)).subquery("counted")
#: Each person once: with what they gave the idea itself, or else what they gave first of what was merged into it.
_ranked = select(
    _counted.c.top_id,
    _counted.c.member_id,
    _counted.c.support_id,
    func.row_number()
    .over(
        partition_by=(_counted.c.top_id, _counted.c.member_id),
        order_by=(_counted.c.idea_id != _counted.c.top_id, _counted.c.support_id),
    )
    .label("place"),
).subquery("ranked")
_people = select(_ranked).where(_ranked.c.place == 1).subquery("people")
#: The same for ideas that nothing was merged into: nobody stands there twice.
_people_alone = (
    select(Support.idea_id.label("top_id"), Support.member_id, Support.id.label("support_id"))
    .where(Support.idea_id.in_(bindparam(TOPS, expanding=True)), Support.quarantined_at.is_(None))
    .subquery("people")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One support as staff see it."""

    id: int
    #: Where it was given: the idea itself, or one that was merged into it.
    idea_id: int
    name: str
    handle: str
    organisation: str | None
    plan: str | None
    #: In minor units of `currency`.
    annual_value: int | None
    currency: str | None
    given_at: datetime
    strength: Strength | None
    need: str | None
    source: SupportSource
    entered_by: str | None
    via: Channel | None
    where: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An organisation with how many of its people support an idea."""

    name: str
    plan: str
    annual_value: int | None
    currency: str | None
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What stands behind an idea: organisations, most people first, and all of them summed up."""

    accounts: Sequence[Account] = ()
    organisations: int = 0
    #: People of organisations, and people of none that is known.
    people: int = 0
    alone: int = 0
    #: Annual value in minor units by currency, never summed across them; without those of which none is known.
    values: Mapping[str, int] = field(default_factory=dict)


def can_see_voices(actor: Actor, board_id: int) -> Decision:
    """All of the staff."""
    return may(actor, Permission.SEE_ORGANISATIONS, board_id)


def list_voices(idea: Idea, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Voice]:
    """Return a page of the supports that count, newest first. The caller has asked whether the actor may see them.

    Raises Invalid for a cursor that is not ours.
    """
    people = _people if idea.origin_count else _people_alone
    query = (
        select(
            Support.id,
            Support.idea_id,
            Member.name,
            Member.handle,
            Organisation.name.label("organisation"),
            Organisation.plan,
            Organisation.annual_value,
            Organisation.currency,
            Support.created_at.label("given_at"),
            Support.strength,
            Support.need,
            Support.source,
            _enterer.name.label("entered_by"),
            Support.entered_via.label("via"),
            Support.entered_from.label("where"),
        )
        .join(people, people.c.support_id == Support.id)
        .join(Member, Member.id == Support.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .outerjoin(_enterer, _enterer.id == Support.entered_by_id)
        .order_by(Support.created_at.desc(), Support.id.desc())
        .limit(size + 1)
    )
    if after:
        value, last_id = decode_cursor(after, str, int)
        moment = as_moment(value)
        same = and_(Support.created_at == moment, Support.id < last_id)
        query = query.where(or_(Support.created_at < moment, same))
    voices = [Voice(**row._mapping) for row in session().execute(query, {TOPS: [idea.id]})]  # noqa: SLF001 - public by its documentation
    return page_of(voices, size=size, key=lambda voice: (voice.given_at.isoformat(), voice.id))


def supporter_id(idea: Idea, *, handle: str) -> int:
    """Return the key of the member with this handle who supports the idea. Raises NotFound."""
    query = select(Member.id).join(Support, Support.member_id == Member.id)
    found = session().scalar(query.where(Support.idea_id == idea.id, Member.handle == handle.lower()))
    if found is None:
        raise NotFound
    return found


def weight_of(idea_id: int, *, has_origins: bool = True) -> Weight:
    """Return what stands behind an idea, in one query. The caller has asked whether the actor may see it.

    `has_origins`: ideas may have been merged into it; without, it is asked faster.
    """
    by_account = _by_account(_people if has_origins else _people_alone)
    named = (
        select(by_account)
        .where(by_account.c.id.is_not(None))
        .order_by(by_account.c.people.desc(), by_account.c.name)
        .limit(NAMED)
        .subquery()
    )
    columns = (named.c.name, named.c.plan, named.c.annual_value, named.c.currency, named.c.people)
    sums = select(
        cast(null(), String),
        cast(null(), String),
        func.sum(by_account.c.annual_value),
        by_account.c.currency,
        func.sum(by_account.c.people),
        func.count(by_account.c.id),
        by_account.c.id.is_(None),
    ).group_by(by_account.c.currency, by_account.c.id.is_(None))
    both = union_all(select(*columns, cast(literal(0), Integer), literal(False)), sums)
    rows = session().execute(both, {TOPS: [idea_id]}).all()
    return _weight([tuple(row) for row in rows])


def weights_of(idea_ids: Collection[int]) -> Mapping[int, Weight]:
    """Return for every id asked what stands behind the idea, without names, in one query. As `weight_of` else."""
    found = dict.fromkeys(idea_ids, Weight())
    if not found:
        return found
    belonging = (
        select(_people.c.top_id, Organisation.id, Organisation.currency, Organisation.annual_value)
        .join(Member, Member.id == _people.c.member_id)
        .join(Organisation, Organisation.id == Member.organisation_id)
        .distinct()
        .subquery()
    )
    query = select(belonging.c.top_id, belonging.c.currency, func.count(), func.sum(belonging.c.annual_value)).group_by(
        belonging.c.top_id, belonging.c.currency
    )
    for idea_id, currency, organisations, value in session().execute(query, {TOPS: list(found)}):
        before = found[idea_id]
        values = {**before.values, currency: int(value)} if currency and value is not None else before.values
        found[idea_id] = Weight(organisations=before.organisations + organisations, values=values)
    return found


def wanted_by(segment_id: int) -> ColumnElement[bool]:
    """Return the condition that members of the segment wrote the idea or support it, or what was merged into it."""
    members = select(SegmentMember.member_id).where(SegmentMember.segment_id == segment_id)
    given = select(Support.idea_id, Support.member_id)
    live = given.where(Support.quarantined_at.is_(None), Support.member_id.in_(members))
    reached = live.cte("reached", recursive=True)
    is_held_back = exists().where(MergeDecline.merge_id == Merge.id, MergeDecline.member_id == reached.c.member_id)
    above = select(Merge.target_id, reached.c.member_id).join(reached, Merge.origin_id == reached.c.idea_id)
    reached = reached.union(above.where(Merge.undone_at.is_(None), ~is_held_back))
    return or_(Idea.author_id.in_(members), Idea.id.in_(select(reached.c.idea_id)))


def _by_account(people: FromClause) -> CTE:
    return (
        select(
            Organisation.id,
            Organisation.name,
            Organisation.plan,
            Organisation.annual_value,
            Organisation.currency,
            func.count(people.c.member_id).label("people"),
        )
        .select_from(people)
        .join(Member, Member.id == people.c.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .group_by(Organisation.id)
        .cte("by_account")
    )


def _weight(rows: Sequence[tuple[Any, ...]]) -> Weight:
    """Put together the rows: named organisations first, then one a currency, and one of those who belong nowhere."""
    accounts = [
        Account(
            name=name,
            plan=plan,
            annual_value=None if value is None else int(value),
            currency=currency,
            people=int(people),
        )
        for name, plan, value, currency, people, *_rest in rows
        if name is not None
    ]
    sums = [row for row in rows if row[0] is None]
    belonging = [row for row in sums if not row[6]]
    return Weight(
        accounts=sorted(accounts, key=lambda account: (-account.people, account.name)),
        organisations=sum(int(row[5]) for row in belonging),
        people=sum(int(row[4]) for row in belonging),
        alone=sum(int(row[4]) for row in sums if row[6]),
        values={
            row[3]: int(row[2])
            for row in sorted(belonging, key=lambda row: row[3] or "")
            if row[3] and row[2] is not None
        },
    )
