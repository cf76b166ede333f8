"""Boards: the list, opening one, changing one."""

from collections.abc import Collection, Mapping

from flask import flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from ideas.boards.models import Audience, Board, Degree, Hue, Level
from ideas.boards.queries import get_board
from ideas.boards.services import BoardDraft, change_board, open_board
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import chosen, whole_number
from ideas.web.forms.fields import refuse_unknown, typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import made_once, new_nonce
from ideas.web.pages.admin import (
    AUDIENCE_WORDS,
    DEGREE_WORDS,
    HUE_WORDS,
    LEVEL_WORDS,
    board_rows,
    handles_of,
    ids_of,
    open_segments,
    options,
    segment_choices,
    staff_suggestions,
)
from ideas.web.viewer import actor

LEVELS = ("propose_level", "support_level", "comment_level")
FIELDS = (
    "name",
    "purpose",
    "audience",
    *LEVELS,
    "promise_days",
    "note_after_supports",
    "watch_days",
    "reopen_percent",
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
    **dict.fromkeys(LEVELS, Level.MEMBERS),
    "promise_days": "5",
    "note_after_supports": "5",
    "watch_days": "90",
    "reopen_percent": "20",
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
        return _page(BLANK, (), nonce=new_nonce())
    form, segments = _read(request.form)
    nonce = request.form.get("nonce", "")
    try:
        location = _open(form, segments, nonce)
    except Invalid as refused:
        return _page(form, segments, nonce=nonce, errors=_texts(refused), status=422)
    flash(_("The board is open."))
    return htmx.go(location)


@bp.route("/admin/boards/<slug>/edit", methods=["GET", "POST"])
def edit_board(slug: str) -> Response:
    """Change a board."""
    board = get_board(actor(), slug).board
    if request.method == "GET":
        return _page(_as_form(board), open_segments(board.id), board=board)
    form, segments = _read(request.form)
    try:
        with transaction():
            change_board(actor(), get_board(actor(), slug).board, _draft(form, segments))
    except Invalid as refused:
        return _page(form, segments, board=get_board(actor(), slug).board, errors=_texts(refused), status=422)
    flash(_("The board is changed."))
    return htmx.go(url_for("admin.boards"))


def _read(form: MultiDict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return what was typed and the keys of the chosen segments, of which there may be several."""
    refuse_unknown(form, *FIELDS, "segments")
    single = MultiDict((name, text) for name, text in form.items(multi=True) if name != "segments")
    return typed(single, *FIELDS), form.getlist("segments")


def _open(form: Mapping[str, str], segments: Collection[str], nonce: str) -> str:
    def make() -> str:
        return url_for("admin.roles", slug=open_board(actor(), _draft(form, segments)).slug)

    return made_once(actor(), nonce, make)


def _draft(form: Mapping[str, str], segments: Collection[str]) -> BoardDraft:
    fields = Fields()
    audience = chosen(fields, "audience", form["audience"], Audience)
    levels = {name: chosen(fields, name, form[name], Level) for name in LEVELS}
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
        segment_ids=frozenset(map(whole_number, segments)),
        **levels,
        degree=degree,
        hue=hue,
        promise_days=whole_number(form["promise_days"]),
        note_after_supports=whole_number(form["note_after_supports"]),
        watch_days=whole_number(form["watch_days"]),
        reopen_percent=whole_number(form["reopen_percent"]),
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
        **{name: getattr(board, name) for name in LEVELS},
        "promise_days": str(board.promise_days),
        "note_after_supports": str(board.note_after_supports),
        "watch_days": str(board.watch_days),
        "reopen_percent": str(board.reopen_percent),
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
    segments: Collection[str],
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
        levels=options(LEVEL_WORDS),
        segments=segment_choices(),
        chosen_segments=segments,
        degrees=options(DEGREE_WORDS),
        hues=list(HUE_WORDS.items()),
    )
    return make_response(page, status)
