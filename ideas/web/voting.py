"""Supporting ideas, taking it back, and telling what they are needed for."""

from dataclasses import asdict

from flask import Blueprint, flash, make_response, render_template, request, url_for
from flask_babel import lazy_gettext as _
from werkzeug import Response

from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.following.queries import find_stance
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea
from ideas.voting.meanings import is_outdated, keep_support
from ideas.voting.queries import find_support
from ideas.voting.services import cast_support, describe_support, take_back_support
from ideas.web.forms.fields import typed
from ideas.web.forms.ideas import read_revision
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go, wants_fragment
from ideas.web.pages.following import follow_part
from ideas.web.pages.own_fields import sent_answers, sent_names
from ideas.web.pages.versions import meaning_page
from ideas.web.pages.voting import Told, needs_page, needs_url, support_key, support_part
from ideas.web.redirects import safe_next
from ideas.web.viewer import actor

bp = Blueprint("voting", __name__)

#: The dresses of the key: in a list, or in the box of the idea's page.
LOOKS = {"", "row", "wide"}
#: What may be told beside the support itself, and beside the board's own fields.
DETAILS = ("need", "strength", "version", "environment", "since")


@bp.post("/ideas/<public_id>/support")
def support(public_id: str) -> Response:
    """Support the idea; from the box perhaps with a need."""
    told, look = _read()
    try:
        with transaction():
            idea = get_idea(actor(), public_id, lock=True)
            # Words are never lost, also where the idea was supported elsewhere in the meantime.
            if told.is_any:
                describe_support(actor(), idea, **asdict(told))
            else:
                cast_support(actor(), idea)
    except Invalid as refused:
        return _refuse(public_id, told, refused)
    return _answer(idea, look, is_supported=True, is_kept=told.is_any)


@bp.post("/ideas/<public_id>/support/back")
def take_back(public_id: str) -> Response:
    """Take the support back."""
    look = _read_look(typed(request.form, "look")["look"])
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        take_back_support(actor(), idea)
    return _answer(idea, look, is_supported=False)


@bp.post("/ideas/<public_id>/need")
def need(public_id: str) -> Response:
    """Keep what the idea is needed for in place of what was told before."""
    told, _look = _read()
    try:
        with transaction():
            idea = get_idea(actor(), public_id, lock=True)
            describe_support(actor(), idea, **asdict(told))
    except Invalid as refused:
        return _refuse(public_id, told, refused)
    return _answer(idea, "wide", is_supported=True, is_kept=True)


@bp.get("/ideas/<public_id>/needs")
def needs(public_id: str) -> str:
    """Show what people need the idea for."""
    page = needs_page(actor(), public_id, after=request.args.get("after"))
    return render_template("voting/needs.html", page=page, box=page.box, follow=page.follow)


@bp.get("/ideas/<public_id>/meaning")
def meaning(public_id: str) -> str:
    """Show what changed since the support was given, and ask whether it holds."""
    actor().require_member()
    return render_template("voting/meaning.html", page=meaning_page(actor(), public_id))


@bp.post("/ideas/<public_id>/support/keep")
def keep(public_id: str) -> Response:
    """Say that the support holds for the version that was shown; where it changed again, ask again."""
    actor().require_member()
    seen = read_revision(typed(request.form, "seen_revision")["seen_revision"])
    with transaction():
        idea = get_idea(actor(), public_id, lock=True)
        keep_support(actor(), idea, seen_revision=seen)
        is_asked = is_outdated(find_support(actor(), idea.id), idea)
    if is_asked:
        flash(_("The text changed once more in the meantime. Here is the difference."))
        return go(url_for("voting.meaning", public_id=public_id))
    flash(_("Your support stays."))
    return go(url_for("ideation.show", public_id=public_id))


def unsent_need(words: str, *, public_id: str) -> Response:
    """Return the form of a need as it was sent, with words about why it was not looked at."""
    sent = {name: request.form.get(name, "") for name in DETAILS}
    return _refuse(public_id, Told(**sent, answers=sent_answers(request.form)), Invalid({"": words}))


def _read() -> tuple[Told, str]:
    sent = typed(request.form, "look", *DETAILS, *sent_names(request.form))
    look = _read_look(sent["look"])
    return Told(**{name: sent[name] for name in DETAILS}, answers=sent_answers(sent)), look


def _read_look(look: str) -> str:
    if look not in LOOKS:
        raise Invalid({"look": _("This form has no such field.")})
    return look


def _answer(idea: Idea, look: str, *, is_supported: bool, is_kept: bool = False) -> Response:
    if not wants_fragment():
        return go(safe_next(request.form.get("next"), default=url_for("ideation.show", public_id=idea.public_id)))
    if look == "row":
        key = support_key(actor(), idea, is_supported=is_supported)
        return make_response(render_template("voting/_support.html", key=key))
    stance = find_stance(actor(), idea.id, has_origins=idea.origin_count > 0)
    beside = _is_beside_needs(idea.public_id)
    box = support_part(
        actor(), idea, stance.support, is_carried=stance.is_carried, is_kept=is_kept, is_beside_needs=beside
    )
    follow = follow_part(actor(), idea, stance.follow, hears_by_origin=stance.hears_by_origin, is_beside=True)
    return make_response(render_template("voting/_answer.html", box=box, follow=follow))


def _is_beside_needs(public_id: str) -> bool:
    """Tell whether the form was sent from the page of needs, which is where it wants to come back to."""
    return request.form.get("next") == needs_url(public_id)


def _refuse(public_id: str, told: Told, refused: Invalid) -> Response:
    beside = _is_beside_needs(public_id) or not wants_fragment()
    page = needs_page(actor(), public_id, typed=told, errors=texts_of(refused), is_beside_needs=beside)
    template = "voting/_box.html" if wants_fragment() else "voting/needs.html"
    return make_response(render_template(template, page=page, box=page.box, follow=page.follow), 422)
