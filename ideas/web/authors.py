"""Authors of an idea: who they are, inviting and asking, saying yes or no, leaving."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from ideas.accounts.models import Member
from ideas.accounts.queries import get_member_by_handle
from ideas.cocreation import coauthors
from ideas.cocreation.coauthor_policy import can_ask, can_invite, can_leave
from ideas.cocreation.coauthor_queries import find_co_author
from ideas.cocreation.joining import CoAuthorRequest, RequestState
from ideas.core.db import transaction
from ideas.core.errors import Invalid, NotFound
from ideas.core.policy import Actor, require
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go
from ideas.web.pages.authors import authors_page
from ideas.web.viewer import actor

bp = Blueprint("authors", __name__, url_prefix="/ideas/<public_id>/authors")

Decide = Callable[[Actor, Idea, str], CoAuthorRequest]
#: What the buttons say, to what is done.
DECISIONS: Mapping[str, Decide] = {
    "accept": coauthors.accept,
    "decline": coauthors.decline,
    "withdraw": coauthors.take_back,
}
DECIDED: Mapping[RequestState, LazyString] = {
    RequestState.ACCEPTED: _l("Said yes: the name stands beside the others from now on."),
    RequestState.DECLINED: _l("Said no. Nobody else reads of it."),
    RequestState.WITHDRAWN: _l("It is taken back."),
}


@bp.get("")
def show(public_id: str) -> str:
    """Show all authors, and to those concerned what waits."""
    return render_template("cocreation/authors.html", page=authors_page(actor(), public_id))


@bp.post("/invite")
def invite(public_id: str) -> AnyResponse:
    """Invite a member to be named as an author."""
    idea = get_idea(actor(), public_id)
    actor().require_member()
    require(can_invite(actor(), idea))
    sent = typed(request.form, "handle", "note")
    try:
        member = _member(sent["handle"])
        with transaction():
            made = coauthors.invite(actor(), get_idea(actor(), public_id, lock=True), member, note=sent["note"])
            is_named = made.state is RequestState.ACCEPTED
    except Invalid as refused:
        return _again(public_id, sent, texts_of(refused))
    flash(
        _("They had asked already, so they are named now.") if is_named else _("They are invited, and are asked first.")
    )
    return _back(public_id)


@bp.post("/ask")
def ask(public_id: str) -> AnyResponse:
    """Ask the authors to be named beside them."""
    idea = get_idea(actor(), public_id)
    actor().require_member()
    require(can_ask(actor(), idea))
    sent = typed(request.form, "note")
    try:
        with transaction():
            made = coauthors.ask(actor(), get_idea(actor(), public_id, lock=True), note=sent["note"])
            is_named = made.state is RequestState.ACCEPTED
    except Invalid as refused:
        return _again(public_id, {**sent, "handle": ""}, texts_of(refused))
    flash(_("You were invited already, so you are named now.") if is_named else _("The authors are asked."))
    return _back(public_id)


@bp.post("/decide")
def decide(public_id: str) -> AnyResponse:
    """Say yes or no, or take back what one began."""
    get_idea(actor(), public_id)
    actor().require_member()
    sent = typed(request.form, "request", "decision")
    if sent["decision"] not in DECISIONS:
        raise Invalid({"decision": _("Say yes or no.")})
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        state = DECISIONS[sent["decision"]](actor(), idea, sent["request"]).state
    flash(DECIDED[state])
    return _back(public_id)


@bp.get("/leave")
def ask_to_leave(public_id: str) -> str:
    """Ask whether the member really wants to be named no more."""
    idea = get_idea(actor(), public_id)
    actor().require_member()
    require(can_leave(actor(), idea, find_co_author(idea.id, actor().member_id)))
    return render_template("cocreation/leave.html", idea=idea)


@bp.post("/leave")
def leave(public_id: str) -> AnyResponse:
    """Be named no more."""
    idea = get_idea(actor(), public_id)
    actor().require_member()
    require(can_leave(actor(), idea, find_co_author(idea.id, actor().member_id)))
    typed(request.form)
    with transaction():
        coauthors.leave(actor(), get_idea(actor(), public_id, lock=True))
    flash(_("You are not named as an author any more."))
    return _back(public_id)


def unsent_invitation(words: str, *, public_id: str) -> Response:
    """Return the form as it was sent, with words about why it was not looked at."""
    sent = {name: request.form.get(name, "") for name in ("handle", "note")}
    return _again(public_id, sent, {"": words})


def _member(handle: str) -> Member:
    try:
        return get_member_by_handle(handle.strip().removeprefix("@"))
    except NotFound:
        raise Invalid({"handle": _("Nobody here has this name. It is the short one after @.")}) from None


def _again(public_id: str, sent: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    page = authors_page(actor(), public_id, handle=sent["handle"], note=sent["note"], errors=errors)
    return make_response(render_template("cocreation/authors.html", page=page), 422)


def _back(public_id: str) -> AnyResponse:
    return go(url_for("authors.show", public_id=public_id))
