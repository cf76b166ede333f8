"""Splitting an idea in two, and what its supporters want of the part."""

from dataclasses import replace

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from ideas.core.db import transaction
from ideas.core.errors import Conflict, Invalid, NotFound
from ideas.core.policy import require
from ideas.ideation.lineage import lock_ideas
from ideas.ideation.policy import can_split
from ideas.ideation.queries import get_idea
from ideas.ideation.splitting import Cut
from ideas.moderation.services import split_idea
from ideas.voting.models import SplitChoice
from ideas.voting.splitting import answer_split, get_question
from ideas.web.forms.fields import typed
from ideas.web.forms.ideas import read_revision
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go
from ideas.web.once import made_once
from ideas.web.pages.splitting import CHOICE_WORDS, CutForm, QuestionPage, cut_form
from ideas.web.viewer import actor

bp = Blueprint("splitting", __name__)


@bp.get("/ideas/<public_id>/split")
def show(public_id: str) -> str:
    """Show the text twice: what becomes an idea of its own, and what is left."""
    actor().require_member()
    idea = get_idea(actor(), public_id)
    require(can_split(actor(), idea))
    return render_template("splitting/split.html", page=cut_form(idea))


@bp.post("/ideas/<public_id>/split")
def split(public_id: str) -> AnyResponse:
    """Split the idea; what was refused, or met a newer version, comes back as it was typed."""
    actor().require_member()
    require(can_split(actor(), get_idea(actor(), public_id)))
    form = _typed_cut()
    try:
        location = made_once(actor(), form.nonce, lambda: _split(public_id, form))
    except Invalid as refused:
        return _cut_again(public_id, form, 422, errors=texts_of(refused))
    except Conflict as met:
        return _cut_again(public_id, form, 409, errors={"": met.message})
    flash(
        _("It is an idea of its own now. Everybody who supported the whole is asked once which of the two they want.")
    )
    return go(location)


@bp.get("/ideas/<public_id>/split/choice")
def ask(public_id: str) -> AnyResponse:
    """Ask a supporter of the whole what they want of the part; who is asked nothing is led to the part."""
    actor().require_member()
    page = _question(public_id)
    if page is None:
        return go(url_for("ideation.show", public_id=public_id))
    return make_response(render_template("splitting/choice.html", page=page))


@bp.post("/ideas/<public_id>/split/choice")
def answer(public_id: str) -> AnyResponse:
    """Keep what a supporter wants; who is asked nothing (any more) is led to the part."""
    actor().require_member()
    page = _question(public_id)
    sent = typed(request.form, "choice")
    if page is None:
        return go(url_for("ideation.show", public_id=public_id))
    try:
        choice = _read_choice(sent["choice"])
        with transaction():
            lock_ideas([page.part.id, page.whole.id])
            part, whole = get_idea(actor(), public_id), get_idea(actor(), page.whole.public_id)
            answer_split(actor(), whole, part, choice=choice)
    except Invalid as refused:
        return make_response(
            render_template("splitting/choice.html", page=replace(page, errors=texts_of(refused))), 422
        )
    flash(_("Thank you. You are not asked again."))
    return go(url_for("ideation.show", public_id=public_id))


def unsent_cut(words: str, *, public_id: str) -> Response:
    """Return the form of a split as it was sent, with words about why it was not looked at."""
    require(can_split(actor(), get_idea(actor(), public_id)))
    return _cut_again(public_id, _typed_cut(), 422, errors={"": words})


def _typed_cut() -> CutForm:
    sent = typed(request.form, "title", "body", "rest", "reason", "seen_revision")
    return CutForm(**sent, nonce=request.form.get("nonce", ""))


def _split(public_id: str, form: CutForm) -> str:
    idea = get_idea(actor(), public_id, lock=True)
    cut = Cut(title=form.title, body=form.body, rest=form.rest, reason=form.reason)
    part = split_idea(actor(), idea, cut, seen_revision=read_revision(form.seen_revision))
    return url_for("ideation.show", public_id=part.public_id)


def _cut_again(public_id: str, form: CutForm, status: int, *, errors: dict[str, str | LazyString]) -> Response:
    idea = get_idea(actor(), public_id)
    page = cut_form(idea, typed=form, errors=errors, is_conflict=status == 409)
    return make_response(render_template("splitting/split.html", page=page), status)


def _question(public_id: str) -> QuestionPage | None:
    part = get_idea(actor(), public_id)
    try:
        question = get_question(actor(), part)
    except NotFound:
        return None
    return QuestionPage(part=part, whole=question.whole)


def _read_choice(value: str) -> SplitChoice:
    if value in CHOICE_WORDS:
        return SplitChoice(value)
    raise Invalid({"choice": _l("Choose one of the three.")})
