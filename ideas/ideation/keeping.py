"""Verbs of those who keep a board: status, hiding, locking, retitling, tags, assignment.

Why something was done is recorded by the package that calls (a response, a moderation decision); these
verbs change the idea and its totals together and announce it.
"""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _

from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, Invalid
from ideas.core.events import publish
from ideas.core.policy import Actor, require
from ideas.ideation import totals
from ideas.ideation.events import IdeaEdited, IdeaHidden, IdeaRestored, IdeaTagged, StatusChanged
from ideas.ideation.mentions import earlier_in
from ideas.ideation.models import Idea, Kind, MentionedIn, RevisionKind, Status, StatusCause, StatusChange
from ideas.ideation.policy import can_assign, can_moderate
from ideas.ideation.revisions import NOTE_MAX
from ideas.ideation.services import Words, check_words, rewrite
from ideas.ideation.tagging import put_tags


def set_status(actor: Actor, idea: Idea, status: Status, *, cause: StatusCause) -> StatusChange | None:
    """Move the idea to `status`, keep the step, announce it; None where it stands there already.

    The caller has checked the right to.
    """
    if idea.status_id == status.id:
        return None
    change = StatusChange(
        idea_id=idea.id,
        from_status_id=idea.status_id,
        to_status_id=status.id,
        actor_id=actor.member_id,
        cause=cause,
    )
    before = totals.place_of(idea)
    idea.status_id, idea.category = status.id, status.category
    session().add(change)
    totals.move(idea, before, totals.place_of(idea))
    session().flush()
    session().expire(idea, ["status"])
    publish(
        StatusChanged(
            actor_id=actor.member_id,
            idea_id=idea.id,
            change_id=change.id,
            from_status_id=change.from_status_id,
            to_status_id=status.id,
            cause=cause,
        )
    )
    return change


def hide_idea(actor: Actor, idea: Idea, *, reason: str) -> None:
    """Take an idea out of sight. Raises Forbidden, Conflict where it is hidden already."""
    require(can_moderate(actor, idea))
    if idea.hidden_at is not None:
        raise Conflict(_("It is hidden already."))
    before = totals.place_of(idea)
    idea.hidden_at, idea.hidden_reason, idea.is_listed = clock.now(), reason, False
    _recount(idea, before, fixes=-1)
    publish(IdeaHidden(actor_id=actor.member_id, idea_id=idea.id))


def restore_idea(actor: Actor, idea: Idea) -> None:
    """Bring a hidden idea back. Raises Forbidden, Conflict where it is not hidden."""
    require(can_moderate(actor, idea))
    if idea.hidden_at is None:
        raise Conflict(_("It is not hidden."))
    before = totals.place_of(idea)
    idea.hidden_at = idea.hidden_reason = None
    idea.is_listed = idea.kind is not Kind.FIX and idea.withdrawn_at is None and idea.merged_into_id is None
    _recount(idea, before, fixes=+1)
    publish(IdeaRestored(actor_id=actor.member_id, idea_id=idea.id))


def lock_idea(actor: Actor, idea: Idea, *, is_locked: bool) -> None:
    """Stop (or allow again) edits, comments and fixes by members. Raises Forbidden, Conflict."""
    require(can_moderate(actor, idea))
    if (idea.locked_at is not None) == is_locked:
        raise Conflict(_("Nothing to change: it is so already."))
    idea.locked_at = clock.now() if is_locked else None
    session().flush()


def retitle_idea(actor: Actor, idea: Idea, *, title: str, note: str) -> None:
    """Give an idea a clearer title as a revision by the actor. Raises Forbidden, Invalid."""
    require(can_moderate(actor, idea))
    earlier = earlier_in(MentionedIn.IDEA, idea.id, idea.body)
    words: Words = check_words(title=title, body=idea.body, earlier=earlier)
    if words.title == idea.title:
        raise Invalid({"title": _("This is the title it has.")})
    revision = rewrite(idea, words, author_id=actor.member_id, kind=RevisionKind.RETITLED, note=note[:NOTE_MAX])
    publish(IdeaEdited(actor_id=actor.member_id, idea_id=idea.id, revision_number=revision.number))


def tag_idea(actor: Actor, idea: Idea, names: Sequence[str]) -> bool:
    """Make the idea bear exactly the named tags. Returns whether any changed. Raises Forbidden, Invalid."""
    require(can_moderate(actor, idea))
    if not put_tags(idea, names):
        return False
    publish(IdeaTagged(actor_id=actor.member_id, idea_id=idea.id))
    return True


def assign_idea(actor: Actor, idea: Idea, *, assignee_id: int | None) -> None:
    """Say who of the staff looks after the answer; None: nobody in particular. Raises Forbidden."""
    require(can_assign(actor, idea))
    idea.assignee_id = assignee_id
    session().flush()


def _recount(idea: Idea, before: totals.Place | None, *, fixes: int) -> None:
    if idea.problem_id is not None and idea.withdrawn_at is None and idea.merged_into_id is None:
        totals.add_fixes(idea.problem_id, fixes)
    totals.move(idea, before, totals.place_of(idea))
    session().flush()
