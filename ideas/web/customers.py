"""What staff do for customers: finding them, entering their supports, seeing who stands behind an idea."""

from collections.abc import Mapping

from flask import Blueprint, Flask, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import user_authenticated
from werkzeug import Response

from ideas.accounts.customers import confirm_entered, find_customers
from ideas.accounts.models import Member
from ideas.boards.policy import enters_for_customers
from ideas.core.db import is_writing, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid
from ideas.core.policy import require
from ideas.ideation.intake import Given
from ideas.ideation.models import Idea, Kind
from ideas.ideation.provenance import can_enter
from ideas.ideation.queries import get_idea
from ideas.ideation.services import Words, check_words, enter_idea
from ideas.ideation.tagging import parse_tags
from ideas.voting.entering import enter_support, take_back_entered
from ideas.voting.policy import takes_support
from ideas.voting.voices import supporter_id
from ideas.web import htmx
from ideas.web.forms.customers import read_entry, read_who, who_draft
from ideas.web.forms.fields import typed
from ideas.web.forms.ideas import read_kind
from ideas.web.forms.refusals import texts_of
from ideas.web.once import earlier_outcome, keep_outcome
from ideas.web.pages.customers import (
    SUPPORT_FIELDS,
    WHO_FIELDS,
    WhoDraft,
    enter_page,
    idea_url,
    voices_page,
    weight_part,
)
from ideas.web.pages.proposing import Draft, propose_page
from ideas.web.redirects import safe_next
from ideas.web.viewer import actor

bp = Blueprint("customers", __name__)


def init_customers(app: Flask) -> None:
    """Notice when the owner of an account that staff opened comes in for the first time."""
    user_authenticated.connect(note_arrival, app)


def note_arrival(_app: Flask, *, user: Member, **_rest: object) -> None:
    """Say of an account that staff opened that its owner has come in: only a code or link by mail lets them."""
    if user.entered_by_id is None or user.confirmed_at is not None:
        return
    if is_writing():
        confirm_entered(user.id)
        return
    with transaction():
        confirm_entered(user.id)


@bp.get("/desk/customers")
def find() -> str:
    """Show who may be meant, while a name, handle or address is typed."""
    actor().require_member()
    if not enters_for_customers(actor()):
        raise Forbidden
    found = find_customers(request.args.get("search", ""))
    return render_template("customers/_candidates.html", candidates=found, chosen=request.args.get("customer", ""))


@bp.route("/ideas/<public_id>/voices/new", methods=["GET", "POST"])
def enter(public_id: str) -> Response:
    """Enter a support for a customer; "find" only looks them up."""
    idea = _open_idea(public_id)
    if request.method == "GET":
        return _form(idea, dict.fromkeys(SUPPORT_FIELDS, ""))
    sent = typed(request.form, *SUPPORT_FIELDS, "action")
    if sent.pop("action") == "find":
        return _form(idea, sent)
    try:
        location = _enter(public_id, sent)
    except Invalid as refused:
        return _form(get_idea(actor(), public_id), sent, errors=texts_of(refused), status=422)
    if location is None:
        errors = {"customer": _("They support it already: one person, one voice. Nothing was counted.")}
        return _form(get_idea(actor(), public_id), sent, errors=errors, status=409, is_spent=True)
    return htmx.go(location)


@bp.get("/ideas/<public_id>/voices")
def voices(public_id: str) -> str:
    """Show who supports the idea, of which organisations, and how each support came in."""
    actor().require_member()
    idea = get_idea(actor(), public_id)
    weight = weight_part(actor(), idea)
    if weight is None:
        raise Forbidden
    page = voices_page(actor(), idea, weight, after=request.args.get("after"))
    return render_template("customers/voices.html", page=page)


@bp.post("/ideas/<public_id>/voices/back")
def take_back(public_id: str) -> Response:
    """Take back what staff entered."""
    actor().require_member()
    sent = typed(request.form, "handle")
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        require(can_enter(actor(), idea.board_id))
        take_back_entered(actor(), idea, member_id=supporter_id(idea, handle=sent["handle"]))
    flash(_("The support is taken back."))
    return htmx.go(url_for("customers.voices", public_id=public_id))


@bp.route("/propose/for-customer", methods=["GET", "POST"])
def propose() -> Response:
    """Publish an idea or a problem for a customer; "find" only looks them up, "preview" only shows it."""
    actor().require_member()
    if not enters_for_customers(actor()):
        raise Forbidden
    if request.method == "GET":
        names = {name: request.args.get(name, "")[:200] for name in ("board", "title", "kind")}
        return _proposal(Draft(**{**names, "kind": names["kind"] or Kind.IDEA}, given=Given()), WhoDraft())
    sent = typed(request.form, *WHO_FIELDS, "title", "body", "kind", "board", "tags", "action")
    draft = Draft(
        **{name: sent[name] for name in ("title", "body", "kind", "board", "tags")},
        given=Given(),
        nonce=request.form.get("nonce", ""),
    )
    who = who_draft(sent)
    try:
        if sent["action"] == "find":
            return _proposal(draft, who)
        if sent["action"] == "preview":
            return _proposal(draft, who, words=check_words(title=draft.title, body=draft.body))
        location = _publish(draft, who)
    except Invalid as refused:
        return _proposal(draft, who, errors=texts_of(refused))
    return htmx.go(location)


def unsent_support(words: str, *, public_id: str) -> Response:
    """Return the form of a support for a customer as it was sent, with words about why it was not looked at."""
    sent = {name: request.form.get(name, "") for name in SUPPORT_FIELDS}
    return _form(_open_idea(public_id), sent, errors={"": words}, status=422)


def unsent_proposal(words: str) -> Response:
    """Return the form of an idea for a customer as it was sent, with words about why it was not looked at."""
    if not enters_for_customers(actor()):
        raise Forbidden
    sent = {name: request.form.get(name, "") for name in ("title", "body", "kind", "board", "tags", "nonce")}
    who = who_draft({name: request.form.get(name, "") for name in WHO_FIELDS})
    return _proposal(Draft(**sent, given=Given()), who, errors={"": words})


def _publish(draft: Draft, who: WhoDraft) -> str:
    with transaction():
        earlier = earlier_outcome(actor(), draft.nonce)
        if earlier:
            return earlier
        entry = read_entry(actor(), draft, who)
        idea = enter_idea(
            actor(),
            entry.board,
            entry.who.customer,
            heard=entry.who.heard,
            kind=read_kind(draft.kind),
            title=draft.title,
            body=draft.body,
            tags=parse_tags(draft.tags),
        )
        location, name = idea_url(idea), entry.who.customer.name
        keep_outcome(actor(), draft.nonce, location)
    flash(_("It is published in the name of %(name)s. They are told.", name=name))
    return location


def _proposal(
    draft: Draft, who: WhoDraft, *, words: Words | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    page = propose_page(actor(), draft, words=words, errors=errors, who=who)
    return make_response(render_template("ideation/propose.html", page=page), 422 if errors else 200)


def _open_idea(public_id: str) -> Idea:
    actor().require_member()
    idea = get_idea(actor(), public_id)
    require(can_enter(actor(), idea.board_id))
    state = takes_support(idea)
    if not state:
        raise Conflict(state.reason)
    return idea


def _enter(public_id: str, sent: Mapping[str, str]) -> str | None:
    """Return where to go on; None where the customer supports the idea already, which is on record all the same."""
    nonce = request.form.get("nonce", "")
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        require(can_enter(actor(), idea.board_id))
        earlier = earlier_outcome(actor(), nonce)
        if earlier:
            return earlier
        who = read_who(actor(), who_draft(sent))
        name = who.customer.name
        is_new = enter_support(
            actor(), idea, who.customer, heard=who.heard, need=sent["need"], strength=sent["strength"]
        )
        location = safe_next(request.form.get("next"), default=idea_url(idea))
        keep_outcome(actor(), nonce, location)
    if not is_new:
        return None
    flash(_("Noted: %(name)s supports it. They are told.", name=name))
    return location


def _form(
    idea: Idea,
    sent: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
    is_spent: bool = False,
) -> Response:
    page = enter_page(
        idea,
        who_draft(sent),
        need=sent["need"],
        strength=sent["strength"],
        # What was refused may be sent again; what is on record is a form of its own.
        nonce="" if is_spent else request.form.get("nonce", ""),
        back=safe_next(request.values.get("next"), default=""),
        errors=errors,
    )
    return htmx.fragment_or_page("customers/_enter.html", "customers/enter.html", status=status, page=page)
