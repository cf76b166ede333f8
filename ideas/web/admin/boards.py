"""Boards: the list, opening one, changing one."""

from collections.abc import Mapping

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from ideas.boards.models import Audience, Board, Degree, Hue
from ideas.boards.queries import get_board
from ideas.boards.services import BoardDraft, change_board, open_board
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import chosen, whole_number
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import earlier_outcome, keep_outcome, new_nonce
from ideas.web.pages.admin import (
    AUDIENCE_WORDS,
    DEGREE_WORDS,
    HUE_WORDS,
    board_rows,
    handles_of,
    ids_of,
    options,
    staff_suggestions,
)
from ideas.web.viewer import actor

FIELDS = (
    "name",
    "purpose",
    "audience",
    "promise_days",
    "owner",
    "deputy",
    "degree",
    "hue",
    "cannot",
    "guidance",
    "position",
)
BLANK: Mapping[str, str] = {
    **dict.fromkeys(FIELDS, ""),
    "audience": Audience.PUBLIC,
    "promise_days": "5",
    "degree": Degree.CONSULT,
    "hue": Hue.PETROL,
    "position": "10",
}
#: Stands for somebody who is not known, so that the service refuses the field.
NOBODY = 0


@bp.get("/admin/boards")
def boards() -> str:
    """List all boards."""
    return render_template("admin/boards.html", boards=board_rows())


@bp.route("/admin/boards/new", methods=["GET", "POST"])
def new_board() -> Response:
    """Open a board."""
    if request.method == "GET":
        return _page(BLANK, nonce=new_nonce())
    form = typed(request.form, *FIELDS)
    nonce = request.form.get("nonce", "")
    try:
        location = _open(form, nonce)
    except Invalid as refused:
        return _page(form, nonce=nonce, errors=_texts(refused), status=422)
    flash(_("The board is open."))
    return htmx.go(location)


@bp.route("/admin/boards/<slug>/edit", methods=["GET", "POST"])
def edit_board(slug: str) -> Response:
    """Change a board."""
    board = get_board(actor(), slug).board
    if request.method == "GET":
        return _page(_as_form(board), board=board)
    form = typed(request.form, *FIELDS)
    try:
        with transaction():
            change_board(actor(), get_board(actor(), slug).board, _draft(form))
    except Invalid as refused:
        return _page(form, board=get_board(actor(), slug).board, errors=_texts(refused), status=422)
    flash(_("The board is changed."))
    return htmx.go(url_for("admin.boards"))


def _open(form: Mapping[str, str], nonce: str) -> str:
    with transaction():
        earlier = earlier_outcome(actor(), nonce)
        if earlier is not None:
            return earlier
        board = open_board(actor(), _draft(form))
        location = url_for("admin.roles", slug=board.slug)
        keep_outcome(actor(), nonce, location)
        return location


def _draft(form: Mapping[str, str]) -> BoardDraft:
    fields = Fields()
    audience = chosen(fields, "audience", form["audience"], Audience)
    degree = chosen(fields, "degree", form["degree"], Degree)
    hue = chosen(fields, "hue", form["hue"], Hue)
    fields.done()
    handles = {name: form[name].strip().lstrip("@").lower() for name in ("owner", "deputy")}
    ids = ids_of([handle for handle in handles.values() if handle.isprintable()])
    keepers = {name: ids.get(handle, NOBODY) if handle else None for name, handle in handles.items()}
    return BoardDraft(
        name=form["name"],
        purpose=form["purpose"],
        owner_id=keepers["owner"],
        deputy_id=keepers["deputy"],
        audience=audience,
        degree=degree,
        hue=hue,
        promise_days=whole_number(form["promise_days"]),
        cannot=form["cannot"],
        guidance=form["guidance"],
        position=whole_number(form["position"]),
    )


def _as_form(board: Board) -> dict[str, str]:
    handles = handles_of([board.owner_id, board.deputy_id])
    return {
        "name": board.name,
        "purpose": board.purpose,
        "audience": board.audience,
        "promise_days": str(board.promise_days),
        "owner": handles.get(board.owner_id or NOBODY, ""),
        "deputy": handles.get(board.deputy_id or NOBODY, ""),
        "degree": board.degree,
        "hue": board.hue,
        "cannot": board.cannot,
        "guidance": board.guidance,
        "position": str(board.position),
    }


def _texts(refused: Invalid) -> dict[str, str]:
    return texts_of(refused, owner_id="owner", deputy_id="deputy")


def _page(
    form: Mapping[str, str],
    *,
    board: Board | None = None,
    nonce: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "admin/board.html",
        form=form,
        board=board,
        nonce=nonce,
        errors=errors or {},
        staff=staff_suggestions(),
        audiences=options(AUDIENCE_WORDS),
        degrees=options(DEGREE_WORDS),
        hues=list(HUE_WORDS.items()),
    )
    return make_response(page, status)
