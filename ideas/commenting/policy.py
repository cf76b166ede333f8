"""Who may say what in a discussion, in which state of the idea."""

from flask_babel import lazy_gettext as _

from ideas.boards.policy import Permission, may, may_take_part, staff
from ideas.boards.queries import board_by_id
from ideas.commenting.models import Comment, CommentAudience
from ideas.core.policy import YES, Actor, Decision, no
from ideas.ideation.models import Idea


def can_read(actor: Actor, comment: Comment, idea: Idea) -> Decision:
    """Say of one loaded comment what `queries.visible_comments` says of rows."""
    if comment.audience is CommentAudience.INTERNAL and not may(actor, Permission.READ_INTERNAL, idea.board_id):
        return no()
    if comment.hidden_at is None or is_author(actor, comment):
        return YES
    return may(actor, Permission.MODERATE, idea.board_id)


def can_comment(actor: Actor, idea: Idea) -> Decision:
    """Whom the level of the idea's board admits, also on closed ideas.

    On locked ones staff and moderators only; on merged, withdrawn and hidden ones nobody.
    """
    decision = may_take_part(actor, Permission.COMMENT, board_by_id(idea.board_id))
    if not decision:
        return decision
    if idea.hidden_at is not None:
        return no(_("It is hidden by moderation, so the discussion rests."))
    if idea.withdrawn_at is not None:
        return no(_("It was withdrawn, so the discussion has ended."))
    if idea.merged_into_id is not None:
        return no(_("It was merged into another idea, where the discussion goes on."))
    keeps_order = staff(actor, idea.board_id) or may(actor, Permission.MODERATE, idea.board_id)
    if idea.locked_at is not None and not keeps_order:
        return no(_("The discussion is locked by moderation."))
    return YES


def can_write_internal(actor: Actor, idea: Idea) -> Decision:
    """Staff, for the staff."""
    return may(actor, Permission.WRITE_INTERNAL, idea.board_id)


def can_speak_officially(actor: Actor, idea: Idea) -> Decision:
    """Whoever looks after the board, in the voice of the company."""
    return may(actor, Permission.SPEAK_OFFICIALLY, idea.board_id)


def can_reply(actor: Actor, comment: Comment, idea: Idea) -> Decision:
    """Whoever may comment, while the comment is not hidden."""
    if comment.hidden_at is not None:
        return no(_("This comment is hidden by moderation."))
    return can_comment(actor, idea)


def can_edit(actor: Actor, comment: Comment, idea: Idea) -> Decision:
    """The author, while the comment is not hidden and the discussion goes on."""
    if not is_author(actor, comment):
        return no(_("Only the author may change a comment."))
    return can_reply(actor, comment, idea)


def can_react(actor: Actor, comment: Comment, idea: Idea) -> Decision:
    """Whoever may comment, to what others wrote."""
    if is_author(actor, comment):
        return no(_("This is your own comment."))
    return can_reply(actor, comment, idea)


def can_moderate(actor: Actor, idea: Idea) -> Decision:
    """Whoever keeps order on the board."""
    return may(actor, Permission.MODERATE, idea.board_id)


def is_author(actor: Actor, comment: Comment) -> bool:
    """Tell whether the actor wrote the comment; nobody wrote what has no known author."""
    return actor.is_member and comment.author_id == actor.member_id
