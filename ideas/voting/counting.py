"""Counting one voice more or less where ideas are merged: for the idea and for those above it, each person once.

Only the person's own supports are looked at, never those of the whole group.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ideas.core import clock
from ideas.core.db import session
from ideas.core.sql import insert_all_or_skip
from ideas.ideation import totals
from ideas.ideation.lineage import lock_settled, path_of
from ideas.ideation.models import Merge
from ideas.voting.groups import entrances_of, voices_of
from ideas.voting.models import MergeDecline


def count_voice(idea_id: int, member_id: int, *, moment: datetime, by: int, only_open: bool = True) -> None:
    """Count the support that a member has just given an idea (or with `by=-1` had until now), wherever it counts.

    Raises Conflict as `totals.add_support` does.
    """
    if totals.add_support(idea_id, moment=moment, by=by, only_open=only_open):
        return
    session().flush()
    reached = _reached(hold_path(idea_id), member_id)
    voices = voices_of(reached, member_id=member_id)
    # With this one alone they are one person more; without it and no other, one less.
    alone = 1 if by > 0 else 0
    for step in reached:
        if len(voices[step]) == alone:
            totals.add_voice(step, moment=moment, by=by)


def drop_voice(idea_id: int, member_id: int, *, given_at: datetime | None) -> bool:
    """Let a member count for the idea no more, whichever way their voice came. Returns whether they did.

    `given_at`: when they gave the support on the idea itself, which is gone already; None where there was none.
    Voices from merged ideas stay there, and are held back from now on.
    """
    session().flush()
    hold_path(idea_id)
    carried = [voice.given_at for voice in voices_of([idea_id], member_id=member_id)[idea_id]]
    given = [*carried, *([given_at] if given_at else [])]
    if not given:
        return False
    rows = [
        {"merge_id": merge_id, "member_id": member_id, "created_at": clock.now()}
        for merge_id in entrances_of(idea_id, member_id=member_id)
    ]
    insert_all_or_skip(MergeDecline, rows, unique=["merge_id", "member_id"])
    totals.add_voice(idea_id, moment=min(given), by=-1)
    return True


def hold_path(idea_id: int) -> list[int]:
    """Lock the idea and those above it until the transaction ends; return their ids, itself first."""
    lock_settled(lambda: path_of(idea_id))
    return path_of(idea_id)


def _reached(path: Sequence[int], member_id: int) -> Sequence[int]:
    """Return the ideas of the path that a voice on the first reaches: up to the first merge that holds it back."""
    if len(path) == 1:
        return path
    held_back = select(Merge.origin_id).join(MergeDecline, MergeDecline.merge_id == Merge.id)
    of_path = (Merge.origin_id.in_(path), Merge.undone_at.is_(None), MergeDecline.member_id == member_id)
    blocked = set(session().scalars(held_back.where(*of_path)))
    ends = [number for number, step in enumerate(path) if step in blocked]
    return path[: ends[0] + 1] if ends else path
