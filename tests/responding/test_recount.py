"""Recounting what answers have counted."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.responding.models import Response
from ideas.responding.recount import recount_boards, repair, wrong_totals
from tests.factories import make_board, make_fix, make_idea, make_staff, reload
from tests.factories.responding import make_product_manager, make_response, refreshed

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def answered(app: Flask) -> Idea:
    """An idea answered in time, beside one answered by its author only, a fix, and one never answered."""
    owner = make_staff()
    board = make_board(owner=owner)
    make_response(make_idea(board, author=owner), by=owner)
    make_response(make_fix())
    make_idea(board)
    idea = make_idea(board)
    make_response(idea)
    make_response(idea)
    return idea


def test_what_the_services_counted_is_what_is_recounted(answered: Idea) -> None:
    assert wrong_totals() == []


@pytest.mark.parametrize(
    ("column", "value"), [("response_count", 7), ("first_response_at", None), ("last_response_at", MONDAY)]
)
def test_a_wrong_total_of_an_idea_is_found_and_mended(answered: Idea, column: str, value: object) -> None:
    with transaction():
        session().execute(update(Idea).where(Idea.id == answered.id).values({column: value}))
    assert (f"idea.{column}", str(answered.id)) in {(found.total, found.subject) for found in wrong_totals()}
    with transaction():
        repair()
    assert wrong_totals() == []
    assert refreshed(answered).response_count == 2


def test_a_wrong_total_of_a_board_is_found_and_mended(answered: Idea) -> None:
    with transaction():
        session().execute(update(Board).values(answered_count=9, in_time_count=4))
    found = {found.total for found in wrong_totals()}
    assert found == {"board.answered_count", "board.in_time_count"}
    with transaction():
        repair()
    assert wrong_totals() == []
    board = reload(session().get_one(Board, answered.board_id))
    assert (board.answered_count, board.in_time_count) == (1, 1)


def test_only_the_ideas_named_are_mended(answered: Idea) -> None:
    noise = make_idea()
    with transaction():
        session().execute(update(Idea).values(response_count=9))
        repair(idea_ids=[answered.id])
    assert refreshed(answered).response_count == 2
    assert refreshed(noise).response_count == 9


def test_answers_whose_author_is_not_known_count_as_awaited(answered: Idea) -> None:
    with transaction():
        session().execute(update(Idea).values(author_id=None))
        session().execute(update(Response).values(author_id=None))
        repair()
    board = reload(session().get_one(Board, answered.board_id))
    assert board.answered_count == 2


def test_a_changed_promise_is_held_against_the_answers_given(app: Flask) -> None:
    board = make_board(promise_days=5)
    with clock.frozen(MONDAY):
        idea = make_idea(board)
    with clock.frozen(MONDAY + timedelta(days=3)):
        make_response(idea)
    with transaction():
        session().execute(update(Board).where(Board.id == board.id).values(promise_days=2))
        recount_boards()
    board = reload(board)
    assert (board.answered_count, board.in_time_count) == (1, 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.sampled_from([None, "planned"])), max_size=6))
def test_however_ideas_are_answered_the_totals_agree(app: Flask, steps: list[tuple[bool, int, str | None]]) -> None:
    owner = make_staff()
    with clock.frozen(MONDAY):
        idea = make_idea(make_board(owner=owner), author=owner)
        other = make_product_manager(idea)
    for by_author, days, status in sorted(steps, key=lambda step: step[1]):
        with clock.frozen(MONDAY + timedelta(days=days)):
            make_response(idea, by=owner if by_author else other, status=status)
    assert wrong_totals() == []
