"""Supports of somebody who leaves: they go on as numbers, and in groups of merged ideas as one person without name."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, delete, func, select, update

from ideas.accounts.erasing import Departure, add_stand_in, put, rename_mentions
from ideas.core.db import session
from ideas.ideation.lineage import groups_of, lock_settled, path_of
from ideas.ideation.models import Idea, Merge
from ideas.voting.models import MergeDecline, Support, SupportSource

#: Where carried numbers come from, in one word more.
SOURCE = "people who left"
SOURCE_MAX = 120


def erase(leaving: Departure) -> None:
    """Delete the person's supports; those that count go on, and all totals stay equal.

    A number cannot be counted once for two ideas. Where they supported several ideas of one group, or held their
    voice back from a merge, a member made for that group alone goes on in their place.
    """
    own = Support.member_id == leaving.member_id
    groups = _groups_of(leaving.member_id)
    for group in groups:
        _hand_on(leaving.member_id, group)
    handed_on = {idea_id for group in groups for idea_id in group}
    counted = select(Support.idea_id).where(own, Support.quarantined_at.is_(None), Support.idea_id.not_in(handed_on))
    source = case(
        (func.coalesce(Idea.carried_source, "") == "", SOURCE),
        (Idea.carried_source.contains(SOURCE), Idea.carried_source),
        else_=func.substr(Idea.carried_source + ", " + SOURCE, 1, SOURCE_MAX),
    )
    values = {"carried_count": Idea.carried_count + 1, "carried_source": source}
    put(update(Idea).where(Idea.id.in_(counted)).values(values))
    put(delete(Support).where(own))
    put(delete(MergeDecline).where(MergeDecline.member_id == leaving.member_id))
    rename_mentions(leaving, Support, "need")


def _groups_of(member_id: int) -> Sequence[Collection[int]]:
    """Return the groups in which the person's voices cannot go on as a number, their rows locked."""
    tops = _lock_groups(member_id)
    groups = [group for group in groups_of(tops).values() if len(group) > 1]
    return [group for group in groups if _count_voices(member_id, group) > 1 or _declined(member_id, group)]


def _lock_groups(member_id: int) -> set[int]:
    """Lock what the person supports and the tops of its groups; return the tops."""
    supported = set(session().scalars(select(Support.idea_id).where(Support.member_id == member_id)))
    held = set(lock_settled(lambda: supported | set(_tops_of(supported).values())))
    return held - _merged(held)


def _tops_of(idea_ids: Collection[int]) -> Mapping[int, int]:
    """Return the merged ones of the given ideas with the tops of their groups."""
    return {idea_id: path_of(idea_id)[-1] for idea_id in sorted(_merged(idea_ids))}


def _merged(idea_ids: Collection[int]) -> set[int]:
    return set(session().scalars(select(Idea.id).where(Idea.id.in_(idea_ids), Idea.merged_into_id.is_not(None))))


def _count_voices(member_id: int, group: Collection[int]) -> int:
    live = (Support.member_id == member_id, Support.quarantined_at.is_(None))
    return session().scalar(select(func.count()).where(*live, Support.idea_id.in_(group))) or 0


def _declined(member_id: int, group: Collection[int]) -> Sequence[Row[int, datetime]]:
    standing = select(Merge.id, Merge.created_at).join(MergeDecline, MergeDecline.merge_id == Merge.id)
    own = (MergeDecline.member_id == member_id, Merge.undone_at.is_(None))
    return session().execute(standing.where(*own, Merge.origin_id.in_(group)).order_by(Merge.id)).all()


def _hand_on(member_id: int, group: Collection[int]) -> None:
    """Let a stand-in have the person's voices in one group and what they held back; nothing of what they said."""
    live = (Support.member_id == member_id, Support.quarantined_at.is_(None), Support.idea_id.in_(group))
    supported = select(Idea.id, Idea.published_at).join(Support, Support.idea_id == Idea.id).where(*live)
    stand_in = add_stand_in()
    voices: list[Any] = [
        # The moment would tell who it was to whoever kept a list.
        Support(idea_id=row.id, member_id=stand_in, source=SupportSource.SELF, created_at=row.published_at)
        for row in session().execute(supported.order_by(Idea.id))
    ]
    kept: list[Any] = [
        MergeDecline(merge_id=row.id, member_id=stand_in, created_at=row.created_at)
        for row in _declined(member_id, group)
    ]
    session().add_all([*voices, *kept])
    session().flush()
