"""All boards, and one board with its ideas."""

from flask import Blueprint, Response, make_response, render_template, request

from ideas.web.htmx import wants_fragment
from ideas.web.pages.board import board_page, read_choice
from ideas.web.pages.home import board_cards
from ideas.web.viewer import actor

bp = Blueprint("boards", __name__)


@bp.get("/boards")
def index() -> str:
    """Show all boards with their purpose and pulse."""
    return render_template("boards/index.html", cards=board_cards(actor()))


@bp.get("/boards/<slug>")
def show(slug: str) -> Response:
    """Show a board; htmx asking for more gets the next rows only."""
    page = board_page(actor(), slug, read_choice(request.args))
    is_more = wants_fragment() and not page.is_first
    return make_response(render_template("boards/_rows.html" if is_more else "boards/show.html", page=page))
