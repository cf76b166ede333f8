"""Ideas: reading, proposing, editing, withdrawing."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from ideas.boards.models import Board
from ideas.boards.queries import list_boards
from ideas.core.columns import new_public_id
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Invalid
from ideas.core.policy import require
from ideas.drafting.services import finish_draft
from ideas.ideation.models import Idea
from ideas.ideation.policy import can_edit, can_withdraw
from ideas.ideation.queries import get_idea
from ideas.ideation.services import check_words, edit_idea, publish_idea, withdraw_idea
from ideas.ideation.tagging import parse_tags
from ideas.web.drafting import hold_unchanged, keep_typed
from ideas.web.forms.fields import typed
from ideas.web.forms.ideas import read_board, read_kind, read_meaning, read_revision
from ideas.web.forms.refusals import texts_of
from ideas.web.htmx import go
from ideas.web.once import made_once
from ideas.web.pages.editing import edit_page
from ideas.web.pages.idea import idea_page
from ideas.web.pages.own_fields import CIRCUMSTANCES, intake_part, sent_given, sent_names
from ideas.web.pages.proposing import Draft, propose_page
from ideas.web.pages.search import similar_part
from ideas.web.pages.versions import versions_page
from ideas.web.viewer import actor

bp = Blueprint("ideation", __name__)

#: The form of a new idea, but for what is asked beside its text.
TEXTS = ("title", "body", "kind", "board", "tags")

#: The fields of the form for changing a text.
EDITED = ("title", "body", "note", "changes_meaning", "seen_revision")


@bp.get("/ideas/<public_id>")
def show(public_id: str) -> str:
    """Show an idea with all that belongs to it."""
    page = idea_page(actor(), public_id, order=request.args.get("order"), after=request.args.get("after"))
    return render_template("ideation/show.html", page=page)


@bp.get("/propose")
def propose() -> str:
    """Show the form of a new idea; a visitor is led to sign in first."""
    actor().require_member()
    draft = Draft(
        board=request.args.get("board", ""),
        kind="problem" if request.args.get("kind") == "problem" else "idea",
        title=request.args.get("title", "")[:200],
    )
    return render_template("ideation/propose.html", page=propose_page(actor(), draft))


@bp.post("/propose")
def publish() -> AnyResponse:
    """Publish what was typed, or show its preview; refused input comes back as it was typed."""
    actor().require_member()
    asked = (*CIRCUMSTANCES, *sent_names(request.form))
    sent = typed(request.form, *TEXTS, "draft", "seen", "action", *asked)
    action = sent["action"]
    draft = Draft(
        **{name: sent[name] for name in (*TEXTS, "seen")},
        draft=sent["draft"] or new_public_id(),
        given=sent_given(sent),
        nonce=request.form.get("nonce", ""),
    )
    try:
        if action == "draft":
            return _keep(draft)
        if action == "preview":
            words = check_words(title=draft.title, body=draft.body)
            return make_response(
                render_template("ideation/propose.html", page=propose_page(actor(), draft, words=words))
            )
        location = _publish(draft)
    except Invalid as refused:
        return _propose_again(draft, texts_of(refused))
    except Conflict:
        return _propose_again(draft, {}, status=409)
    flash(_("It is published. You are told when somebody answers or comments."))
    return go(location)


@bp.get("/propose/fields")
def intake() -> str:
    """Show what a board asks beside the text of a proposal of this kind."""
    slug = request.args.get("board", "")
    board = next((one for one in list_boards(actor()) if one.slug == slug), None)
    part = intake_part(board, request.args.get("kind", ""), sent_given(request.args))
    return render_template("ideation/_intake.html", intake=part)


@bp.get("/propose/similar")
def similar() -> str:
    """Show ideas that resemble a typed title."""
    part = similar_part(actor(), request.args.get("title", "")[:200], request.args.get("board") or None)
    return render_template("search/_similar.html", similar=part)


@bp.get("/ideas/<public_id>/edit")
def edit(public_id: str) -> str:
    """Show the form for changing the text."""
    actor().require_member()
    idea = get_idea(actor(), public_id)
    require(can_edit(actor(), idea))
    return render_template("ideation/edit.html", page=edit_page(actor(), idea))


@bp.post("/ideas/<public_id>/edit")
def save(public_id: str) -> AnyResponse:
    """Store a new revision; where another one came in between, show both and keep what was typed."""
    actor().require_member()
    require(can_edit(actor(), get_idea(actor(), public_id)))
    sent = typed(request.form, *EDITED)
    seen = read_revision(sent["seen_revision"])
    try:
        with transaction():
            _edit(get_idea(actor(), public_id, lock=True), sent, seen)
    except Invalid as refused:
        return _edit_again(public_id, sent, 422, errors=texts_of(refused))
    except Conflict:
        return _edit_again(public_id, sent, 409, errors={}, met=seen)
    flash(_("Your changes are saved."))
    return go(url_for("ideation.show", public_id=public_id))


@bp.get("/ideas/<public_id>/versions")
def versions(public_id: str) -> str:
    """Show all versions: who made each, when and why."""
    page = versions_page(actor(), public_id, after=request.args.get("after"))
    return render_template("ideation/versions.html", page=page)


@bp.get("/ideas/<public_id>/withdraw")
def ask_to_withdraw(public_id: str) -> str:
    """Ask for the reason."""
    actor().require_member()
    idea = get_idea(actor(), public_id)
    require(can_withdraw(actor(), idea))
    return render_template("ideation/withdraw.html", idea=idea, reason="", errors={})


@bp.post("/ideas/<public_id>/withdraw")
def withdraw(public_id: str) -> AnyResponse:
    """Take the idea back."""
    actor().require_member()
    sent = typed(request.form, "reason")
    try:
        with transaction():
            withdraw_idea(actor(), get_idea(actor(), public_id, lock=True), reason=sent["reason"])
    except Invalid as refused:
        context = {"idea": get_idea(actor(), public_id), "reason": sent["reason"], "errors": texts_of(refused)}
        return make_response(render_template("ideation/withdraw.html", **context), 422)
    flash(_("It is withdrawn. Everybody who follows it is told."))
    return go(url_for("ideation.show", public_id=public_id))


def unsent_idea(words: str) -> Response:
    """Return the form of a new idea as it was sent, with words about why it was not looked at."""
    sent = {name: request.form.get(name, "") for name in (*TEXTS, "draft", "seen", "nonce")}
    return _propose_again(Draft(**sent, given=sent_given(request.form)), {"": words})


def unsent_revision(words: str, *, public_id: str) -> Response:
    """Return the form of a changed text as it was sent, with words about why it was not looked at."""
    require(can_edit(actor(), get_idea(actor(), public_id)))
    sent = {name: request.form.get(name, "") for name in EDITED}
    return _edit_again(public_id, sent, 422, errors={"": words})


def _propose_again(draft: Draft, errors: Mapping[str, str], *, status: int = 422) -> Response:
    page = propose_page(actor(), draft, errors=errors, is_conflict=status == 409)
    return make_response(render_template("ideation/propose.html", page=page), status)


def _keep(draft: Draft) -> AnyResponse:
    with transaction():
        location = url_for("drafting.show", public_id=keep_typed(draft).public_id)
    flash(_("It is kept as a draft. Nobody else sees it."))
    return go(location)


def _publish(draft: Draft) -> str:
    def make() -> str:
        kept = hold_unchanged(draft)
        board = _checked_board(draft)
        idea = publish_idea(
            actor(),
            board,
            kind=read_kind(draft.kind),
            title=draft.title,
            body=draft.body,
            tags=parse_tags(draft.tags),
            given=draft.given,
        )
        if kept is not None:
            finish_draft(actor(), kept, idea)
        return url_for("ideation.show", public_id=idea.public_id)

    return made_once(actor(), draft.nonce, make)


def _checked_board(draft: Draft) -> Board:
    """Return the chosen board. Raises Invalid with all that is wrong with words and board, not the first alone."""
    errors: dict[str, LazyString | str] = {}
    try:
        check_words(title=draft.title, body=draft.body)
    except Invalid as refused:
        errors.update(refused.errors)
    try:
        board = read_board(actor(), draft.board)
    except Invalid as refused:
        raise Invalid({**errors, **refused.errors}) from None
    if errors:
        raise Invalid(errors)
    return board


def _edit(idea: Idea, sent: Mapping[str, str], seen_revision: int) -> None:
    edit_idea(
        actor(),
        idea,
        title=sent["title"],
        body=sent["body"],
        note=sent["note"],
        changes_meaning=read_meaning(sent["changes_meaning"]),
        seen_revision=seen_revision,
    )


def _edit_again(
    public_id: str,
    sent: dict[str, str],
    status: int,
    *,
    errors: Mapping[str, LazyString | str],
    met: int | None = None,
) -> Response:
    idea = get_idea(actor(), public_id)
    page = edit_page(actor(), idea, typed=sent, errors=errors, met=met)
    return make_response(render_template("ideation/edit.html", page=page), status)
