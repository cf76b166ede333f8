"""Whose voices count for an idea and for all that stand merged into it: distinct people, whatever way they came.

A support counts for an idea where it stands on the idea itself or on one merged beneath it, is not quarantined, and
its member has not held it back from one of the merges on the way up. Nothing is copied: this is asked over the rows
as they stand, so that undoing a merge leaves exactly what was there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, exists, func, select, update

from ideas.core.db import read_rows, session
from ideas.core.recount import chunks
from ideas.core.versions import TOLD, touch
from ideas.ideation.lineage import TOPS, tree, ways
from ideas.ideation.models import Idea, Merge
from ideas.voting.models import MergeDecline, Support
from ideas.voting.trends import trend_of


def counted(groups: FromClause, carried: FromClause) -> Select[*tuple[Any, ...]]:
    """Return the supports that count for the tops of `groups`, as `lineage.tree` and `lineage.ways` give both.

    Columns: `top_id`, and of the support `support_id`, `idea_id`, `member_id` and `given_at`.
    """
    return (
        select(
            groups.c.top_id,
            Support.id.label("support_id"),
            Support.idea_id,
            Support.member_id,
            Support.created_at.label("given_at"),
        )
        .select_from(groups)
        .join(Support, Support.idea_id == groups.c.idea_id)
        .where(Support.quarantined_at.is_(None), ~is_held_back(groups, carried, Support.member_id))
    )


def is_held_back(groups: FromClause, carried: FromClause, member_id: Any) -> ColumnElement[bool]:
    """Return the condition that the member held back what comes from the idea of a row of `groups` to its top."""
    return (
        exists()
        .select_from(carried)
        .where(
            carried.c.top_id == groups.c.top_id,
            carried.c.idea_id == groups.c.idea_id,
            MergeDecline.merge_id == carried.c.merge_id,
            MergeDecline.member_id == member_id,
        )
    )


_TREE = tree()
_WAYS = ways(_TREE)
_COUNTED = counted(_TREE, _WAYS)
_counted = _COUNTED.subquery("counted")
#: Each person once, with when they said so first.
_PEOPLE = select(_counted.c.top_id, _counted.c.member_id, func.min(_counted.c.given_at).label("given_at")).group_by(
    _counted.c.top_id, _counted.c.member_id
)
_CARRIED = (
    select(_TREE.c.top_id, func.sum(Idea.carried_count).label("number"))
    .join(Idea, Idea.id == _TREE.c.idea_id)
    .group_by(_TREE.c.top_id)
)
_ONE_PERSON = (
    select(_TREE.c.top_id, Support.idea_id, Support.created_at.label("given_at"))
    .select_from(_TREE)
    .join(Support, Support.idea_id == _TREE.c.idea_id)
    .where(
        Support.member_id == bindparam("member_id"),
        Support.quarantined_at.is_(None),
        ~is_held_back(_TREE, _WAYS, Support.member_id),
    )
    .order_by(Support.created_at, Support.id)
)
#: The merges into the idea itself over which somebody's voice comes, whatever they have held back elsewhere.
_ENTRANCES = (
    select(Merge.id)
    .where(
        Merge.target_id == bindparam("idea_id"),
        Merge.undone_at.is_(None),
        exists()
        .select_from(_counted)
        .where(_counted.c.top_id == Merge.origin_id, _counted.c.member_id == bindparam("member_id")),
    )
    .order_by(Merge.id)
)


@dataclass(frozen=True, slots=True)
class Voice:
    """One support by which a person counts for an idea: where it was given, perhaps beneath it, and when."""

    idea_id: int
    given_at: datetime


def supporters_of(idea_id: int) -> set[int]:
    """Return the ids of the members who count as supporters of the idea, over its whole group."""
    return {row.member_id for row in read_rows(_PEOPLE, {TOPS: [idea_id]})}


def counting_for(idea_id: int) -> Select[int]:
    """Return the query of the members who count as supporters of the idea; some stand in it more than once."""
    groups = tree([bindparam("top", idea_id, unique=True)], name="counting")
    found = counted(groups, ways(groups, name="counting_way")).subquery()
    return select(found.c.member_id)


def voices_for(idea_id: int, *, member_id: int) -> list[Voice]:
    """Return the supports by which a member counts for the idea, first given first; empty where they do not."""
    return voices_of([idea_id], member_id=member_id)[idea_id]


def voices_of(idea_ids: Collection[int], *, member_id: int) -> Mapping[int, list[Voice]]:
    """Return for every id asked what `voices_for` does. One query."""
    found: dict[int, list[Voice]] = {idea_id: [] for idea_id in idea_ids}
    if found:
        for row in read_rows(_ONE_PERSON, {TOPS: list(found), "member_id": member_id}):
            found[row.top_id].append(Voice(row.idea_id, row.given_at))
    return found


def entrances_of(idea_id: int, *, member_id: int) -> Sequence[int]:
    """Return the keys of the merges into the idea itself by which a member's voice reaches it or would.

    Those over which they hold it back are among them.
    """
    origins = select(Merge.origin_id).where(Merge.target_id == idea_id, Merge.undone_at.is_(None))
    tops = list(session().scalars(origins))
    if not tops:
        return []
    rows = read_rows(_ENTRANCES, {TOPS: tops, "idea_id": idea_id, "member_id": member_id})
    return [row.id for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an idea's group adds up to: people and carried numbers together, and when each of the people said so."""

    count: int
    carried: int
    given: Sequence[datetime] = ()


def standings_of(idea_ids: Collection[int]) -> Mapping[int, Standing]:
    """Return for every id asked what its group adds up to. Two queries a few thousand ideas."""
    found: dict[int, Standing] = {}
    for part in chunks(sorted(set(idea_ids))):
        given: dict[int, list[datetime]] = {}
        for row in read_rows(_PEOPLE, {TOPS: part}):
            given.setdefault(row.top_id, []).append(row.given_at)
        for row in read_rows(_CARRIED, {TOPS: part}):
            moments = given.get(row.top_id, [])
            found[row.top_id] = Standing(int(row.number) + len(moments), int(row.number), sorted(moments))
    return found


def recount_groups(idea_ids: Collection[int]) -> None:
    """Count number and trend of the given ideas anew from their groups. The caller holds the rows of all of them.

    A support carried over as a number weighs as one given when the idea was published.
    """
    session().flush()
    standings = standings_of(idea_ids)
    rows = session().execute(select(Idea.id, Idea.published_at).where(Idea.id.in_(standings)).order_by(Idea.id)).all()
    for row in rows:
        standing = standings[row.id]
        trend = trend_of(row.published_at, carried=standing.carried, given=standing.given)
        values = {"support_count": standing.count, "trend": trend}
        changed = update(Idea).where(Idea.id == row.id).values(values).returning(Idea.board_id)
        board_id = session().scalar(changed, execution_options=TOLD)
        if board_id is not None:
            touch(board_id)
