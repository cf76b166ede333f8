"""Fixes of problems that were merged: shown with the problem that speaks for them now."""

import pytest
from flask import Flask

from ideas.cocreation.queries import list_fixes_with_choices
from ideas.core.errors import Conflict
from ideas.core.policy import VISITOR
from tests.factories import make_board, make_fix, make_idea, make_problem, make_staff
from tests.factories.cocreation import make_choice
from tests.factories.merging import make_merge, unmake_merge


def fixes_of(problem_id: int) -> set[int]:
    return {view.fix.id for view in list_fixes_with_choices(VISITOR, problem_id)}


def test_fixes_of_a_merged_problem_are_shown_with_the_one_it_went_into(app: Flask) -> None:
    board = make_board()
    origin, target = make_problem(board), make_problem(board)
    old, own, same = make_fix(origin), make_fix(target), make_fix(target)
    make_fix(make_problem(board))
    make_idea(board)
    merge = make_merge(origin, target)
    assert fixes_of(target.id) == {old.id, own.id, same.id}
    assert fixes_of(origin.id) == {old.id}
    make_merge(same, own)
    assert fixes_of(target.id) == {old.id, own.id}
    unmake_merge(merge)
    assert fixes_of(target.id) == {own.id}


def test_a_fix_that_was_merged_is_not_chosen(app: Flask) -> None:
    manager = make_staff()
    problem = make_problem(make_board(owner=manager))
    same, own = make_fix(problem), make_fix(problem)
    make_merge(same, own)
    with pytest.raises(Conflict):
        make_choice(same, by=manager)
    make_choice(own, by=manager)
