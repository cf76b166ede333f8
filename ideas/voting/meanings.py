"""Supports of a text that means something else by now: whether one is, and saying that it holds all the same."""

from collections.abc import Sequence

from sqlalchemy import or_, select, update

from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.policy import Actor, require
from ideas.ideation.models import Idea, Merge, Revision
from ideas.ideation.revisions import get_revision
from ideas.voting.groups import entrances_of, voices_for
from ideas.voting.models import Support
from ideas.voting.policy import can_take_back, takes_support


def is_outdated(support: Support | None, idea: Idea) -> bool:
    """Tell whether a support was given to a text that means something else by now, and not said to hold since."""
    if support is None or idea.meaning_changed_at is None or support.idea_id != idea.id:
        return False
    return (support.kept_at or support.created_at) < idea.meaning_changed_at


def outdated_merges(actor: Actor, idea: Idea) -> Sequence[Merge]:
    """Return the merges by which the actor's voice came to an idea before it began to mean something else, first first.

    Three queries at most; empty for visitors, for whom it does not count, and where nothing was merged into it.
    """
    if actor.member_id is None or not idea.origin_count or idea.meaning_changed_at is None:
        return []
    if not voices_for(idea.id, member_id=actor.member_id):
        return []
    ids = entrances_of(idea.id, member_id=actor.member_id)
    earlier = select(Merge).where(Merge.id.in_(ids), Merge.created_at < idea.meaning_changed_at)
    return session().scalars(earlier.order_by(Merge.created_at, Merge.id)).all()


def keep_support(actor: Actor, idea: Idea, *, seen_revision: int) -> bool:
    """Say that the actor's support holds for a version of the text. Returns whether that was not said before.

    Where the meaning changed once more after that version, the support stays outdated. Without a support nothing
    happens. Raises SignInNeeded, Conflict (closed, hidden, withdrawn), Forbidden, NotFound (no such version).
    """
    member_id = actor.require_member()
    state = takes_support(idea)
    if not state:
        raise Conflict(state.reason)
    require(can_take_back(actor, idea))
    return keep_for(idea.id, member_id, version=get_revision(idea.id, seen_revision))


def keep_for(idea_id: int, member_id: int, *, version: Revision) -> bool:
    """Let a member's support hold for a version; the caller knows that they want it. Returns whether it did not yet."""
    own = update(Support).where(Support.idea_id == idea_id, Support.member_id == member_id)
    earlier = or_(Support.kept_at.is_(None), Support.kept_at < version.created_at)
    return is_row_changed(session().execute(own.where(earlier).values(kept_at=version.created_at)))
