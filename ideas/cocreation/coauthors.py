"""Verbs of writing an idea together: inviting, asking, saying yes or no, leaving. Nobody is named without a yes."""

from datetime import timedelta

from flask_babel import lazy_gettext as _

from ideas.accounts.models import Member
from ideas.cocreation.coauthor_policy import can_ask, can_invite, can_join, can_leave
from ideas.cocreation.coauthor_queries import (
    count_invited,
    find_co_author,
    find_open_request,
    get_request,
    was_declined,
    was_taken_back,
)
from ideas.cocreation.events import CoAuthorRequestDecided, CoAuthorRequested
from ideas.cocreation.joining import REQUEST_NOTE_MAX, CoAuthorRequest, Direction, RequestState
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, Forbidden, Invalid
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor, require
from ideas.ideation.authorship import AUTHORS_MOST, add_author, remove_author
from ideas.ideation.models import Idea
from ideas.ideation.queries import authors_of, is_author

#: Who was asked by mistake may be asked again after this; else mail upon mail could be sent to somebody.
PAUSE = timedelta(days=1)


def invite(actor: Actor, idea: Idea, member: Member, *, note: str = "") -> CoAuthorRequest:
    """Invite a member to be named as an author, and return what waits for their yes; again: the one there is.

    Who has asked already is named at once: both sides have said yes then. The caller holds the row of the idea.
    Raises SignInNeeded, Forbidden, Invalid (handle: who is an author, does not see the idea or has said no
    before, or there are too many; note), Conflict as `accept`.
    """
    require(can_invite(actor, idea))
    clean_note = _check_note(note)
    waiting = find_open_request(idea.id, member.id)
    if waiting is not None:
        return waiting if waiting.direction is Direction.INVITED else _settle(actor, idea, waiting)
    refusal = _refusal(idea, member)
    if refusal is not None:
        raise Invalid({"handle": refusal})
    return _request(actor, idea, member.id, Direction.INVITED, clean_note)


def offer(actor: Actor, idea: Idea, member_id: int) -> CoAuthorRequest | None:
    """Invite whoever had a part in the text that was just accepted; None where there is nothing to offer them.

    That the actor may decide on that part, the caller has checked. The caller holds the row of the idea.
    """
    member = session().get(Member, member_id)
    if member is None or not idea.is_open or _refusal(idea, member) is not None:
        return None
    if find_open_request(idea.id, member_id) is not None:
        return None
    return _request(actor, idea, member_id, Direction.INVITED, "")


def ask(actor: Actor, idea: Idea, *, note: str) -> CoAuthorRequest:
    """Ask the authors to be named beside them, and return what waits for their yes; again: the one there is.

    Who was invited is named at once. The caller holds the row of the idea. Raises SignInNeeded, Forbidden (also
    where the authors have said no before), Invalid (note), Conflict as `accept`.
    """
    member_id = actor.require_member()
    require(can_ask(actor, idea))
    clean_note = _check_note(note)
    waiting = find_open_request(idea.id, member_id)
    if waiting is not None:
        return waiting if waiting.direction is Direction.ASKED else _settle(actor, idea, waiting)
    if was_declined(idea.id, member_id, Direction.ASKED):
        raise Forbidden(_("The authors have said no before. They can invite you if they think otherwise now."))
    if was_taken_back(idea.id, member_id, Direction.ASKED, since=clock.now() - PAUSE):
        raise Forbidden(_("You have asked and taken it back today. Ask again tomorrow."))
    return _request(actor, idea, member_id, Direction.ASKED, clean_note)


def accept(actor: Actor, idea: Idea, public_id: str) -> CoAuthorRequest:
    """Say yes: the member is an author from now on. Again: does nothing.

    The caller holds the row of the idea. Raises SignInNeeded, NotFound, Forbidden for the side that began,
    Conflict where it was decided otherwise, the idea is not open any more, its authors are too many, or whoever is
    to be named does not see it or may not take part there any more.
    """
    request = _decidable(actor, idea, public_id)
    if request.state is RequestState.ACCEPTED:
        return request
    if not idea.is_open:
        raise Conflict(_("It is not open any more, so its authors stay who they are."))
    return _settle(actor, idea, request)


def decline(actor: Actor, idea: Idea, public_id: str) -> CoAuthorRequest:
    """Say no; nobody else ever reads that it was asked. Again: does nothing.

    The caller holds the row of the idea. Raises SignInNeeded, NotFound, Forbidden, Conflict as `accept`.
    """
    request = _decidable(actor, idea, public_id)
    return request if request.state is RequestState.DECLINED else _close(actor, request, RequestState.DECLINED)


def take_back(actor: Actor, idea: Idea, public_id: str) -> CoAuthorRequest:
    """Take an invitation or a question back as the side that began. Again: does nothing.

    The caller holds the row of the idea. Raises SignInNeeded, NotFound, Forbidden, Conflict where it was decided.
    """
    actor.require_member()
    request = get_request(actor, idea, public_id)
    if not _is_side_that_began(actor, idea, request):
        raise Forbidden(_("Only who began it takes it back. You can say no."))
    if request.state is RequestState.WITHDRAWN:
        return request
    _refuse_decided(request)
    return _close(actor, request, RequestState.WITHDRAWN)


def leave(actor: Actor, idea: Idea) -> bool:
    """Be named as an author no more; what one wrote stays in the text. Returns whether one was.

    The caller holds the row of the idea. Raises SignInNeeded, Forbidden.
    """
    member_id = actor.require_member()
    require(can_leave(actor, idea, find_co_author(idea.id, member_id)))
    return remove_author(idea, member_id)


def _refusal(idea: Idea, member: Member) -> str | None:
    """Return why this member cannot be invited, or None."""
    if not member.active or member.erased_at is not None:
        return str(_("Nobody here has this name."))
    if is_author(Actor(member_id=member.id), idea):
        return str(_("%(name)s is an author already.", name=member.name))
    decision = can_join(member, idea)
    if not decision:
        return str(decision.reason)
    if said := _said_before(idea, member):
        return said
    if len(authors_of(idea.id)) + count_invited(idea.id) >= AUTHORS_MOST:
        return str(_("An idea has at most %(most)d authors, those who are invited among them.", most=AUTHORS_MOST))
    return None


def _said_before(idea: Idea, member: Member) -> str | None:
    if was_declined(idea.id, member.id, Direction.INVITED):
        return str(_("%(name)s has said no before, and can ask to join at any time.", name=member.name))
    if was_taken_back(idea.id, member.id, Direction.INVITED, since=clock.now() - PAUSE):
        return str(_("An invitation of %(name)s was taken back today. Invite them tomorrow.", name=member.name))
    return None


def _request(actor: Actor, idea: Idea, member_id: int, direction: Direction, note: str) -> CoAuthorRequest:
    request = CoAuthorRequest(
        idea_id=idea.id, member_id=member_id, by_id=actor.member_id, direction=direction, note=note
    )
    session().add(request)
    session().flush()
    publish(
        CoAuthorRequested(
            actor_id=actor.member_id,
            request_id=request.id,
            idea_id=idea.id,
            member_id=member_id,
            direction=direction,
        )
    )
    return request


def _decidable(actor: Actor, idea: Idea, public_id: str) -> CoAuthorRequest:
    """Return the request where it is the actor's to decide and waits, or was decided by a yes or no."""
    actor.require_member()
    request = get_request(actor, idea, public_id)
    if _is_side_that_began(actor, idea, request):
        raise Forbidden(_("The other side says yes or no to this. You can take it back."))
    return request


def _is_side_that_began(actor: Actor, idea: Idea, request: CoAuthorRequest) -> bool:
    is_member_side = request.member_id == actor.member_id
    return is_member_side if request.direction is Direction.ASKED else not is_member_side


def _refuse_decided(request: CoAuthorRequest) -> None:
    if request.state is not RequestState.OPEN:
        raise Conflict(_("This was decided already, or taken back."))


def _settle(actor: Actor, idea: Idea, request: CoAuthorRequest) -> CoAuthorRequest:
    _refuse_decided(request)
    if len(authors_of(idea.id)) >= AUTHORS_MOST:
        raise Conflict(_("An idea has at most %(most)d authors.", most=AUTHORS_MOST))
    # Much may have changed since the first of the two said yes.
    joining = can_join(session().get_one(Member, request.member_id), idea)
    if not joining:
        raise Conflict(joining.reason)
    add_author(idea, request.member_id, actor_id=actor.member_id)
    return _close(actor, request, RequestState.ACCEPTED)


def _close(actor: Actor, request: CoAuthorRequest, state: RequestState) -> CoAuthorRequest:
    _refuse_decided(request)
    request.state, request.decided_by_id, request.decided_at = state, actor.member_id, clock.now()
    session().flush()
    publish(
        CoAuthorRequestDecided(
            actor_id=actor.member_id,
            request_id=request.id,
            idea_id=request.idea_id,
            member_id=request.member_id,
            by_id=request.by_id,
            direction=request.direction,
            state=state,
        )
    )
    return request


def _check_note(note: str) -> str:
    fields = Fields()
    clean = fields.line("note", note, least=0, most=REQUEST_NOTE_MAX)
    fields.done()
    return clean
