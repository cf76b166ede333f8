"""Statuses: the list, adding one, rewording one."""

from collections.abc import Mapping
from typing import TypedDict

from flask import flash, make_response, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from werkzeug import Response

from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.fields import Fields
from ideas.ideation.models import Category, Status
from ideas.ideation.queries import get_status
from ideas.ideation.statuses import add_status, change_status
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.admin.forms import chosen, is_ticked, whole_number
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import made_once, new_nonce
from ideas.web.pages.admin import CATEGORY_WORDS, options, status_rows
from ideas.web.viewer import actor

FIELDS = ("name", "meaning", "owes_answer", "position")


class Words(TypedDict):
    """What may be changed of a status at any time."""

    name: str
    meaning: str
    owes_answer: bool
    position: int


@bp.get("/admin/statuses")
def statuses() -> str:
    """List all statuses."""
    return render_template("admin/statuses.html", statuses=status_rows(), words=_category_names())


@bp.route("/admin/statuses/new", methods=["GET", "POST"])
def new_status() -> Response:
    """Add a status."""
    if request.method == "GET":
        blank = {"name": "", "meaning": "", "owes_answer": "", "category": Category.OPEN, "position": "10"}
        return _page(blank, nonce=new_nonce())
    form = typed(request.form, *FIELDS, "category")
    nonce = request.form.get("nonce", "")
    try:
        location = _add(form, nonce)
    except Invalid as refused:
        return _page(form, nonce=nonce, errors=texts_of(refused), status=422)
    flash(_("The status is added."))
    return htmx.go(location)


@bp.route("/admin/statuses/<slug>/edit", methods=["GET", "POST"])
def edit_status(slug: str) -> Response:
    """Reword a status."""
    status = get_status(slug)
    if request.method == "GET":
        return _page(_as_form(status), subject=status)
    form = typed(request.form, *FIELDS)
    try:
        with transaction():
            change_status(actor(), get_status(slug), **_words(form))
    except Invalid as refused:
        return _page(form, subject=get_status(slug), errors=texts_of(refused), status=422)
    flash(_("The status is changed."))
    return htmx.go(url_for("admin.statuses"))


def _add(form: Mapping[str, str], nonce: str) -> str:
    fields = Fields()
    category = chosen(fields, "category", form["category"], Category)
    fields.done()

    def make() -> str:
        add_status(actor(), category=category, **_words(form))
        return url_for("admin.statuses")

    return made_once(actor(), nonce, make)


def _words(form: Mapping[str, str]) -> Words:
    return Words(
        name=form["name"],
        meaning=form["meaning"],
        owes_answer=is_ticked(form["owes_answer"]),
        position=whole_number(form["position"]),
    )


def _as_form(status: Status) -> dict[str, str]:
    return {
        "name": status.name,
        "meaning": status.meaning,
        "owes_answer": "y" if status.owes_answer else "",
        "position": str(status.position),
    }


def _category_names() -> dict[Category, LazyString]:
    return {category: name for category, (name, _hint) in CATEGORY_WORDS.items()}


def _page(
    form: Mapping[str, str],
    *,
    subject: Status | None = None,
    nonce: str = "",
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = render_template(
        "admin/status.html",
        form=form,
        status=subject,
        nonce=nonce,
        errors=errors or {},
        categories=options(CATEGORY_WORDS),
        words=_category_names(),
    )
    return make_response(page, status)
