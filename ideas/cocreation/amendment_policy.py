"""Who may propose changes of a text, support them and decide on them, in which state."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _

from ideas.boards.policy import Permission, may, may_take_part
from ideas.boards.queries import board_by_id
from ideas.cocreation.models import Amendment, AmendmentState
from ideas.core import clock
from ideas.core.errors import SignInNeeded
from ideas.core.policy import YES, Actor, Decision, no
from ideas.ideation.models import Idea, Kind
from ideas.ideation.policy import can_propose, can_propose_fix, takes_changes
from ideas.ideation.queries import is_author

#: Authors are reminded after so many working days, and once.
REMINDED_AFTER = 3
#: After this long those who answer on the board may decide in the authors' place.
STAFF_AFTER = timedelta(days=14)
#: So often one is written anew; all its wordings stand on its page, each compared with the next.
REWORDED_MOST = 20


def can_amend(actor: Actor, idea: Idea) -> Decision:
    """Whoever may comment, while the text may change; its authors change it themselves."""
    if is_author(actor, idea):
        return no(_("You are one of its authors: change the text itself."))
    return takes_changes(idea) and may_take_part(actor, Permission.COMMENT, board_by_id(idea.board_id))


def can_support(actor: Actor, amendment: Amendment, idea: Idea) -> Decision:
    """Whoever may support ideas there, but not whoever proposed it, while it waits for a decision."""
    if is_own(actor, amendment):
        return no(_("You proposed it yourself."))
    state = _when_open(amendment) and takes_changes(idea)
    return state and may_take_part(actor, Permission.SUPPORT, board_by_id(idea.board_id))


def can_decide(actor: Actor, amendment: Amendment, idea: Idea) -> Decision:
    """The authors; after 14 days, or where nobody is known as the author, whoever answers on the board.

    Staff do not decide on what they proposed themselves.
    """
    if not actor.is_member:
        return no(SignInNeeded.default)
    state = _when_open(amendment) and takes_changes(idea)
    if not state or is_author(actor, idea):
        return state
    if not may(actor, Permission.RESPOND, idea.board_id):
        return no(_("The authors decide on it."))
    if is_own(actor, amendment):
        return no(_("You proposed it yourself, so somebody else decides."))
    is_orphan = idea.author_id is None and not idea.co_author_count
    if is_orphan or staff_may_decide_at(amendment) <= clock.now():
        return YES
    return no(_("The authors decide first. After 14 days you may do it in their place."))


def can_write_anew(actor: Actor, amendment: Amendment, idea: Idea) -> Decision:
    """Whoever proposed it, while it waits for a decision and they may still comment there."""
    if not is_own(actor, amendment):
        return no(_("Only who proposed it may change it."))
    state = _when_open(amendment) and takes_changes(idea)
    if state and amendment.edit_count >= REWORDED_MOST:
        return no(_("It was written anew many times. Take it back and propose another one."))
    return state and may_take_part(actor, Permission.COMMENT, board_by_id(idea.board_id))


def can_take_back(actor: Actor, amendment: Amendment) -> Decision:
    """Whoever proposed it, while nobody has decided; also where the idea is closed."""
    if not is_own(actor, amendment):
        return no(_("Only who proposed it may take it back."))
    return _when_open(amendment)


def can_remove(actor: Actor, amendment: Amendment, idea: Idea) -> Decision:
    """Whoever keeps order on the board, unless it is part of the text by now."""
    decision = may(actor, Permission.MODERATE, idea.board_id)
    if not decision:
        return decision
    if amendment.state in {AmendmentState.ACCEPTED, AmendmentState.PARTLY}:
        return no(_("It is part of the text by now."))
    return YES if amendment.state is not AmendmentState.REMOVED else no(_("It is removed already."))


def can_make_own(actor: Actor, amendment: Amendment, idea: Idea, problem: Idea | None) -> Decision:
    """Whoever proposed it, once it was rejected, where they may propose an idea; `problem`: of a fix."""
    if not is_own(actor, amendment):
        return no(_("Only who proposed it may make it an idea of its own."))
    if amendment.state is not AmendmentState.REJECTED:
        return no(_("Only what was rejected becomes an idea of its own."))
    if amendment.became_id is not None:
        return no(_("It is an idea of its own already."))
    if idea.kind is Kind.FIX and problem is not None:
        return can_propose_fix(actor, problem)
    return can_propose(actor, board_by_id(idea.board_id))


def can_read(actor: Actor, amendment: Amendment, idea: Idea) -> bool:
    """Tell whether the actor may read its words: everybody, but of removed ones its author and moderators."""
    if amendment.state is not AmendmentState.REMOVED:
        return True
    return is_own(actor, amendment) or bool(may(actor, Permission.MODERATE, idea.board_id))


def is_own(actor: Actor, amendment: Amendment) -> bool:
    """Tell whether the actor proposed it."""
    return actor.is_member and amendment.author_id == actor.member_id


def staff_may_decide_at(amendment: Amendment) -> datetime:
    """Return from when on others may decide in the authors' place."""
    return amendment.written_at + STAFF_AFTER


def _when_open(amendment: Amendment) -> Decision:
    return YES if amendment.state is AmendmentState.OPEN else no(_("It has been decided on."))
