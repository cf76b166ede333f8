"""Mails that are held: the queue of a moderator, and what is decided on each."""

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from ideas.core.db import transaction
from ideas.core.errors import Forbidden, Invalid
from ideas.mailin.models import HeldReason
from ideas.mailin.queries import get_held, list_held
from ideas.mailin.services import discard, release
from ideas.moderation.queries import may_decide_somewhere
from ideas.web import htmx
from ideas.web.forms.fields import typed
from ideas.web.viewer import actor

bp = Blueprint("mailin", __name__)

REASON_WORDS = {
    HeldReason.UNPROVEN: _l("No mail server has confirmed who sent it."),
    HeldReason.FAILED: _l("The mail server found that it does not come from where it says."),
    HeldReason.OTHER_SENDER: _l("It comes from another address than the member’s."),
    HeldReason.ODD_SENDER: _l("Its sender is written so that it can be read in several ways."),
}


@bp.get("/moderation/mails")
def queue() -> Response:
    """Show the mails that wait on the boards the moderator keeps, longest waiting first."""
    actor().require_member()
    if not may_decide_somewhere(actor()):
        raise Forbidden(_l("This is for those who look after a board."))
    page = list_held(actor(), after=request.args.get("after"))
    following = url_for("mailin.queue", after=page.next_cursor) if page.next_cursor else None
    shown = render_template("mailin/queue.html", items=page.items, reasons=REASON_WORDS, following=following)
    return make_response(shown)


@bp.post("/moderation/mails/<public_id>")
def decide(public_id: str) -> Response:
    """Post the mail in the member's name, or throw it away. To others it does not exist."""
    actor().require_member()
    get_held(actor(), public_id)
    is_posted = _is_to_be_posted(typed(request.form, "decision")["decision"])
    with transaction():
        held = get_held(actor(), public_id)
        if is_posted:
            release(actor(), held)
        else:
            discard(actor(), held)
    done = _("Posted in the member’s name.") if is_posted else _("Thrown away.")
    if not htmx.wants_fragment():
        flash(done)
    return htmx.fragment_or_go("mailin/_decided.html", url_for("mailin.queue"), public_id=public_id, text=done)


def _is_to_be_posted(word: str) -> bool:
    if word not in {"post", "discard"}:
        raise Invalid({"decision": _l("Choose whether to post it or to throw it away.")})
    return word == "post"
