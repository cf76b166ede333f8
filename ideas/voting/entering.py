"""Supports that staff enter for customers who said so elsewhere: one voice a person, whoever gives it."""

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, select

from ideas.accounts import audit
from ideas.accounts.models import Member
from ideas.core.db import session
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound
from ideas.core.events import publish
from ideas.core.policy import Actor, require
from ideas.ideation.models import Idea
from ideas.ideation.provenance import Heard, can_enter, refusal_to_see, speak_for
from ideas.ideation.queries import get_idea_by_id
from ideas.voting.counting import count_voice
from ideas.voting.events import SupportEntered, SupportTakenBack
from ideas.voting.models import Support, SupportSource
from ideas.voting.policy import can_support, takes_support
from ideas.voting.services import check_details, give_support


def enter_support(
    actor: Actor,
    idea: Idea,
    customer: Member,
    *,
    heard: Heard,
    need: str | None = None,
    strength: str | None = None,
) -> bool:
    """Support the idea (loaded with its board) for a customer, who is told. Returns whether they did not before.

    Otherwise nothing is counted; that it was tried is on record like the entry itself. Raises SignInNeeded,
    Forbidden, Conflict (closed, hidden, withdrawn), Invalid (customer, need, strength): what the customer may not
    see or not support themselves is not entered for them either.
    """
    actor.require_member()
    require(can_enter(actor, idea.board_id))
    state = takes_support(idea)
    if not state:
        raise Conflict(state.reason)
    _check_customer(actor, idea, customer)
    details = check_details(idea, strength=strength, need=need)
    is_new = give_support(idea.id, customer.id, actor_id=actor.member_id, details=details, heard=heard)
    entry_id = _note(actor, "support.entered", idea.id, customer.id, via=heard.via.value, counted=is_new)
    if is_new:
        publish(SupportEntered(actor_id=actor.member_id, idea_id=idea.id, member_id=customer.id, entry_id=entry_id))
    return is_new


def take_back_entered(actor: Actor, idea: Idea, *, member_id: int) -> bool:
    """Take back what staff entered, while the customer has not made it their own. Returns whether there was one.

    Raises SignInNeeded, Forbidden, Conflict (closed, hidden, withdrawn; the customer's own; set aside).
    """
    actor.require_member()
    require(can_enter(actor, idea.board_id))
    state = takes_support(idea)
    if not state:
        raise Conflict(state.reason)
    theirs = (Support.idea_id == idea.id, Support.member_id == member_id)
    entered = (Support.source == SupportSource.STAFF, Support.quarantined_at.is_(None))
    given_at = session().scalar(delete(Support).where(*theirs, *entered).returning(Support.created_at))
    if given_at is None:
        if session().scalar(select(Support.id).where(*theirs)) is not None:
            raise Conflict(_("This support is the customer's own, or a moderator has set it aside. It stays."))
        return False
    count_voice(idea.id, member_id, moment=given_at, by=-1)
    _note(actor, "support.entry_taken_back", idea.id, member_id)
    publish(SupportTakenBack(actor_id=actor.member_id, idea_id=idea.id, member_id=member_id))
    return True


def _check_customer(actor: Actor, idea: Idea, customer: Member) -> None:
    spoken_for = speak_for(actor, customer, idea.board)
    try:
        get_idea_by_id(spoken_for, idea.id)
    except NotFound:
        raise Invalid({"customer": refusal_to_see(customer)}) from None
    decision = can_support(spoken_for, idea)
    if not decision:
        raise Invalid({"customer": decision.reason or Forbidden.default})


def _note(actor: Actor, act: str, idea_id: int, member_id: int, **after: object) -> int:
    return audit.note(actor, act, member_id=member_id, subject="idea", subject_id=idea_id, after=after)
