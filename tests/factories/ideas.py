"""Makers of ideas and what belongs to them."""

from collections.abc import Sequence
from itertools import count

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.core.db import transaction
from ideas.ideation.models import Idea, Kind
from ideas.ideation.queries import get_idea
from ideas.ideation.services import propose_fix, publish_idea
from tests.factories.people import make_member
from tests.factories.world import actor_of, make_board

_number = count(1)


def make_idea(
    board: Board | None = None,
    *,
    author: Member | None = None,
    title: str | None = None,
    body: str = "Because it would help all of us.",
    kind: Kind = Kind.IDEA,
    tags: Sequence[str] = (),
) -> Idea:
    """Return a new published idea with its board and status loaded."""
    board = board or make_board()
    actor = actor_of(author or make_member())
    with transaction():
        idea = publish_idea(
            actor, board, kind=kind, title=title or f"Make thing number {next(_number)} better", body=body, tags=tags
        )
        return get_idea(actor, idea.public_id)


def make_problem(board: Board | None = None, *, author: Member | None = None, title: str | None = None) -> Idea:
    """Return a new published problem."""
    title = title or f"Thing number {next(_number)} is broken"
    return make_idea(board, author=author, title=title, kind=Kind.PROBLEM)


def make_fix(problem: Idea | None = None, *, author: Member | None = None, is_temporary: bool = False) -> Idea:
    """Return a new fix beneath a problem (made where none is given)."""
    problem = problem or make_problem()
    actor = actor_of(author or make_member())
    with transaction():
        title, body = f"Mend it by way number {next(_number)}", "Do this and that."
        fix = propose_fix(actor, problem, title=title, body=body, is_temporary=is_temporary)
        return get_idea(actor, fix.public_id)
