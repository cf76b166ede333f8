"""Who may confirm the credit of an idea, and when."""

from flask_babel import lazy_gettext as _

from ideas.boards.policy import Permission, may
from ideas.core.policy import YES, Actor, Decision, no
from ideas.ideation.models import Category, Idea, Kind


def may_settle(actor: Actor, idea: Idea) -> Decision:
    """Whoever looks after the board."""
    return may(actor, Permission.SETTLE_CREDIT, idea.board_id)


def is_settleable(idea: Idea) -> Decision:
    """Tell whether the idea stands where credit is confirmed: delivered, in sight, and no fix."""
    if idea.kind is Kind.FIX:
        return no(_("The credit of a fix is confirmed with its problem."))
    if idea.hidden_at is not None or idea.withdrawn_at is not None:
        return no(_("It is hidden or was withdrawn."))
    if idea.category is not Category.DELIVERED:
        return no(_("Credit is confirmed once it is delivered."))
    return YES


def can_settle(actor: Actor, idea: Idea) -> Decision:
    """Whoever may, when it can be; whether it was done before is not looked at."""
    return may_settle(actor, idea) and is_settleable(idea)
