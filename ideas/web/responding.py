"""Answering officially, and saying who looks after an answer."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from ideas.core.db import transaction
from ideas.core.errors import Invalid, NotFound
from ideas.core.policy import require
from ideas.ideation.models import Idea, Status
from ideas.ideation.policy import can_assign
from ideas.ideation.queries import IdeaView, get_idea, get_idea_view, get_status
from ideas.responding import services
from ideas.responding.models import DeclineReason
from ideas.responding.policy import can_respond
from ideas.responding.queries import list_keepers
from ideas.web import htmx
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import earlier_outcome, keep_outcome
from ideas.web.pages.responding import FIELDS, answers_url, assignee_form, respond_form
from ideas.web.redirects import safe_next
from ideas.web.viewer import actor

bp = Blueprint("responding", __name__)


@bp.get("/ideas/<public_id>/respond")
def respond(public_id: str) -> Response:
    """Show the form of an answer."""
    actor().require_member()
    view = get_idea_view(actor(), public_id)
    require(can_respond(actor(), view.idea))
    return _form(view, {})


@bp.post("/ideas/<public_id>/respond")
def send(public_id: str) -> Response:
    """Send an answer; refused input comes back as it was typed."""
    actor().require_member()
    sent = typed(request.form, *FIELDS)
    try:
        location = _send(public_id, sent)
    except Invalid as refused:
        return _form(get_idea_view(actor(), public_id), sent, refused=refused)
    return htmx.go(location)


@bp.post("/ideas/<public_id>/assignee")
def assign(public_id: str) -> Response:
    """Say who looks after the answer."""
    actor().require_member()
    sent = typed(request.form, "assignee")
    back = safe_next(request.form.get("next"), default="")
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        require(can_assign(actor(), idea))
        services.assign(actor(), idea, assignee_id=_assignee(idea, sent["assignee"]))
    if not htmx.wants_fragment():
        flash(_("It is noted who looks after it."))
    form = assignee_form(idea, back=back)
    return htmx.fragment_or_go("responding/_assignee.html", back or answers_url(idea), form=form, is_kept=True)


def _send(public_id: str, sent: Mapping[str, str]) -> str:
    nonce = request.form.get("nonce", "")
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        require(can_respond(actor(), idea))
        earlier = earlier_outcome(actor(), nonce)
        if earlier:
            return earlier
        services.respond(
            actor(),
            idea,
            body=sent["body"],
            status=_status(sent["status"]),
            decline_reason=_reason(sent["decline_reason"]),
            would_change=sent["would_change"],
            review_on=_day(sent["review_on"]),
        )
        location = safe_next(request.form.get("next"), default=answers_url(idea))
        keep_outcome(actor(), nonce, location)
    flash(_("Your answer is sent. Everybody who follows it is told."))
    return location


def _form(view: IdeaView, sent: Mapping[str, str], *, refused: Invalid | None = None) -> Response:
    form = respond_form(
        view.idea,
        author_name=view.author.name if view.author else None,
        values=sent,
        errors=texts_of(refused) if refused else None,
        nonce=request.form.get("nonce", ""),
        back=safe_next(request.values.get("next"), default=""),
    )
    return htmx.fragment_or_page(
        "responding/_form.html", "responding/respond.html", status=422 if refused else 200, form=form, idea=view.idea
    )


def _status(slug: str) -> Status | None:
    if not slug:
        return None
    try:
        return get_status(slug)
    except NotFound:
        raise Invalid({"status": _l("Choose one of the statuses.")}) from None


def _reason(value: str) -> DeclineReason | None:
    if not value:
        return None
    try:
        return DeclineReason(value)
    except ValueError:
        raise Invalid({"decline_reason": _l("Choose one of the reasons.")}) from None


def _day(value: str) -> date | None:
    if not value.strip():
        return None
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise Invalid({"review_on": _l("Write the day as year, month, day, such as 2027-06-01.")}) from None


def _assignee(idea: Idea, handle: str) -> int | None:
    if not handle:
        return None
    for keeper in list_keepers(idea.board_id, also=idea.assignee_id):
        if keeper.handle == handle:
            return keeper.id
    raise Invalid({"assignee": _l("Choose somebody of your staff who holds a role on this board.")})
