"""Who may choose fixes, reproduce and close problems, and say whether one is gone or has come back."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.boards.policy import Permission, may, may_take_part
from ideas.boards.queries import board_by_id
from ideas.cocreation.models import Choice
from ideas.core.errors import SignInNeeded
from ideas.core.policy import YES, Actor, Decision, no
from ideas.ideation.models import Category, Idea, Kind
from ideas.ideation.queries import is_author


def can_choose(actor: Actor, problem: Idea) -> Decision:
    """Whoever looks after the board, until the problem is declined; its reporters, while it is open."""
    if problem.kind is not Kind.PROBLEM:
        return no(_("Fixes are chosen for problems."))
    if problem.withdrawn_at is not None:
        return no(_("The problem was withdrawn."))
    if problem.hidden_at is not None:
        return no(_("The problem is hidden by moderation."))
    keeper = may(actor, Permission.CHOOSE_FIX, problem.board_id)
    if keeper:
        return _when_wanted(problem)
    if not is_author(actor, problem):
        return keeper
    return YES if problem.is_open else no(_("The problem is closed."))


def can_unchoose(actor: Actor, problem: Idea, choice: Choice) -> Decision:
    """Whoever may choose; the reporter may take back only what they chose themselves."""
    decision = can_choose(actor, problem)
    if decision and not may(actor, Permission.CHOOSE_FIX, problem.board_id) and choice.actor_id != actor.member_id:
        return no(_("It was chosen by those who look after the board."))
    return decision


def can_confirm(actor: Actor, problem: Idea, *, is_reporter: bool) -> Decision:
    """Reporters of a delivered problem: its authors, and those whom it hits too."""
    if not actor.is_member:
        return no(SignInNeeded.default)
    if problem.kind is not Kind.PROBLEM:
        return no(_("Only problems are confirmed as fixed."))
    if not is_reporter:
        return no(_("This is for those whom the problem hit."))
    return _when_delivered(problem, otherwise=_("It is not delivered at the moment, so there is nothing to confirm."))


def can_reproduce(actor: Actor, problem: Idea) -> Decision:
    """Whom the board lets comment, on open problems of others that are not locked."""
    if problem.kind is not Kind.PROBLEM:
        return no(_("Only problems are reproduced."))
    if not problem.is_open:
        return no(_("The problem is closed."))
    if problem.locked_at is not None:
        return no(_("It is locked by moderation."))
    if is_author(actor, problem):
        return no(_("You reported it. Steps that make it happen belong into its text."))
    return may_take_part(actor, Permission.COMMENT, board_by_id(problem.board_id))


def can_remove_reproduction(actor: Actor, problem: Idea) -> Decision:
    """Whoever keeps order on the board."""
    return may(actor, Permission.MODERATE, problem.board_id)


def can_close(actor: Actor, problem: Idea) -> Decision:
    """Whoever looks after the board, while the problem is delivered."""
    decision = may(actor, Permission.CHOOSE_FIX, problem.board_id)
    if not decision:
        return decision
    if problem.kind is not Kind.PROBLEM:
        return no(_("Only problems are closed with what keeps them away."))
    if problem.hidden_at is not None:
        return no(_("It is hidden by moderation."))
    if problem.category is not Category.DELIVERED:
        return no(_("It is not delivered at the moment, so there is nothing to close."))
    return YES


def can_judge_recurrence(actor: Actor, problem: Idea) -> Decision:
    """Whoever looks after the board."""
    return may(actor, Permission.RESPOND, problem.board_id)


def _when_delivered(problem: Idea, *, otherwise: LazyString) -> Decision:
    if problem.hidden_at is not None:
        return no(_("It is hidden by moderation."))
    if problem.merged_into_id is not None:
        return no(_("It was merged into another problem, where this is asked."))
    return YES if problem.category is Category.DELIVERED else no(otherwise)


def _when_wanted(problem: Idea) -> Decision:
    if problem.category is Category.DECLINED:
        return no(_("The problem was declined. Answer it anew first."))
    return YES
