"""The queue of what members suggest about pairs of ideas."""

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from ideas.core.db import transaction
from ideas.core.errors import Forbidden, Invalid
from ideas.ideation.lineage import lock_ideas
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.moderation.models import Suggestion
from ideas.moderation.queries import may_decide_somewhere
from ideas.moderation.suggested import get_suggestion, list_suggested, pair_of
from ideas.moderation.suggesting import decline_suggestion, take_suggestion
from ideas.web import htmx
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.pages.suggestions import SuggestionItem, suggestion_item
from ideas.web.viewer import actor

bp = Blueprint("suggestions", __name__)


@bp.get("/moderation/suggestions")
def queue() -> Response:
    """Show what members suggest on the boards the moderator keeps, longest waiting first."""
    actor().require_member()
    if not may_decide_somewhere(actor()):
        raise Forbidden(_l("This is for those who look after a board."))
    page = list_suggested(actor(), after=request.args.get("after"))
    following = url_for("suggestions.queue", after=page.next_cursor) if page.next_cursor else None
    return _page([suggestion_item(pair) for pair in page.items], following=following)


@bp.post("/moderation/suggestions/<public_id>")
def decide(public_id: str) -> Response:
    """Link as was suggested, or decline with a reason. To others the suggestion does not exist."""
    actor().require_member()
    get_suggestion(actor(), public_id)
    sent = typed(request.form, "decision", "reason")
    try:
        with transaction():
            _decide(public_id, sent["decision"], sent["reason"])
    except Invalid as refused:
        return _refused(public_id, sent["reason"], refused)
    done = _("They are linked.") if sent["decision"] == "take" else _("Declined. Who suggested it reads your reason.")
    if not htmx.wants_fragment():
        flash(done)
    return htmx.fragment_or_go(
        "suggestions/_decided.html", url_for("suggestions.queue"), suggestion_id=public_id, text=done
    )


def _decide(public_id: str, decision: str, reason: str) -> None:
    suggestion = get_suggestion(actor(), public_id)
    idea, other = _ends(suggestion)
    if decision == "take":
        take_suggestion(actor(), suggestion, idea, other)
    elif decision == "decline":
        decline_suggestion(actor(), suggestion, idea, other, reason=reason)
    else:
        raise Invalid({"decision": _l("Choose whether to follow it or to decline it.")})


def _ends(suggestion: Suggestion) -> tuple[Idea, Idea]:
    lock_ideas([suggestion.idea_id, suggestion.other_id])
    return get_idea_by_id(actor(), suggestion.idea_id), get_idea_by_id(actor(), suggestion.other_id)


def _refused(public_id: str, reason: str, refused: Invalid) -> Response:
    pair = pair_of(actor(), get_suggestion(actor(), public_id))
    if pair is None:
        raise refused
    item = suggestion_item(pair, reason=reason, error=" ".join(texts_of(refused).values()))
    if htmx.wants_fragment():
        return make_response(render_template("suggestions/_item.html", item=item), 422)
    return _page([item], is_whole=False, status=422)


def _page(
    items: list[SuggestionItem], *, following: str | None = None, is_whole: bool = True, status: int = 200
) -> Response:
    page = render_template("suggestions/queue.html", items=items, following=following, is_whole=is_whole)
    return make_response(page, status)
