"""What tests of feeds share: how addresses name things, and what is asked again."""

from werkzeug.test import TestResponse

from ideas.boards.models import Audience, Board
from ideas.boards.queries import get_board
from ideas.boards.services import BoardDraft, change_board
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from tests.factories.world import ROOT
from tests.web.client import Client
from tests.web.feed_rules import titles_of


def slug_of(idea: Idea) -> str:
    """Return how addresses name the board of an idea."""
    return session().get_one(Board, idea.board_id).slug


def feed_of(idea: Idea) -> str:
    """Return the address of the feed of an idea."""
    return f"/ideas/{idea.public_id}/feed.atom"


def again(client: Client, address: str, answer: TestResponse) -> TestResponse:
    """Ask once more, as a reader does that kept the answer."""
    return client.get(address, headers={"If-None-Match": answer.headers["ETag"]})


def titles_said(answer: TestResponse) -> str:
    """Return the titles of the entries as one text."""
    return "\n".join(titles_of(answer))


def close(slug: str, audience: Audience) -> None:
    """Let a board be for this audience."""
    board = get_board(ROOT, slug).board
    draft = BoardDraft(name=board.name, purpose=board.purpose, owner_id=board.owner_id or 0, audience=audience)
    with transaction():
        change_board(ROOT, get_board(ROOT, slug).board, draft)
