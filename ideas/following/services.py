"""Verbs on following: by choice, by itself, and no more."""

from sqlalchemy import Update, delete, update

from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_or_skip
from ideas.following.models import Follow, FollowReason
from ideas.following.policy import can_follow
from ideas.ideation.models import Idea


def follow(actor: Actor, idea: Idea) -> bool:
    """Hear of the idea from now on, also after having unfollowed it. Returns whether the actor did not before.

    Somebody who follows already keeps the reason. Raises SignInNeeded, Forbidden.
    """
    member_id = actor.require_member()
    require(can_follow(actor, idea))
    if follow_by_itself(member_id, idea.id, reason=FollowReason.CHOSEN):
        return True
    muted = _of(member_id, idea.id).where(Follow.muted_at.is_not(None))
    values = {"muted_at": None, "reason": FollowReason.CHOSEN, "created_at": clock.now()}
    return is_row_changed(session().execute(muted.values(values)))


def unfollow(actor: Actor, idea: Idea) -> bool:
    """Hear of the idea no more, whatever the actor does with it later. Returns whether they did before.

    Raises SignInNeeded, Forbidden.
    """
    member_id = actor.require_member()
    require(can_follow(actor, idea))
    if idea.origin_count:
        # They may hear of it without a word of their own, by what was merged into it.
        return mute(member_id, idea.id)
    heard = _of(member_id, idea.id).where(Follow.muted_at.is_(None))
    return is_row_changed(session().execute(heard.values(muted_at=clock.now())))


def mute(member_id: int, idea_id: int) -> bool:
    """Let a member hear of the idea no more, whether they followed it or not. Returns whether that is new."""
    values = {"idea_id": idea_id, "member_id": member_id, "reason": FollowReason.CHOSEN, "created_at": clock.now()}
    if insert_or_skip(Follow, {**values, "muted_at": clock.now()}, unique=["idea_id", "member_id"]):
        return True
    heard = _of(member_id, idea_id).where(Follow.muted_at.is_(None))
    return is_row_changed(session().execute(heard.values(muted_at=clock.now())))


def unmute(member_id: int, idea_id: int) -> bool:
    """Take `mute` back. Returns whether anything changed."""
    muted = _of(member_id, idea_id).where(Follow.muted_at.is_not(None))
    return is_row_changed(session().execute(muted.values(muted_at=None)))


def follow_by_itself(member_id: int, idea_id: int, *, reason: FollowReason) -> bool:
    """Let a member hear of an idea because of what they did. Returns whether anything changed.

    Somebody who follows already keeps the first reason; somebody who unfollowed is left alone.
    """
    values = {"idea_id": idea_id, "member_id": member_id, "reason": reason, "created_at": clock.now()}
    return insert_or_skip(Follow, values, unique=["idea_id", "member_id"])


def stop_following_by_itself(member_id: int, idea_id: int, *, reason: FollowReason) -> bool:
    """End a follow whose only reason is gone. Returns whether there was one; an unfollowed idea stays so."""
    gone = delete(Follow).where(
        Follow.member_id == member_id,
        Follow.idea_id == idea_id,
        Follow.reason == reason,
        Follow.muted_at.is_(None),
    )
    return is_row_changed(session().execute(gone))


def _of(member_id: int, idea_id: int) -> Update:
    return update(Follow).where(Follow.member_id == member_id, Follow.idea_id == idea_id)
