"""Supporters of an idea that somebody took over: they are asked, and whoever has not said yes does not count.

What they gave stays as it is, only set aside, so that a yes brings it back as of the moment it was given. The same for
voices that come over merges into the idea: they are held back, and stay where they were given.
"""

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update

from ideas.core import clock
from ideas.core.columns import is_row_changed
from ideas.core.db import session
from ideas.core.errors import Conflict
from ideas.core.events import publish
from ideas.core.policy import Actor, require
from ideas.core.sql import insert_all_or_skip
from ideas.ideation.models import Idea, Merge
from ideas.voting.counting import hold_path
from ideas.voting.events import SupportRestored, SupportTakenBack
from ideas.voting.groups import recount_groups, supporters_of
from ideas.voting.models import MergeDecline, Support
from ideas.voting.policy import can_support, takes_support


def is_asked(actor: Actor, idea: Idea) -> bool:
    """Tell whether the actor supported the idea before somebody took it over and has said neither yes nor no since."""
    if actor.member_id is None:
        return False
    waiting = or_(
        exists().where(*_own(idea.id, actor.member_id)), exists().where(*_held_back(idea.id, actor.member_id))
    )
    return bool(session().scalar(select(waiting)))


def answer_adoption(actor: Actor, idea: Idea, *, is_wanted: bool) -> bool:
    """Say whether the actor still supports an idea that was taken over. Returns whether they were asked.

    The caller holds the row of the idea. Raises SignInNeeded, Forbidden, Conflict where it is not open any more.
    """
    member_id = actor.require_member()
    if not is_wanted:
        return say_no(idea.id, member_id)
    state = takes_support(idea)
    if not state:
        raise Conflict(state.reason)
    require(can_support(actor, idea))
    return say_yes(idea.id, member_id)


def ask_again(idea_id: int, *, adoption_id: int, author_id: int) -> None:
    """Let nobody count but whom the new author is, until they say yes. Whom a moderator set aside is not asked.

    The caller holds the row of the idea and counts anew.
    """
    others = (Support.idea_id == idea_id, Support.member_id != author_id)
    asked = or_(Support.quarantined_at.is_(None), Support.adoption_id.is_not(None))
    values = {"quarantined_at": func.coalesce(Support.quarantined_at, clock.now()), "adoption_id": adoption_id}
    session().execute(update(Support).where(*others, asked).values(values))
    merges = select(Merge.id, Merge.origin_id).where(Merge.target_id == idea_id, Merge.undone_at.is_(None))
    for merge in session().execute(merges.order_by(Merge.id)).all():
        rows = [
            {"merge_id": merge.id, "member_id": one, "adoption_id": adoption_id, "created_at": clock.now()}
            for one in sorted(supporters_of(merge.origin_id) - {author_id})
        ]
        insert_all_or_skip(MergeDecline, rows, unique=["merge_id", "member_id"])


def say_yes(idea_id: int, member_id: int) -> bool:
    """Let what a member gave before the idea was taken over count again. Returns whether anything waited for that."""
    own = update(Support).where(*_own(idea_id, member_id)).values(quarantined_at=None, adoption_id=None)
    is_given = is_row_changed(session().execute(own))
    is_carried = is_row_changed(session().execute(delete(MergeDecline).where(*_held_back(idea_id, member_id))))
    if not is_given and not is_carried:
        return False
    recount_groups(hold_path(idea_id))
    publish(SupportRestored(actor_id=member_id, idea_id=idea_id, member_id=member_id))
    return True


def say_no(idea_id: int, member_id: int) -> bool:
    """Take back what a member gave before the idea was taken over; it has not counted since. Returns whether it waited.

    Voices that come over a merge stay where they were given, and are held back for good.
    """
    is_given = is_row_changed(session().execute(delete(Support).where(*_own(idea_id, member_id))))
    held_back = update(MergeDecline).where(*_held_back(idea_id, member_id)).values(adoption_id=None)
    is_carried = is_row_changed(session().execute(held_back))
    if is_given:
        publish(SupportTakenBack(actor_id=member_id, idea_id=idea_id, member_id=member_id))
    return is_given or is_carried


def _own(idea_id: int, member_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Support.idea_id == idea_id, Support.member_id == member_id, Support.adoption_id.is_not(None))


def _held_back(idea_id: int, member_id: int) -> tuple[ColumnElement[bool], ...]:
    into = select(Merge.id).where(Merge.target_id == idea_id, Merge.undone_at.is_(None))
    return (MergeDecline.member_id == member_id, MergeDecline.adoption_id.is_not(None), MergeDecline.merge_id.in_(into))
