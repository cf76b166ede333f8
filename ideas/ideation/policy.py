"""Who may do what to an idea, in which state."""

from flask_babel import lazy_gettext as _

from ideas.boards.models import Board
from ideas.boards.policy import Permission, may, may_take_part
from ideas.boards.queries import board_by_id
from ideas.core.policy import YES, Actor, Decision, no
from ideas.ideation.models import CLOSED, Category, Idea, IdeaLink, Kind
from ideas.ideation.queries import is_author


def can_propose(actor: Actor, board: Board) -> Decision:
    """Whom the board's level admits, on boards that somebody looks after."""
    decision = may_take_part(actor, Permission.PROPOSE, board)
    if not decision:
        return decision
    if board.owner_id is None:
        return no(_("Nobody looks after this board at the moment, so it takes no new ideas."))
    return YES


def can_propose_fix(actor: Actor, problem: Idea) -> Decision:
    """Whom the board's level admits, on open problems."""
    if problem.kind is not Kind.PROBLEM:
        return no(_("Fixes are proposed for problems."))
    state = _when_open(problem) and _when_unlocked(problem)
    return state and may_take_part(actor, Permission.PROPOSE, board_by_id(problem.board_id))


def can_edit(actor: Actor, idea: Idea) -> Decision:
    """Its authors, while it is open and not locked."""
    if not is_author(actor, idea):
        return no(_("Only the authors may change the text."))
    return takes_changes(idea)


def takes_changes(idea: Idea) -> Decision:
    """Whether its text may change at all: it is open and not locked."""
    return _when_open(idea) and _when_unlocked(idea)


def can_withdraw(actor: Actor, idea: Idea) -> Decision:
    """Its authors, while it is open."""
    if not is_author(actor, idea):
        return no(_("Only the authors may withdraw it."))
    return _when_open(idea)


def can_moderate(actor: Actor, idea: Idea) -> Decision:
    """Whoever keeps order on the board."""
    return may(actor, Permission.MODERATE, idea.board_id)


def can_assign(actor: Actor, idea: Idea) -> Decision:
    """Whoever looks after the board."""
    return may(actor, Permission.ASSIGN, idea.board_id)


def can_link(actor: Actor, idea: Idea, other: Idea) -> Decision:
    """Authors of the first, and whoever keeps order on the board of either; neither hidden nor merged."""
    for end in (idea, other):
        if end.hidden_at is not None:
            return no(_("It is hidden by moderation."))
        if end.merged_into_id is not None:
            return no(_("It was merged into another idea. Link that one instead."))
    return YES if is_author(actor, idea) else _keeps_either(actor, idea, other)


def can_unlink(actor: Actor, link: IdeaLink, idea: Idea, other: Idea) -> Decision:
    """Who made the link, the authors of its first end, and whoever keeps order on the board of either."""
    if actor.is_member and link.actor_id == actor.member_id:
        return YES
    return YES if is_author(actor, idea) else _keeps_either(actor, idea, other)


def can_split(actor: Actor, idea: Idea) -> Decision:
    """Its authors, and whoever keeps order on the board, while it is open; authors while it is not locked."""
    if may(actor, Permission.MODERATE, idea.board_id):
        return _when_open(idea)
    if not is_author(actor, idea):
        return no(_("This is for its authors and for those who look after the board."))
    return _when_open(idea) and _when_unlocked(idea)


def _keeps_either(actor: Actor, idea: Idea, other: Idea) -> Decision:
    decision = may(actor, Permission.MODERATE, idea.board_id)
    return decision or may(actor, Permission.MODERATE, other.board_id)


def _when_open(idea: Idea) -> Decision:
    if idea.withdrawn_at is not None:
        return no(_("It was withdrawn."))
    if idea.hidden_at is not None:
        return no(_("It is hidden by moderation."))
    if idea.merged_into_id is not None:
        return no(_("It was merged into another idea."))
    if idea.category in CLOSED:
        return no(_("It is delivered.") if idea.category is Category.DELIVERED else _("It is declined."))
    return YES


def _when_unlocked(idea: Idea) -> Decision:
    if idea.locked_at is not None:
        return no(_("It is locked by moderation."))
    return YES
