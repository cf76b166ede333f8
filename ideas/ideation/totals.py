"""Totals shown in lists, changed in the same transaction as the rows they count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.sql import insert_or_update
from ideas.core.versions import TOLD, touch
from ideas.ideation import ranking
from ideas.ideation.models import CLOSED, Idea, IdeaTag, Kind, Tag, Tally


@dataclass(frozen=True, slots=True)
class Place:
    """Where an idea is counted; None in its stead where it is not listed."""

    board_id: int
    kind: Kind
    status_id: int


def place_of(idea: Idea) -> Place | None:
    """Return where the idea counts now."""
    return Place(idea.board_id, idea.kind, idea.status_id) if idea.is_listed else None


def move(idea: Idea, before: Place | None, after: Place | None) -> None:
    """Take the idea out of one tally and put it into another; tags count listed ideas only."""
    if before == after:
        return
    if before:
        _add_to_tally(before, -1)
    if after:
        _add_to_tally(after, +1)
    if (before is None) != (after is None):
        _add_to_tags(idea.id, +1 if after else -1)


def count_tagged(tag_ids: set[int], by: int) -> None:
    """Count `by` more listed ideas for the given tags, and with them the version of their board."""
    if tag_ids:
        raised = update(Tag).where(Tag.id.in_(tag_ids)).values(idea_count=Tag.idea_count + by).returning(Tag.board_id)
        for board_id in set(session().scalars(raised, execution_options=TOLD)):
            touch(board_id)


def add_support(idea_id: int, *, moment: datetime, by: int = 1, only_open: bool = True) -> bool:
    """Count a support given at `moment` (or with `by=-1` its taking back). Returns whether it was counted here.

    Where ideas are merged, people count over the whole group: nothing is changed then, the idea is locked, and the
    caller counts by `add_voice`. Raises Conflict where the idea was closed, withdrawn, hidden or merged meanwhile: the
    condition stands in the statement itself, so a race with whoever closes it cannot slip through. `only_open=False`
    is for those who keep order, whose rulings on supports hold in every state.
    """
    still_open = (
        Idea.category.not_in(CLOSED),
        Idea.hidden_at.is_(None),
        Idea.withdrawn_at.is_(None),
        Idea.merged_into_id.is_(None),
    )
    conditions = still_open if only_open else ()
    alone = (Idea.origin_count == 0, Idea.merged_into_id.is_(None))
    if _change(idea_id, _one_voice(moment, by), *alone, *conditions):
        return True
    grouped = select(Idea.id).where(Idea.id == idea_id, *conditions).with_for_update(key_share=True)
    if session().scalar(grouped) is None:
        raise Conflict
    return False


def add_voice(idea_id: int, *, moment: datetime, by: int) -> None:
    """Count one person more (or with `by=-1` less) for an idea, whatever state it is in."""
    _change(idea_id, _one_voice(moment, by))


def _one_voice(moment: datetime, by: int) -> Mapping[str, Any]:
    trend = ranking.raised(Idea.trend, moment) if by > 0 else ranking.lowered(Idea.trend, moment)
    return {"support_count": Idea.support_count + by, "trend": trend}


def add_comments(idea_id: int, by: int) -> None:
    """Count `by` more public comments."""
    _change(idea_id, {"comment_count": Idea.comment_count + by})


def add_fixes(problem_id: int, by: int) -> None:
    """Count `by` more fixes proposed for a problem."""
    _change(problem_id, {"fix_count": Idea.fix_count + by})


def add_amendments(idea_id: int, by: int) -> None:
    """Count `by` more amendments on which nobody has decided."""
    _change(idea_id, {"open_amendment_count": Idea.open_amendment_count + by})


def set_confirmations(problem_id: int, *, fixed: int, not_fixed: int) -> None:
    """Set how many reporters said "fixed" and "not fixed"."""
    _change(problem_id, {"fixed_count": fixed, "not_fixed_count": not_fixed})


def count_response(idea: Idea, moment: datetime, *, is_awaited: bool = True) -> bool:
    """Count an official answer given at `moment`. Returns whether it was the first that was waited for.

    Answers nobody waited for (`is_awaited=False`: those of its own author) do not stop the promise clock.
    """
    is_first = is_awaited and idea.first_response_at is None
    idea.response_count += 1
    if is_first:
        idea.first_response_at = moment
    idea.last_response_at = moment
    session().flush()
    return is_first


def _change(idea_id: int, values: Mapping[str, Any], *conditions: ColumnElement[bool]) -> bool:
    """Change totals of an idea, and with them the version of its board. Returns whether there was one."""
    changed = update(Idea).where(Idea.id == idea_id, *conditions).values(**values).returning(Idea.board_id)
    board_id = session().scalar(changed, execution_options=TOLD)
    if board_id is None:
        return False
    touch(board_id)
    return True


def _add_to_tally(place: Place, by: int) -> None:
    key = {"board_id": place.board_id, "kind": place.kind, "status_id": place.status_id}
    insert_or_update(
        Tally,
        {**key, "idea_count": max(by, 0)},
        unique=list(key),
        update={"idea_count": Tally.__table__.c.idea_count + by},
    )


def _add_to_tags(idea_id: int, by: int) -> None:
    tagged = select(IdeaTag.tag_id).where(IdeaTag.idea_id == idea_id)
    count_tagged(set(session().scalars(tagged)), by)
