"""Who may support what, in which state."""

from flask_babel import lazy_gettext as _

from ideas.boards.policy import Permission, may, may_take_part
from ideas.boards.queries import board_by_id
from ideas.core.policy import YES, Actor, Decision, no
from ideas.ideation.models import Category, Idea


def can_support(actor: Actor, idea: Idea) -> Decision:
    """Whom the level of the idea's board admits, while the idea is open; the same for its need."""
    return takes_support(idea) and may_take_part(actor, Permission.SUPPORT, board_by_id(idea.board_id))


def can_take_back(actor: Actor, idea: Idea) -> Decision:
    """Members, while the idea is open: a voice that was given is its owner's, whatever the board's level is now."""
    return takes_support(idea) and may(actor, Permission.SUPPORT, idea.board_id)


def can_set_aside(actor: Actor, idea: Idea) -> Decision:
    """Whoever keeps order on the board, in every state of the idea."""
    return may(actor, Permission.MODERATE, idea.board_id)


def takes_support(idea: Idea) -> Decision:
    """Tell whether supports may change, whoever asks; the reason says why they stand still."""
    if idea.withdrawn_at is not None:
        return no(_("It was withdrawn, so its supports stay as they are."))
    if idea.hidden_at is not None:
        return no(_("It is hidden by moderation, so its supports stay as they are."))
    if idea.merged_into_id is not None:
        return no(_("It was merged into another idea, so its supports stay as they are."))
    if idea.category is Category.DELIVERED:
        return no(_("It is delivered, so its supports stay as they are."))
    if idea.category is Category.DECLINED:
        return no(_("It is declined, so its supports stay as they are."))
    return YES
