"""Merging ideas and undoing it: a merge is a row that says so, and nothing else moves.

Whatever is shown of the target is asked over its group (see lineage.py), so undoing restores what was there.
Two ideas and the top of the target's group are locked in the order of their ids: of two moderators who merge at once,
also in opposite directions, the second finds what the first has done.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.boards.models import Audience
from ideas.boards.queries import board_by_id
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, Invalid
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import YES, Actor, Decision, no, require
from ideas.core.versions import touch
from ideas.ideation import totals
from ideas.ideation.events import IdeasMerged, MergeUndone
from ideas.ideation.lineage import lock_settled, path_of
from ideas.ideation.models import REASON_MAX, Idea, Kind, Merge
from ideas.ideation.policy import can_moderate

#: A reason in fewer characters explains nothing to its reader.
REASON_MIN = 5

#: Who is let in by each audience is let in by those before it too, but for guests of one board alone.
_WIDEST_FIRST = (Audience.PUBLIC, Audience.MEMBERS, Audience.SEGMENT, Audience.STAFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """Two ideas that may be merged, and what has to be said about it."""

    origin: Idea
    #: At the top of its group.
    target: Idea
    #: Whether another idea was named, which was merged into this target before.
    is_redirected: bool
    #: Whether some who read the origin may not read the target.
    is_narrower: bool


def merge_ideas(actor: Actor, origin: Idea, target: Idea, *, reason: str, is_narrower_accepted: bool = False) -> Merge:
    """Let the origin stand merged beneath the target and return the merge, flushed. Both were loaded for the actor.

    A target that was merged itself stands for the idea at the top of its group. Raises SignInNeeded, Forbidden,
    Conflict (the origin is merged, withdrawn or hidden), Invalid (target, reason, is_narrower_accepted).
    """
    actor.require_member()
    union = check_merge(actor, origin, target, is_locked=True)
    fields = Fields()
    clean_reason = fields.text("reason", reason, least=REASON_MIN, most=REASON_MAX)
    if union.is_narrower and not is_narrower_accepted:
        fields.refuse("is_narrower_accepted", _("Say that this is meant: some people may not follow it there."))
    fields.done()
    return _join(actor, union.origin, union.target, clean_reason)


def check_merge(actor: Actor, origin: Idea, target: Idea, *, is_locked: bool = False) -> Union:
    """Return whether and how the two may be merged. `is_locked`: keep others from changing it until the end.

    Raises Forbidden, Conflict (the origin is merged, withdrawn or hidden), Invalid (target).
    """
    require(can_moderate(actor, origin))
    if not can_moderate(actor, target):
        raise Invalid({"target": _("You do not look after the board of that idea.")})
    held = _hold(origin.id, target.id) if is_locked else _read(origin.id, target.id)
    origin_now, top = held[origin.id], held[path_of(target.id)[-1]]
    state = can_be_origin(origin_now)
    if not state:
        raise Conflict(state.reason)
    if top.id != target.id and not can_moderate(actor, top):
        raise Invalid({"target": _("You do not look after the board of that idea.")})
    words = _what_hinders(origin_now, top, is_itself=origin.id == target.id)
    if words is not None:
        raise Invalid({"target": words})
    is_narrower = _rank(top) > _rank(origin_now)
    return Union(origin=origin_now, target=top, is_redirected=top.id != target.id, is_narrower=is_narrower)


def can_be_origin(idea: Idea) -> Decision:
    """Tell whether the idea may be merged into another, whatever that is; the reason says why not."""
    if idea.merged_into_id is not None:
        return no(_("It was merged into another idea already."))
    if idea.withdrawn_at is not None:
        return no(_("It was withdrawn, so it is merged no more."))
    if idea.hidden_at is not None:
        return no(_("It is hidden by moderation. Bring it back before you merge it."))
    if idea.chosen_at is not None:
        return no(_("This fix was chosen to be built. Merge the other one into this one instead."))
    return YES


def undo_merge(actor: Actor, merge: Merge, *, reason: str) -> None:
    """Let the origin be an idea of its own again, as if it had never been merged.

    Raises SignInNeeded, Forbidden, Invalid (reason), Conflict where somebody else undid it meanwhile.
    """
    actor.require_member()
    held = _hold(merge.origin_id, merge.target_id)
    origin, target = held[merge.origin_id], held[merge.target_id]
    require(can_undo(actor, origin, target))
    fields = Fields()
    clean_reason = fields.text("reason", reason, least=REASON_MIN, most=REASON_MAX)
    fields.done()
    session().refresh(merge)
    if merge.undone_at is not None:
        raise Conflict(_("It was undone already."))
    merge.undone_at, merge.undone_by_id, merge.undone_reason = clock.now(), actor.member_id, clean_reason
    _part(origin, target)
    publish(MergeUndone(actor_id=actor.member_id, merge_id=merge.id, origin_id=origin.id, target_id=target.id))


def can_undo(actor: Actor, origin: Idea, target: Idea) -> Decision:
    """Whoever keeps order on both boards."""
    return can_moderate(actor, origin) and can_moderate(actor, target)


def _join(actor: Actor, origin: Idea, target: Idea, reason: str) -> Merge:
    merge = Merge(origin_id=origin.id, target_id=target.id, actor_id=actor.member_id, reason=reason)
    session().add(merge)
    before = totals.place_of(origin)
    origin.merged_into_id, origin.is_listed = target.id, False
    target.origin_count += 1
    _settle(origin, target, before, fixes=-1)
    publish(IdeasMerged(actor_id=actor.member_id, merge_id=merge.id, origin_id=origin.id, target_id=target.id))
    return merge


def _part(origin: Idea, target: Idea) -> None:
    before = totals.place_of(origin)
    origin.merged_into_id = None
    origin.is_listed = origin.kind is not Kind.FIX and origin.hidden_at is None and origin.withdrawn_at is None
    target.origin_count -= 1
    is_counted = origin.hidden_at is None and origin.withdrawn_at is None
    _settle(origin, target, before, fixes=1 if is_counted else 0)


def _settle(origin: Idea, target: Idea, before: totals.Place | None, *, fixes: int) -> None:
    if origin.problem_id is not None and fixes:
        totals.add_fixes(origin.problem_id, fixes)
    totals.move(origin, before, totals.place_of(origin))
    session().flush()
    for board_id in {origin.board_id, target.board_id}:
        touch(board_id)


def _hold(origin_id: int, target_id: int) -> Mapping[int, Idea]:
    """Lock both and the ideas above them; return them by id."""
    return lock_settled(lambda: _concerned(origin_id, target_id))


def _read(origin_id: int, target_id: int) -> Mapping[int, Idea]:
    found = select(Idea).where(Idea.id.in_(_concerned(origin_id, target_id)))
    return {idea.id: idea for idea in session().scalars(found)}


def _concerned(origin_id: int, target_id: int) -> set[int]:
    return {*path_of(origin_id), *path_of(target_id)}


def _what_hinders(origin: Idea, target: Idea, *, is_itself: bool) -> LazyString | None:
    if is_itself:
        return _("This is the idea itself. Choose another one.")
    if target.id == origin.id:
        return _("That idea was merged into this one. Undo that first if it should be the other way round.")
    if target.hidden_at is not None or target.withdrawn_at is not None:
        return _("That idea is hidden or withdrawn, so nothing is merged into it.")
    return _what_differs(origin, target)


def _what_differs(origin: Idea, target: Idea) -> LazyString | None:
    if origin.kind is not target.kind:
        return _("One is an idea, the other a problem or a fix. Link them instead.")
    if origin.problem_id != target.problem_id:
        return _("These are fixes for different problems. Merge the problems, or link the fixes instead.")
    if not _is_open_to_all_there(origin, target):
        return _("Some who read that idea may not read this one, so they are not merged. Link them instead.")
    return None


def _is_open_to_all_there(origin: Idea, target: Idea) -> bool:
    """Tell whether everybody who sees the target's board sees the origin's."""
    if origin.board_id == target.board_id:
        return True
    here, there = board_by_id(origin.board_id).audience, board_by_id(target.board_id).audience
    # Guests, and those who keep a board without being of the staff, are let in to one board alone.
    return here is Audience.PUBLIC or (here is Audience.MEMBERS and there is not Audience.PUBLIC)


def _rank(idea: Idea) -> int:
    return _WIDEST_FIRST.index(board_by_id(idea.board_id).audience)
