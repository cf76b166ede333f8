"""Choosing fixes for a problem, and taking a choice back."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.boards.models import Audience
from ideas.cocreation.models import Choice, EndedChoice
from ideas.cocreation.queries import find_choice, list_fixes_with_choices
from ideas.cocreation.services import choose_fix, unchoose_fix
from ideas.core import events
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Category
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_problem, make_staff, reload
from tests.factories.cocreation import make_choice, move_to
from tests.factories.world import ROOT


def test_the_product_manager_chooses_several_fixes_each_with_a_note(app: Flask) -> None:
    owner = make_staff()
    problem = make_problem(make_board(owner=owner))
    chosen = [make_fix(problem), make_fix(problem)]
    left, elsewhere = make_fix(problem), make_fix()
    for fix in chosen:
        make_choice(fix, by=owner, note=f"Because of {fix.title}")
    views = list_fixes_with_choices(VISITOR, problem.id)
    assert {view.fix.id: view.note for view in views} == {
        chosen[0].id: f"Because of {chosen[0].title}",
        chosen[1].id: f"Because of {chosen[1].title}",
        left.id: None,
    }
    assert reload(chosen[0]).chosen_at is not None
    assert reload(elsewhere).chosen_at is None


def test_the_reporter_chooses_a_fix_for_their_own_problem(app: Flask) -> None:
    reporter = make_member()
    fix = make_fix(make_problem(author=reporter))
    assert make_choice(fix, by=reporter).actor_id == reporter.id


def test_choosing_again_keeps_the_first_words(app: Flask) -> None:
    reporter = make_member()
    fix = make_fix(make_problem(author=reporter))
    first = make_choice(fix, by=reporter, note="First words.")
    second = make_choice(fix, by=reporter, note="Second words.")
    assert (second.id, second.note) == (first.id, "First words.")
    assert session().scalar(select(func.count()).select_from(Choice)) == 1


def test_a_choice_is_announced_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[events.Event] = []
    monkeypatch.setattr("ideas.cocreation.services.publish", heard.append)
    reporter = make_member()
    fix = make_fix(make_problem(author=reporter))
    make_choice(fix, by=reporter)
    make_choice(fix, by=reporter)
    assert [type(event).__name__ for event in heard] == ["FixChosen"]


def test_a_visitor_is_asked_to_sign_in_before_choosing(app: Flask) -> None:
    fix = make_fix()
    with pytest.raises(SignInNeeded), transaction():
        choose_fix(VISITOR, fix, note="Mine.")


@pytest.mark.parametrize("who", ["stranger", "author of the fix", "manager of another board", "moderator"])
def test_others_may_not_choose(app: Flask, who: str) -> None:
    stranger, helper, other, keeper = make_member(), make_member(), make_staff(), make_member()
    make_board(owner=other)
    fix = make_fix(make_problem(make_board(moderator=keeper)), author=helper)
    people = dict(
        zip(
            ["stranger", "author of the fix", "manager of another board", "moderator"],
            [stranger, helper, other, keeper],
            strict=True,
        )
    )
    with pytest.raises(Forbidden), transaction():
        choose_fix(actor_of(people[who]), fix, note="This one.")
    assert reload(fix).chosen_at is None


def test_fixes_on_a_board_for_staff_do_not_exist_for_customers(app: Flask) -> None:
    staff = make_staff()
    fix = make_fix(make_problem(make_board(audience=Audience.STAFF), author=staff), author=staff)
    stranger = actor_of(make_member())
    with pytest.raises(NotFound), transaction():
        choose_fix(stranger, fix, note="This one.")


@pytest.mark.parametrize("note", ["", " \n\u200b ", "x" * 1_001])
def test_a_choice_needs_words_that_fit(app: Flask, note: str) -> None:
    reporter = make_member()
    fix = make_fix(make_problem(author=reporter))
    with pytest.raises(Invalid) as refused, transaction():
        choose_fix(actor_of(reporter), fix, note=note)
    assert set(refused.value.errors) == {"note"}
    assert find_choice(fix.id) is None


def test_only_fixes_can_be_chosen(app: Flask) -> None:
    idea = make_idea()
    with pytest.raises(Conflict), transaction():
        choose_fix(ROOT, idea, note="This one.")


def test_a_hidden_fix_cannot_be_chosen(app: Flask) -> None:
    fix = make_fix()
    with transaction():
        hide_idea(ROOT, fix, reason="Dangerous.")
    with pytest.raises(Conflict), transaction():
        choose_fix(ROOT, fix, note="This one.")


def test_the_reporter_cannot_choose_once_the_problem_is_delivered_but_the_manager_can(app: Flask) -> None:
    reporter, owner = make_member(), make_staff()
    problem = make_problem(make_board(owner=owner), author=reporter)
    fix = make_fix(problem)
    move_to(problem, Category.DELIVERED)
    with pytest.raises(Forbidden), transaction():
        choose_fix(actor_of(reporter), fix, note="This one.")
    assert make_choice(fix, by=owner).actor_id == owner.id


def test_nothing_is_chosen_for_a_declined_problem(app: Flask) -> None:
    fix = make_fix(problem := make_problem())
    move_to(problem, Category.DECLINED)
    with pytest.raises(Forbidden), transaction():
        choose_fix(ROOT, fix, note="This one.")


def test_an_ended_choice_stays_on_record_with_its_words_and_the_reason(app: Flask) -> None:
    owner = make_staff("Ruth Olsen")
    problem = make_problem(make_board(owner=owner))
    fix, noise = make_fix(problem), make_fix(problem)
    make_choice(fix, by=owner, note="Quick to build.")
    make_choice(noise, by=owner)
    with transaction():
        unchoose_fix(actor_of(owner), fix, reason="It breaks the second copy.")
    assert reload(fix).chosen_at is None
    assert reload(noise).chosen_at is not None
    ended = session().scalars(select(EndedChoice)).one()
    assert (ended.fix_id, ended.note, ended.actor_id) == (fix.id, "Quick to build.", owner.id)
    views = {view.fix.id: view.ended for view in list_fixes_with_choices(VISITOR, problem.id)}
    view = views[fix.id]
    assert view is not None
    assert (view.reason, view.by) == ("It breaks the second copy.", "Ruth Olsen")


def test_taking_back_what_is_not_chosen_does_nothing(app: Flask) -> None:
    reporter = make_member()
    problem = make_problem(author=reporter)
    fix = make_fix(problem)
    with transaction():
        unchoose_fix(actor_of(reporter), fix, reason="")
    assert [view.ended for view in list_fixes_with_choices(VISITOR, problem.id)] == [None]


def test_a_choice_is_not_taken_back_without_a_reason(app: Flask) -> None:
    reporter = make_member()
    fix = make_fix(make_problem(author=reporter))
    make_choice(fix, by=reporter)
    with pytest.raises(Invalid) as refused, transaction():
        unchoose_fix(actor_of(reporter), fix, reason="no")
    assert set(refused.value.errors) == {"reason"}
    assert find_choice(fix.id) is not None


def test_the_reporter_cannot_take_back_what_the_manager_chose(app: Flask) -> None:
    reporter, owner = make_member(), make_staff()
    fix = make_fix(make_problem(make_board(owner=owner), author=reporter))
    make_choice(fix, by=owner)
    with pytest.raises(Forbidden), transaction():
        unchoose_fix(actor_of(reporter), fix, reason="I like the other one.")


def test_a_fix_can_be_chosen_again_after_it_was_given_up(app: Flask) -> None:
    reporter = make_member()
    fix = make_fix(make_problem(author=reporter))
    make_choice(fix, by=reporter)
    with transaction():
        unchoose_fix(actor_of(reporter), fix, reason="Not sure any more.")
    assert make_choice(fix, by=reporter, note="Sure now.").note == "Sure now."
