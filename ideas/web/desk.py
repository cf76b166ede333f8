"""The desk of those who look after boards: the queue, one idea beside it, notes among the staff."""

from flask import Blueprint, make_response, render_template, request
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from ideas.boards.policy import Permission, may
from ideas.commenting.models import CommentAudience
from ideas.commenting.services import post_comment
from ideas.core.db import transaction
from ideas.core.errors import Invalid, NotFound
from ideas.core.policy import require
from ideas.ideation.queries import get_idea
from ideas.responding.queue import Lane
from ideas.web import htmx
from ideas.web.forms.fields import typed
from ideas.web.once import earlier_outcome, keep_outcome
from ideas.web.pages.desk import Choice, NotesPart, desk_page, notes_part, require_desk
from ideas.web.redirects import safe_next
from ideas.web.viewer import actor

bp = Blueprint("desk", __name__)


@bp.get("/desk")
def index() -> Response:
    """Show the queue; for htmx the panel of the chosen idea, and the list in which it is marked now."""
    require_desk(actor())
    choice = _choice(request.args)
    page = desk_page(actor(), choice)
    return htmx.fragment_or_page("desk/_chosen.html", "desk/index.html", desk=page)


@bp.post("/desk/<public_id>/notes")
def add_note(public_id: str) -> Response:
    """Keep a note that only staff can read."""
    require_desk(actor())
    sent = typed(request.form, "note")
    back = safe_next(request.form.get("next"), default=Choice(idea=public_id).url())
    try:
        _keep(public_id, sent["note"], back)
    except Invalid as refused:
        return _note_again(public_id, sent["note"], refused, back)
    if not htmx.wants_fragment():
        return htmx.go(back)
    notes = notes_part(get_idea(actor(), public_id), back=back)
    return make_response(render_template("desk/_notes.html", notes=notes))


def _keep(public_id: str, text: str, back: str) -> None:
    nonce = request.form.get("nonce", "")
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        require(may(actor(), Permission.RESPOND, idea.board_id))
        if earlier_outcome(actor(), nonce) is None:
            post_comment(actor(), idea, body=text, audience=CommentAudience.INTERNAL)
            keep_outcome(actor(), nonce, back)


def _note_again(public_id: str, text: str, refused: Invalid, back: str) -> Response:
    error = next(iter(refused.errors.values()))
    nonce = request.form.get("nonce", "")
    note = NotesPart(action="", next=back, nonce=nonce, notes=(), text=text, error=error)
    if htmx.wants_fragment():
        part = notes_part(get_idea(actor(), public_id), back=back, refused=note)
        return make_response(render_template("desk/_notes.html", notes=part), 422)
    page = desk_page(actor(), Choice(idea=public_id), note=note)
    return make_response(render_template("desk/index.html", desk=page), 422)


def _choice(sent: MultiDict[str, str]) -> Choice:
    """Read the address. Raises NotFound for a lane that does not exist."""
    try:
        lane = Lane(sent.get("lane", Lane.UNANSWERED))
    except ValueError:
        raise NotFound from None
    return Choice(
        lane=lane,
        board=sent.get("board", ""),
        status=sent.get("status", ""),
        segment=sent.get("segment", ""),
        after=sent.get("after", ""),
        idea=sent.get("idea", ""),
    )
