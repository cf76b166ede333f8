"""What a merge does to voices, and what each supporter may say to that: carried over, or held back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select

from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.policy import YES, Actor, Decision, no
from ideas.core.sql import insert_or_skip
from ideas.ideation import totals
from ideas.ideation.models import Idea, Merge
from ideas.ideation.queries import visible_ids
from ideas.voting.counting import hold_path
from ideas.voting.events import VoiceHeldBack, VoiceLetThrough
from ideas.voting.groups import supporters_of, voices_for, voices_of
from ideas.voting.models import MergeDecline
from ideas.voting.policy import takes_support

#: For how long supporters may hold their voice back whatever becomes of the target. Later they take it back there,
#: which is the same, while supports change there at all.
OBJECTION_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedVoice:
    """How a member's voice stands to one merge."""

    #: Whether they support the origin, or what is merged into that.
    is_there: bool = False
    is_held_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What merging would do to the number of supporters of the target."""

    before: int
    added: int
    both: int


def find_carried(actor: Actor, merge: Merge) -> CarriedVoice:
    """Return how the actor's voice stands to a merge, in two queries; neither for visitors, without asking."""
    if actor.member_id is None:
        return CarriedVoice()
    own = select(MergeDecline.id).where(MergeDecline.merge_id == merge.id, MergeDecline.member_id == actor.member_id)
    return CarriedVoice(
        is_there=bool(voices_for(merge.origin_id, member_id=actor.member_id)),
        is_held_back=session().scalar(own) is not None,
    )


def effect_of(origin: Idea, target: Idea) -> Effect:
    """Return what merging the first into the second would do to the second's number, in two queries."""
    here, there = supporters_of(origin.id), supporters_of(target.id)
    return Effect(
        before=target.support_count,
        # Numbers that came along without names count for each idea.
        added=origin.support_count - len(here & there),
        both=len(here & there),
    )


def objection_ends(merge: Merge) -> datetime:
    """Return until when a voice may be held back from the merge in any case."""
    return merge.created_at + timedelta(days=OBJECTION_DAYS)


def can_choose(merge: Merge, target: Idea | None) -> Decision:
    """Tell whether a voice may still be held back from the merge into this target, or let through again.

    `target`: None where it does not exist for the actor, whom nothing tells whether it is open.
    """
    if merge.undone_at is not None:
        return no(_("The merge was undone, so every voice is where it was given."))
    if clock.now() < objection_ends(merge):
        return YES
    if target is None:
        return no(_("The time to say so is over."))
    return takes_support(target)


def hold_voice_back(actor: Actor, merge: Merge) -> bool:
    """Do not count for the target by what the actor supported before. Returns whether they did until now.

    The support stays where it was given. Raises SignInNeeded, Conflict (undone, too late, nothing to hold back).
    """
    member_id = actor.require_member()
    path = _hold(actor, merge)
    if not voices_for(merge.origin_id, member_id=member_id):
        raise Conflict(_("You do not support what was merged, so there is nothing to hold back."))
    before = voices_of(path, member_id=member_id)
    values = {"merge_id": merge.id, "member_id": member_id, "created_at": clock.now()}
    if not insert_or_skip(MergeDecline, values, unique=["merge_id", "member_id"]):
        return False
    after = voices_of(path, member_id=member_id)
    for step in path:
        if before[step] and not after[step]:
            totals.add_voice(step, moment=before[step][0].given_at, by=-1)
    publish(VoiceHeldBack(actor_id=member_id, merge_id=merge.id, member_id=member_id))
    return True


def let_voice_through(actor: Actor, merge: Merge) -> bool:
    """Count for the target after all. Returns whether the voice was held back until now.

    Raises SignInNeeded, Conflict (undone, too late).
    """
    member_id = actor.require_member()
    path = _hold(actor, merge)
    before = voices_of(path, member_id=member_id)
    own = (MergeDecline.merge_id == merge.id, MergeDecline.member_id == member_id)
    if not is_row_changed(session().execute(delete(MergeDecline).where(*own))):
        return False
    after = voices_of(path, member_id=member_id)
    for step in path:
        if after[step] and not before[step]:
            totals.add_voice(step, moment=after[step][0].given_at, by=1)
    publish(VoiceLetThrough(actor_id=member_id, merge_id=merge.id, member_id=member_id))
    return True


def _hold(actor: Actor, merge: Merge) -> list[int]:
    """Lock the target and what is above it; return their ids. Raises Conflict where nothing may be chosen any more."""
    path = hold_path(merge.target_id)
    session().refresh(merge)
    is_seen = bool(visible_ids(actor, [merge.target_id]))
    decision = can_choose(merge, session().get_one(Idea, merge.target_id) if is_seen else None)
    if not decision:
        raise Conflict(decision.reason)
    return path
