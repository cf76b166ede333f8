"""Versions of an idea's text: two of them beside each other, and who wrote what."""

from flask import Blueprint, render_template, request

from ideas.web.forms.ideas import read_version
from ideas.web.limits import limiter
from ideas.web.pages.versions import compare_page, written_page
from ideas.web.viewer import actor

bp = Blueprint("versions", __name__)


@bp.get("/ideas/<public_id>/versions/compare")
def compare(public_id: str) -> str:
    """Show two versions beside each other; without a choice what the latest one changed."""
    limiter.count("comparing")
    old, new = (read_version(request.args.get(name, "")) for name in ("old", "new"))
    return render_template("ideation/compare.html", page=compare_page(actor(), public_id, old=old, new=new))


@bp.get("/ideas/<public_id>/versions/written")
def written(public_id: str) -> str:
    """Show who wrote what of the present text."""
    limiter.count("comparing")
    return render_template("ideation/written.html", page=written_page(actor(), public_id))
