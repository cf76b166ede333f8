"""Who may answer for the company, and where an answer can lead."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _

from ideas.boards.policy import Permission, may
from ideas.core.policy import YES, Actor, Decision, no
from ideas.ideation.models import Category, Idea, Status

#: From where to where an answer can lead, by category. Moving between two statuses of one category, and
#: answering without any change, are always possible and not listed.
TRANSITIONS: frozenset[tuple[Category, Category]] = frozenset(
    {
        # Triage: whatever is open can be decided in any way; delivered, where it turns out to exist already.
        (Category.OPEN, Category.PLANNED),
        (Category.OPEN, Category.IN_PROGRESS),
        (Category.OPEN, Category.DELIVERED),
        (Category.OPEN, Category.DECLINED),
        (Category.OPEN, Category.PARKED),
        # A plan is begun, done, or given up in the open.
        (Category.PLANNED, Category.OPEN),
        (Category.PLANNED, Category.IN_PROGRESS),
        (Category.PLANNED, Category.DELIVERED),
        (Category.PLANNED, Category.DECLINED),
        (Category.PLANNED, Category.PARKED),
        # Work ends, is put back, or stops. It does not become a mere question again.
        (Category.IN_PROGRESS, Category.PLANNED),
        (Category.IN_PROGRESS, Category.DELIVERED),
        (Category.IN_PROGRESS, Category.DECLINED),
        (Category.IN_PROGRESS, Category.PARKED),
        # What was put aside is looked at again. Nothing is delivered from the shelf without being taken up.
        (Category.PARKED, Category.OPEN),
        (Category.PARKED, Category.PLANNED),
        (Category.PARKED, Category.IN_PROGRESS),
        (Category.PARKED, Category.DECLINED),
        # A no can be reconsidered; then people may support it again before work begins.
        (Category.DECLINED, Category.OPEN),
        (Category.DECLINED, Category.PLANNED),
        (Category.DECLINED, Category.PARKED),
        # Delivered and not good after all: the question or the work is opened again, never silently declined.
        (Category.DELIVERED, Category.OPEN),
        (Category.DELIVERED, Category.IN_PROGRESS),
    }
)


def can_respond(actor: Actor, idea: Idea) -> Decision:
    """Whoever looks after the board, while the idea is in sight."""
    decision = may(actor, Permission.RESPOND, idea.board_id)
    if not decision:
        return decision
    if idea.withdrawn_at is not None:
        return no(_("It was withdrawn, so nobody waits for an answer."))
    if idea.hidden_at is not None:
        return no(_("It is hidden by moderation. Restore it first, then answer."))
    return YES


def can_move(start: Category, end: Category) -> bool:
    """Tell whether an answer can lead from one category to the other."""
    return start is end or (start, end) in TRANSITIONS


def open_to(idea: Idea, statuses: Sequence[Status]) -> list[Status]:
    """Return those of `statuses` to which an answer can lead, in their order, the present one included."""
    return [status for status in statuses if can_move(idea.category, status.category)]
