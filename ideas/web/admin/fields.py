"""A board's own fields: what it asks beside the text of a proposal, and of those whom a problem hits."""

from collections.abc import Mapping

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from ideas.boards.fields import FieldDraft, change_field, get_field, list_fields, new_field, retire_field
from ideas.boards.models import Board, BoardField, FieldKind, FieldUse
from ideas.boards.queries import board_by_id, get_board
from ideas.core.db import transaction
from ideas.core.errors import Conflict, Invalid
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import chosen, is_ticked, whole_number
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import made_once, new_nonce
from ideas.web.pages.admin import options
from ideas.web.pages.own_fields import KIND_WORDS, USE_WORDS
from ideas.web.viewer import actor

FIELDS = ("label", "hint", "kind", "options", "is_required", "applies_to", "position")
BLANK: Mapping[str, str] = {
    **dict.fromkeys(FIELDS, ""),
    "kind": FieldKind.TEXT,
    "applies_to": FieldUse.PROBLEMS,
    "position": "10",
}


@bp.get("/admin/boards/<slug>/fields")
def fields(slug: str) -> str:
    """List what a board asks."""
    board = get_board(actor(), slug).board
    found = list_fields(board.id, with_retired=True)
    return render_template("admin/fields.html", board=board, fields=found, kinds=KIND_WORDS, uses=USE_WORDS)


@bp.route("/admin/boards/<slug>/fields/new", methods=["GET", "POST"])
def new_own_field(slug: str) -> Response:
    """Have a board ask one thing more."""
    board = get_board(actor(), slug).board
    if request.method == "GET":
        return _page(board, BLANK, nonce=new_nonce())
    form, nonce = typed(request.form, *FIELDS), request.form.get("nonce", "")
    try:
        location = _add(slug, form, nonce)
    except Invalid as refused:
        return _again(slug, form, texts_of(refused), nonce=nonce)
    except Conflict as refused:
        return _again(slug, form, {"": str(refused.message)}, nonce=nonce, status=409)
    flash(_("The field is asked from now on."))
    return htmx.go(location)


@bp.route("/admin/fields/<number>/edit", methods=["GET", "POST"])
def edit_own_field(number: str) -> Response:
    """Change what a field says."""
    field = get_field(number)
    board = board_by_id(field.board_id)
    if request.method == "GET":
        return _page(board, _as_form(field), field=field)
    form = {**typed(request.form, *FIELDS), "kind": field.kind.value}
    try:
        with transaction():
            change_field(actor(), get_field(number), _draft(form))
    except Invalid as refused:
        return _again(board_by_id(field.board_id).slug, form, texts_of(refused), number=number)
    flash(_("The field is changed."))
    return htmx.go(url_for("admin.fields", slug=board_by_id(field.board_id).slug))


@bp.post("/admin/fields/<number>/retire")
def retire_own_field(number: str) -> Response:
    """Ask a field no longer, or again."""
    sent = typed(request.form, "retired")
    with transaction():
        field = get_field(number)
        retire_field(actor(), field, is_retired=is_ticked(sent["retired"]))
        slug = board_by_id(field.board_id).slug
    flash(_("It is asked no longer. What was answered stays.") if sent["retired"] else _("It is asked again."))
    return htmx.go(url_for("admin.fields", slug=slug))


def _add(slug: str, form: Mapping[str, str], nonce: str) -> str:
    def make() -> str:
        new_field(actor(), get_board(actor(), slug).board, _draft(form))
        return url_for("admin.fields", slug=slug)

    return made_once(actor(), nonce, make)


def _draft(form: Mapping[str, str]) -> FieldDraft:
    fields = Fields()
    kind = chosen(fields, "kind", form["kind"], FieldKind)
    use = chosen(fields, "applies_to", form["applies_to"], FieldUse)
    fields.done()
    return FieldDraft(
        label=form["label"],
        hint=form["hint"],
        kind=kind,
        options=form["options"],
        is_required=is_ticked(form["is_required"]),
        applies_to=use,
        position=whole_number(form["position"]),
    )


def _as_form(field: BoardField) -> dict[str, str]:
    return {
        "label": field.label,
        "hint": field.hint,
        "kind": field.kind,
        "options": field.options,
        "is_required": "y" if field.is_required else "",
        "applies_to": field.applies_to,
        "position": str(field.position),
    }


def _again(
    slug: str,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    number: str = "",
    nonce: str = "",
    status: int = 422,
) -> Response:
    board = get_board(actor(), slug).board
    field = get_field(number) if number else None
    return _page(board, form, field=field, nonce=nonce, errors=errors, status=status)


def _page(
    board: Board,
    form: Mapping[str, str],
    *,
    field: BoardField | None = None,
    nonce: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "admin/field.html",
        board=board,
        field=field,
        form=form,
        nonce=nonce,
        errors=errors or {},
        kinds=options(KIND_WORDS),
        uses=options(USE_WORDS),
        words=KIND_WORDS,
    )
    return make_response(page, status)
