"""Deliveries of problems: how long they are watched, and which count as having stayed fixed."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from ideas.boards.models import Board
from ideas.cocreation.confirming import opens_again
from ideas.cocreation.deliveries import StayFixed, find_delivery, stay_fixed_of
from ideas.cocreation.models import Verdict
from ideas.cocreation.recurrence import judge_recurrence
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Category, Idea
from tests.factories import actor_of, make_board, make_problem, make_staff
from tests.factories.cocreation import deliver, make_confirmation, make_hit, make_recurrence, move_to
from tests.factories.world import ROOT

NOW = clock.now()


def delivered(board: Board, *, days_ago: int) -> Idea:
    with clock.frozen(NOW - timedelta(days=days_ago)):
        return deliver(make_problem(board))


def counted(board: Board) -> StayFixed:
    with clock.frozen(NOW):
        return stay_fixed_of([board])[board.id]


def test_only_deliveries_whose_watch_is_over_count_and_what_came_back_counts_against_them(app: Flask) -> None:
    board, noise = make_board(), make_board()
    delivered(board, days_ago=100)
    came_back = delivered(board, days_ago=120)
    with clock.frozen(NOW - timedelta(days=100)):
        move_to(came_back, Category.IN_PROGRESS)
    delivered(board, days_ago=20)
    young = delivered(board, days_ago=30)
    with clock.frozen(NOW - timedelta(days=2)):
        move_to(young, Category.OPEN)
    delivered(noise, days_ago=100)
    assert counted(board) == StayFixed(stayed=1, came_back=1, watched=2, watched_back=1)
    assert counted(board).percent == 50


def test_what_is_opened_again_after_the_watch_stayed_fixed(app: Flask) -> None:
    board = make_board()
    problem = delivered(board, days_ago=120)
    with clock.frozen(NOW - timedelta(days=10)):
        move_to(problem, Category.IN_PROGRESS)
    assert counted(board) == StayFixed(stayed=1)


def test_a_second_delivery_counts_beside_the_first(app: Flask) -> None:
    board = make_board()
    problem = delivered(board, days_ago=200)
    with clock.frozen(NOW - timedelta(days=190)):
        move_to(problem, Category.IN_PROGRESS)
    with clock.frozen(NOW - timedelta(days=180)):
        deliver(problem)
    assert counted(board) == StayFixed(stayed=1, came_back=1)


def test_a_recurrence_counts_only_where_the_staff_says_yes(app: Flask) -> None:
    owner = make_staff()
    board = make_board(owner=owner)
    fixed, other = delivered(board, days_ago=100), delivered(board, days_ago=100)
    yes, no = make_recurrence(make_problem(board), fixed), make_recurrence(make_problem(board), other)
    with transaction() as current:
        for pair, answer in ((yes, True), (no, False)):
            found = current.merge(pair)
            judge_recurrence(actor_of(owner), found, has_come_back=answer, note="Looked at both.")
    assert counted(board) == StayFixed(stayed=1, came_back=1)


def test_hidden_problems_ideas_and_deliveries_of_more_than_a_year_ago_are_left_out(app: Flask) -> None:
    board = make_board()
    hidden = delivered(board, days_ago=100)
    with transaction():
        hide_idea(ROOT, session().get_one(Idea, hidden.id), reason="Names a person.")
    delivered(board, days_ago=500)
    assert counted(board) == StayFixed()
    assert counted(board).percent is None


def test_no_boards_have_no_counts(app: Flask) -> None:
    assert stay_fixed_of([]) == {}


def test_the_latest_delivery_is_watched_for_the_days_of_its_board(app: Flask) -> None:
    problem = delivered(make_board(), days_ago=50)
    with clock.frozen(NOW):
        found = find_delivery(problem, watch_days=90)
        assert found is not None
        assert (found.delivered_at, found.watched_until) == (NOW - timedelta(days=50), NOW + timedelta(days=40))
        assert found.is_watched
        short = find_delivery(problem, watch_days=40)
        assert short is not None
        assert not short.is_watched
    assert find_delivery(make_problem(), watch_days=90) is None


def test_one_word_among_the_first_five_opens_again_and_afterwards_a_fifth(app: Flask) -> None:
    assert all(opens_again(not_fixed=1, words=words, percent=20) for words in range(1, 6))
    assert not opens_again(not_fixed=1, words=6, percent=20)
    assert opens_again(not_fixed=2, words=10, percent=20)
    assert not opens_again(not_fixed=2, words=11, percent=20)


@pytest.mark.once
@given(st.integers(0, 500), st.integers(1, 500), st.integers(1, 100))
def test_more_of_not_fixed_never_opens_less(not_fixed: int, words: int, percent: int) -> None:
    opens = opens_again(not_fixed=min(not_fixed, words), words=words, percent=percent)
    assert not opens or opens_again(not_fixed=min(not_fixed + 1, words), words=words, percent=percent)
    assert not opens_again(not_fixed=0, words=words, percent=percent)
    assert opens_again(not_fixed=words, words=words, percent=percent)


def test_below_the_threshold_a_problem_stays_delivered_and_the_next_word_may_open_it(app: Flask) -> None:
    problem = make_problem()
    hits = [make_hit(problem) for _ in range(7)]
    deliver(problem)
    for member in hits[:5]:
        make_confirmation(problem, by=member)
    make_confirmation(problem, by=hits[5], verdict=Verdict.NOT_FIXED, note="Still twice in one shop.")
    assert session().get_one(Idea, problem.id, populate_existing=True).category is Category.DELIVERED
    make_confirmation(problem, by=hits[6], verdict=Verdict.NOT_FIXED, note="Still there every Monday.")
    assert session().get_one(Idea, problem.id, populate_existing=True).category is Category.IN_PROGRESS
