"""Searching all boards one may see."""

from flask import Blueprint, Response, make_response, render_template, request

from ideas.core.db import transaction
from ideas.search.queries import Found
from ideas.search.services import needs_rebuild, queue_rebuild
from ideas.web.htmx import wants_fragment
from ideas.web.pages.search import read_asked, search_page
from ideas.web.viewer import actor

bp = Blueprint("search", __name__)


@bp.get("/search")
def index() -> Response:
    """Show what fits; htmx asking for more gets the next rows only."""
    page = search_page(actor(), read_asked(request.args))
    is_more = wants_fragment() and page.asked.offset > 0
    response = make_response(render_template("search/_rows.html" if is_more else "search/index.html", page=page))
    _mend(page.found)
    return response


def _mend(found: Found) -> None:
    """Have the index built anew where it could not be used; whoever searched has an answer already."""
    if found.is_degraded and needs_rebuild(found.unusable):
        with transaction():
            queue_rebuild(found.unusable)
