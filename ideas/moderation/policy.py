"""Who may report, who may decide, who may act."""

from flask_babel import lazy_gettext as _

from ideas.boards.policy import Permission, may
from ideas.commenting.models import Comment
from ideas.core.policy import YES, Actor, Decision, no
from ideas.ideation.models import Idea
from ideas.moderation.models import ModerationAction

#: Acts that overturn an earlier decision; they are not for whoever wrote the content.
OVERTURNING = frozenset({ModerationAction.RESTORE, ModerationAction.UNLOCK})


def can_report(actor: Actor, idea: Idea, comment: Comment | None = None) -> Decision:
    """Members, other people's content, and what staff published in their name.

    `comment`: the report is about this comment on the idea.
    """
    decision = may(actor, Permission.REPORT, idea.board_id)
    if not decision:
        return decision
    was_entered = comment is None and idea.entered_by_id is not None
    if is_author(actor, idea, comment) and not was_entered:
        return no(_("You wrote this yourself. You can change it or take it back instead."))
    return YES


def can_decide(actor: Actor, idea: Idea, comment: Comment | None = None) -> Decision:
    """Whoever keeps order on the board, except about what they wrote themselves."""
    decision = may(actor, Permission.MODERATE, idea.board_id)
    if not decision:
        return decision
    has_entered = comment is None and actor.is_member and idea.entered_by_id == actor.member_id
    if has_entered or is_author(actor, idea, comment):
        return no(_("Nobody decides on reports about their own words. Somebody else has to look at this one."))
    return YES


def can_act(actor: Actor, idea: Idea, action: ModerationAction, comment: Comment | None = None) -> Decision:
    """Whoever keeps order on the board; what was decided about their own words they cannot undo."""
    decision = may(actor, Permission.MODERATE, idea.board_id)
    if not decision:
        return decision
    if action in OVERTURNING and is_author(actor, idea, comment):
        return no(_("You wrote this yourself, so somebody else has to undo the decision about it."))
    return YES


def can_suggest(actor: Actor, idea: Idea, other: Idea) -> Decision:
    """Members, about ideas that are neither hidden nor merged; authors about their own too."""
    if any(end.hidden_at is not None or end.merged_into_id is not None for end in (idea, other)):
        return no(_("One of them is hidden or was merged already."))
    return may(actor, Permission.REPORT, idea.board_id)


def can_decide_suggestion(actor: Actor, idea: Idea, other: Idea) -> Decision:
    """Whoever keeps order on the board of either."""
    decision = may(actor, Permission.MODERATE, idea.board_id)
    return decision or may(actor, Permission.MODERATE, other.board_id)


def is_author(actor: Actor, idea: Idea, comment: Comment | None = None) -> bool:
    """Tell whether the actor wrote the comment, or where none is given the idea."""
    author_id = idea.author_id if comment is None else comment.author_id
    return actor.is_member and author_id == actor.member_id
