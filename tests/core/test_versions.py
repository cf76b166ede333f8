"""The version of a place grows with what is shown there, in the same transaction, and with nothing else."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.services import change_profile, set_unread
from ideas.boards.models import Board
from ideas.core.db import session, transaction
from ideas.core.versions import version_of
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Idea, Status
from ideas.voting.services import cast_support
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, reload

pytestmark = pytest.mark.usefixtures("app")


def version(board: Board) -> int:
    """Return the version of a board as a page reads it."""
    session().rollback()
    return int(session().scalar(select(version_of(Board.id)).where(Board.id == board.id)) or 0)


def grows(board: Board, act: Callable[[], object]) -> bool:
    """Tell whether the version of the board is another one after the act."""
    before = version(board)
    with transaction():
        act()
    return version(board) > before


def test_a_support_raises_the_version_of_its_board_alone() -> None:
    idea, other, member = make_idea(), make_board(), make_member()
    board = reload(idea).board_id
    here = session().get_one(Board, board)
    before = version(other)
    assert grows(here, lambda: cast_support(actor_of(member), reload(idea)))
    assert version(other) == before


def test_a_comment_raises_the_version_of_the_board() -> None:
    idea = make_idea()
    board = session().get_one(Board, idea.board_id)
    before = version(board)
    make_comment(idea)
    assert version(board) > before


def test_hiding_an_idea_raises_the_version_of_its_board() -> None:
    idea, admin = make_idea(), make_admin()
    board = session().get_one(Board, idea.board_id)
    assert grows(board, lambda: hide_idea(actor_of(admin), reload(idea), reason="It names a private person."))


@pytest.mark.parametrize("change", [lambda: update(Status).values(meaning="New"), lambda: update(Idea).values(trend=1)])
def test_a_statement_that_names_no_board_raises_the_version_of_all(change: Callable[[], object]) -> None:
    make_idea()
    board = make_board()
    assert grows(board, lambda: session().execute(change()))  # type: ignore[call-overload]


def test_a_new_name_of_somebody_raises_the_version_of_all_boards() -> None:
    board, member = make_board(), make_member()
    change = {"name": "Another Name", "bio": ""}
    assert grows(board, lambda: change_profile(actor_of(member), **change))


def test_what_no_list_shows_leaves_the_version_alone() -> None:
    board, member = make_board(), make_member()
    assert not grows(board, lambda: set_unread(member.id, count=3))


def test_a_change_that_fails_leaves_the_version_alone() -> None:
    idea, member = make_idea(), make_member()
    board = session().get_one(Board, idea.board_id)
    before = version(board)
    with pytest.raises(ZeroDivisionError):
        grows(board, lambda: (cast_support(actor_of(member), reload(idea)), 1 / 0))
    assert version(board) == before
    assert not grows(board, lambda: set_unread(member.id, count=1))


def test_a_version_never_comes_again_after_the_database_was_taken_back(app: Flask) -> None:
    idea, first, second = make_idea(), make_member(), make_member()
    board = session().get_one(Board, idea.board_id)
    before = version(board)
    steps = set()
    for member in (first, second):
        assert grows(board, lambda member=member: cast_support(actor_of(member), reload(idea)))  # type: ignore[misc]
        steps.add(version(board) - before)
        before = version(board)
    assert len(steps) == 2
