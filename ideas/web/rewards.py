"""Credit: confirming who helped a delivered idea."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from ideas.core.errors import Conflict, Invalid
from ideas.core.fields import Fields
from ideas.core.policy import require
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea
from ideas.rewards.models import POINTS_MAX
from ideas.rewards.policy import is_settleable, may_settle
from ideas.rewards.proposals import Proposal
from ideas.rewards.queries import find_settlement
from ideas.rewards.services import CreditLine, field_name, proposals_for, settle_credit
from ideas.web.forms.fields import ALWAYS, typed
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go
from ideas.web.once import made_once
from ideas.web.pages.parts import parts_page
from ideas.web.pages.rewards import field_names, settle_page
from ideas.web.viewer import actor

bp = Blueprint("rewards", __name__)


@bp.get("/ideas/<public_id>/parts")
def parts(public_id: str) -> str:
    """Show everybody who had a part in an idea, with what they did and when."""
    return render_template("rewards/parts.html", page=parts_page(actor(), public_id))


@bp.get("/ideas/<public_id>/credit")
def settle(public_id: str) -> str:
    """Show who helped, from the record, with the points proposed by the rule."""
    idea = _settleable(public_id)
    return render_template("rewards/settle.html", page=settle_page(actor(), idea))


@bp.post("/ideas/<public_id>/credit")
def confirm(public_id: str) -> AnyResponse:
    """Confirm the credit as it was typed; what was refused comes back with it."""
    actor().require_member()
    require(may_settle(actor(), get_idea(actor(), public_id)))
    try:
        location = _settle(public_id)
    except Invalid as refused:
        idea = _settleable(public_id)
        sent = {name: value for name, value in request.form.items() if name not in ALWAYS}
        nonce = request.form.get("nonce", "")
        page = settle_page(actor(), idea, typed=sent, nonce=nonce, errors=texts_of(refused))
        return make_response(render_template("rewards/settle.html", page=page), 422)
    flash(_("The credit is confirmed, and everybody credited is told."))
    return go(location)


def _settleable(public_id: str) -> Idea:
    idea = get_idea(actor(), public_id)
    actor().require_member()
    require(may_settle(actor(), idea))
    if not (decision := is_settleable(idea)):
        raise Conflict(decision.reason)
    if find_settlement(idea.id) is not None:
        raise Conflict(_l("The credit of this idea was confirmed before."))
    return idea


def _settle(public_id: str) -> str:
    def make() -> str:
        idea = get_idea(actor(), public_id, lock=True)
        proposals = proposals_for(actor(), idea)
        sent = typed(request.form, *field_names(proposals))
        settle_credit(actor(), idea, lines=_read_lines(proposals, sent))
        return url_for("ideation.show", public_id=public_id, _anchor="credits")

    return made_once(actor(), request.form.get("nonce", ""), make)


def _read_lines(proposals: Sequence[Proposal], sent: Mapping[str, str]) -> list[CreditLine]:
    """Return the lines that are ticked. Raises Invalid for points that are no number."""
    fields = Fields()
    lines = [
        CreditLine(*one.key, _read_points(fields, one, sent), sent[field_name("note", *one.key)])
        for one in proposals
        if sent[field_name("keep", *one.key)]
    ]
    fields.done()
    return lines


def _read_points(fields: Fields, proposal: Proposal, sent: Mapping[str, str]) -> int:
    name = field_name("points", *proposal.key)
    text = sent[name].strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        fields.refuse(name, _l("Write a whole number from 0 to %(most)d.", most=POINTS_MAX))
        return 0
    return int(text)
