"""Saying how one sees a problem happen."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.models import AuditEntry
from ideas.cocreation.events import ProblemReproduced, ReproductionTakenBack
from ideas.cocreation.models import Reproduction
from ideas.cocreation.reproducing import (
    find_reproduction,
    list_reproductions,
    remove_reproduction,
    reproduce,
    take_back_reproduction,
)
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, Invalid, SignInNeeded
from ideas.core.events import Event
from ideas.core.policy import VISITOR
from ideas.ideation.keeping import lock_idea
from ideas.ideation.models import Idea
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_problem
from tests.factories.cocreation import deliver, make_reproduction
from tests.factories.world import ROOT


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    found: list[Event] = []
    monkeypatch.setattr("ideas.cocreation.reproducing.publish", found.append)
    return found


def test_each_person_has_one_word_which_may_be_said_anew(app: Flask, heard: list[Event]) -> None:
    problem, noise = make_problem(), make_problem()
    one, other = make_member(), make_member()
    for member, steps in ((one, "Press twice and wait."), (other, "Press thrice and wait."), (one, "Press once only.")):
        make_reproduction(problem, by=member, steps=steps)
    make_reproduction(noise, by=one)
    assert [(item.member.id, item.steps) for item in list_reproductions(problem.id)] == [
        (one.id, "Press once only."),
        (other.id, "Press thrice and wait."),
    ]
    assert [type(event) for event in heard] == [ProblemReproduced] * 3


def test_taking_it_back_leaves_that_of_others_and_again_does_nothing(app: Flask, heard: list[Event]) -> None:
    problem, one = make_problem(), make_member()
    make_reproduction(problem, by=one)
    kept = make_reproduction(problem)
    with transaction():
        assert take_back_reproduction(actor_of(one), problem)
        assert not take_back_reproduction(actor_of(one), problem)
    assert [item.public_id for item in list_reproductions(problem.id)] == [kept.public_id]
    assert [type(event) for event in heard].count(ReproductionTakenBack) == 1
    assert find_reproduction(actor_of(one), problem) is None
    assert find_reproduction(VISITOR, problem) is None


def test_whoever_keeps_order_removes_one_and_that_is_on_record(app: Flask) -> None:
    moderator, stranger = make_member(), make_member()
    problem = make_problem(make_board(moderator=moderator))
    bad, elsewhere = make_reproduction(problem), make_reproduction(make_problem())
    with pytest.raises(Forbidden), transaction():
        remove_reproduction(actor_of(stranger), problem, public_id=bad.public_id)
    with transaction():
        keeper = actor_of(moderator)
        assert remove_reproduction(keeper, problem, public_id=bad.public_id)
        assert not remove_reproduction(keeper, problem, public_id=elsewhere.public_id)
    assert list_reproductions(problem.id) == []
    assert session().scalar(select(func.count()).select_from(Reproduction)) == 1
    act = session().scalars(select(AuditEntry).where(AuditEntry.act == "reproduction.removed")).one()
    assert (act.actor_id, act.member_id, act.subject_id) == (moderator.id, bad.member_id, problem.id)


def test_its_reporter_visitors_and_nobody_else_are_kept_from_an_open_problem(app: Flask) -> None:
    author = make_member()
    problem = make_problem(author=author)
    with pytest.raises(Forbidden), transaction():
        reproduce(actor_of(author), problem, steps="Open it, then press the button.")
    with pytest.raises(SignInNeeded), transaction():
        reproduce(VISITOR, problem, steps="Open it, then press the button.")
    assert make_reproduction(problem).problem_id == problem.id


def test_only_open_problems_that_are_not_locked_are_reproduced(app: Flask) -> None:
    locked = make_problem()
    with transaction():
        lock_idea(ROOT, session().get_one(Idea, locked.id), is_locked=True)
    for idea in (make_idea(), make_fix(make_problem()), deliver(make_problem()), locked):
        with pytest.raises(Forbidden):
            make_reproduction(idea)


@pytest.mark.parametrize("steps", ["", "too short", "\u200b" * 40, "x" * 3_001])
def test_steps_say_enough_and_not_too_much(app: Flask, steps: str) -> None:
    with pytest.raises(Invalid) as refused:
        make_reproduction(make_problem(), steps=steps)
    assert set(refused.value.errors) == {"steps"}
