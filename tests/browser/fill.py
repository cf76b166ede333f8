"""`python -m tests.browser.fill`: make a board of the demo longer than a page, with ideas as people write them."""

from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.app import create_app
from ideas.boards.models import Board
from ideas.core.db import session
from ideas.core.settings import read_settings
from ideas.ideation.models import Idea
from tests.factories import make_idea

FILLED, COPIED = "motors", "helm"


def main() -> None:
    """Propose on one board again what was proposed on another; settings come from the environment."""
    app = create_app(read_settings())
    with app.app_context():
        board = session().scalars(select(Board).where(Board.slug == FILLED)).one()
        copied = select(Idea.title, Idea.body, Member).join(Board, Board.id == Idea.board_id)
        copied = copied.join(Member, Member.id == Idea.author_id).where(Board.slug == COPIED)
        for title, body, author in session().execute(copied).all():
            make_idea(board, author=author, title=title, body=body)


if __name__ == "__main__":
    main()
