"""Who may be meant, while somebody types @ and a name."""

from flask import Blueprint, render_template, request

from ideas.boards.queries import get_board
from ideas.commenting.people import find_people
from ideas.ideation.queries import get_idea
from ideas.web.limits import limited
from ideas.web.viewer import actor

bp = Blueprint("mentions", __name__)

OPENED = frozenset({"GET"})


@bp.get("/ideas/<public_id>/people")
@limited("completing", methods=OPENED)
def in_idea(public_id: str) -> str:
    """Offer people for a text on the page of an idea; "internal": for one that only the staff reads."""
    actor().require_member()
    idea = get_idea(actor(), public_id)
    found = find_people(
        actor(), idea.board, request.args.get("q", ""), idea=idea, among_staff=bool(request.args.get("internal"))
    )
    return render_template("commenting/_people.html", people=found)


@bp.get("/propose/people")
@limited("completing", methods=OPENED)
def on_board() -> str:
    """Offer people for the text of a new idea; nobody before a board is chosen."""
    actor().require_member()
    slug = request.args.get("board", "")
    found = find_people(actor(), get_board(actor(), slug).board, request.args.get("q", "")) if slug else []
    return render_template("commenting/_people.html", people=found)
