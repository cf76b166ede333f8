"""Who helped, and what one person proposed and helped to build."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from ideas.web.pages.people import handle_of, list_thanked, person_page
from ideas.web.viewer import actor

bp = Blueprint("people", __name__)


@bp.get("/people")
def index() -> str:
    """Show the hall of thanks."""
    page = list_thanked(actor(), after=request.args.get("after"))
    return render_template("people/index.html", page=page, is_first="after" not in request.args)


@bp.get("/people/<handle>")
def show(handle: str) -> str:
    """Show a person."""
    return render_template("people/show.html", page=person_page(actor(), handle, after=request.args.get("after")))


@bp.get("/people/~<public_id>")
def mentioned(public_id: str) -> Response:
    """Lead from a mention to the person, whatever their handle is now."""
    return redirect(url_for("people.show", handle=handle_of(public_id)), 303)
