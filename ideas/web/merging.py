"""Merging ideas: choosing the other one, seeing what it would do, doing it, undoing it; and saying no for oneself."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response as AnyResponse

from ideas.core.db import transaction
from ideas.core.errors import Forbidden, Invalid
from ideas.core.policy import require
from ideas.ideation.lineage import get_merge
from ideas.ideation.merging import merge_ideas, undo_merge
from ideas.ideation.models import Idea
from ideas.ideation.policy import can_moderate
from ideas.ideation.queries import get_idea
from ideas.search.grammar import QUERY_MAX
from ideas.voting.merging import hold_voice_back, let_voice_through
from ideas.web.forms.fields import typed
from ideas.web.forms.others import read_other
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go
from ideas.web.once import made_once, new_nonce
from ideas.web.pages.merging import MergePage, Typed, all_origins, merge_page, merge_shown
from ideas.web.viewer import actor

bp = Blueprint("merging", __name__)

#: An address and some white space fit.
ADDRESS_MAX = 500


@bp.get("/ideas/<public_id>/merge")
def ask(public_id: str) -> AnyResponse:
    """Show what the idea may be merged into; with one named, everything that merging would do."""
    idea = _kept(public_id)
    query, into = request.args.get("q", "")[:QUERY_MAX], request.args.get("into", "")[:ADDRESS_MAX]
    if not into.strip():
        return _page(merge_page(actor(), idea, query=query))
    return _preview(idea, Typed(into=into, nonce=new_nonce()), query=query)


@bp.post("/ideas/<public_id>/merge")
def merge(public_id: str) -> AnyResponse:
    """Merge the idea into the one that was previewed."""
    idea, form = _kept(public_id), _typed()
    try:
        location = made_once(actor(), form.nonce, lambda: _merge(public_id, form))
    except Invalid as refused:
        return _again(idea, form, refused)
    flash(_("They are merged. Everybody concerned is told."))
    return go(location)


@bp.get("/ideas/<public_id>/origins")
def origins(public_id: str) -> str:
    """Show everything that stands merged into an idea."""
    idea = get_idea(actor(), public_id)
    return render_template("merging/origins.html", idea=idea, origins=all_origins(actor(), idea))


@bp.get("/merges/<public_id>")
def show(public_id: str) -> str:
    """Show what was merged, by whom and why; supporters may choose, moderators undo."""
    return render_template("merging/show.html", page=merge_shown(actor(), public_id))


@bp.post("/merges/<public_id>/undo")
def undo(public_id: str) -> AnyResponse:
    """Let the origin be an idea of its own again."""
    actor().require_member()
    reason = typed(request.form, "reason")["reason"]
    try:
        with transaction():
            view = get_merge(actor(), public_id)
            if view.target is None:
                raise Forbidden(_l("This is for those who look after the board."))
            undo_merge(actor(), view.merge, reason=reason)
    except Invalid as refused:
        page = merge_shown(actor(), public_id, reason=reason, errors=texts_of(refused))
        return make_response(render_template("merging/show.html", page=page), 422)
    flash(_("The merge is undone. Everything is as it was."))
    return go(url_for("merging.show", public_id=public_id))


@bp.post("/merges/<public_id>/hold-back")
def hold_back(public_id: str) -> AnyResponse:
    """Do not count for the target by what was supported before."""
    actor().require_member()
    typed(request.form)
    with transaction():
        hold_voice_back(actor(), get_merge(actor(), public_id).merge)
    flash(_("Your support stays where you gave it, and is not carried over."))
    return go(url_for("merging.show", public_id=public_id))


@bp.post("/merges/<public_id>/let-through")
def let_through(public_id: str) -> AnyResponse:
    """Count for the target after all."""
    actor().require_member()
    typed(request.form)
    with transaction():
        let_voice_through(actor(), get_merge(actor(), public_id).merge)
    flash(_("Your support is carried over again."))
    return go(url_for("merging.show", public_id=public_id))


def unsent_merge(words: str, *, public_id: str) -> Response:
    """Return the form as it was sent, with words about why it was not looked at."""
    return _again(_kept(public_id), _typed(), Invalid({"": words}))


def unsent_undo(words: str, *, public_id: str) -> Response:
    """Return the form as it was sent, with words about why it was not looked at."""
    page = merge_shown(actor(), public_id, reason=request.form.get("reason", ""), errors={"": words})
    return make_response(render_template("merging/show.html", page=page), 422)


def _kept(public_id: str) -> Idea:
    """Return the idea for those who keep order on its board. Raises NotFound, SignInNeeded, Forbidden."""
    idea = get_idea(actor(), public_id)
    actor().require_member()
    require(can_moderate(actor(), idea))
    return idea


def _typed() -> Typed:
    sent = typed(request.form, "into", "reason", "is_narrower_accepted")
    return Typed(
        into=sent["into"],
        reason=sent["reason"],
        is_narrower_accepted=bool(sent["is_narrower_accepted"]),
        nonce=request.form.get("nonce", ""),
    )


def _other(into: str) -> Idea:
    try:
        return read_other(actor(), chosen="", address=into or "-")
    except Invalid as refused:
        raise Invalid({"into": refused.errors["other"]}) from None


def _merge(public_id: str, form: Typed) -> str:
    target = _other(form.into)
    if target.merged_into_id is not None:
        raise Invalid({"into": _l("That one was merged into another idea itself in the meantime. Look again.")})
    made = merge_ideas(
        actor(),
        get_idea(actor(), public_id),
        target,
        reason=form.reason,
        is_narrower_accepted=form.is_narrower_accepted,
    )
    return url_for("merging.show", public_id=made.public_id)


def _preview(idea: Idea, form: Typed, *, query: str, errors: Mapping[str, str] | None = None) -> Response:
    """Show what merging into the named idea would do; or why it may not be, with the list of others."""
    try:
        page = merge_page(actor(), idea, target=_other(form.into), query=query, typed=form, errors=errors)
    except Invalid as refused:
        told = {**texts_of(refused, target="into"), **(errors or {})}
        return _page(merge_page(actor(), idea, query=query, typed=form, errors=told), 422)
    return _page(page, 422 if errors else 200)


def _again(idea: Idea, form: Typed, refused: Invalid) -> Response:
    return _preview(get_idea(actor(), idea.public_id), form, query="", errors=texts_of(refused, target="into"))


def _page(page: MergePage, status: int = 200) -> Response:
    return make_response(render_template("merging/merge.html", page=page), status)
