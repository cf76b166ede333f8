"""New problems beside fixed ones that are watched: which are found, who judges, who sees it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import AuditEntry, Member
from ideas.cocreation.models import Recurrence, RecurrenceState
from ideas.cocreation.recurrence import Watched, get_recurrence, judge_recurrence, list_recurrences, list_watched
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, Invalid, NotFound
from ideas.core.policy import VISITOR
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Category, Idea
from ideas.responding.queue import Lane, Scope, list_lane
from ideas.search.recurrences import alike, find_recurrences
from tests.factories import actor_of, make_board, make_idea, make_member, make_problem, make_staff
from tests.factories.cocreation import deliver, make_recurrence, move_to
from tests.factories.world import ROOT

NOW = clock.now()

ALIKE = [
    ("Printer jams on thick paper", "Paper jams in the printer when it is thick"),
    ("The app loses my route when the tunnel begins", "App loses route in tunnels"),
    ("Login page is blank on Firefox", "Blank login page in Firefox 121"),
    ("Stock count is wrong after a restart", "Wrong stock after restarting the scanner"),
]
UNLIKE = [
    ("The map is slow", "The printer is slow"),
    ("Scanner loses stock count", "Scanner battery is empty after an hour"),
    ("Driver gets no message", "Driver cannot see the map"),
    ("", "Printer jams on thick paper"),
]


def pairs() -> list[tuple[int, int, RecurrenceState]]:
    query = select(Recurrence.problem_id, Recurrence.fixed_id, Recurrence.state).order_by(Recurrence.id)
    return [(row.problem_id, row.fixed_id, row.state) for row in session().execute(query)]


def judge(member: Member, pair: Recurrence, *, has_come_back: bool = True, note: str = "Looked at both.") -> None:
    with transaction():
        found = get_recurrence(actor_of(member), pair.public_id, lock=True)
        judge_recurrence(actor_of(member), found, has_come_back=has_come_back, note=note)


@pytest.mark.once
@pytest.mark.parametrize(("title", "other"), ALIKE)
def test_titles_that_say_the_same_are_alike_both_ways(title: str, other: str) -> None:
    assert alike(title, "", [Watched(id=1, change_id=1, title=other, excerpt="")])
    assert alike(other, "", [Watched(id=1, change_id=1, title=title, excerpt="")])


@pytest.mark.once
@pytest.mark.parametrize(("title", "other"), UNLIKE)
def test_one_word_in_common_is_not_likeness(title: str, other: str) -> None:
    assert alike(title, "", [Watched(id=1, change_id=1, title=other, excerpt="")]) == []


def test_a_new_problem_is_compared_with_the_fixed_ones_of_its_board_that_are_watched(
    app: Flask, drain: Callable[[], int]
) -> None:
    board, elsewhere = make_board(), make_board()
    title = "Printer jams on thick paper"
    with clock.frozen(NOW - timedelta(days=91)):
        deliver(make_problem(board, title=title))
    with clock.frozen(NOW - timedelta(days=1)):
        fixed, later = make_problem(board, title=title), make_problem(board, title=title)
        make_problem(board, title=title), move_to(make_problem(board, title=title), Category.PLANNED)
        deliver(make_problem(elsewhere, title=title)), deliver(make_idea(board, title=title))
        deliver(make_problem(board, title="The map is slow in winter"))
    deliver(fixed)
    drain()
    session().rollback()
    assert pairs() == []
    new = make_problem(board, title="Paper jams in the printer when it is thick")
    make_idea(board, title="Paper jams in the printer when it is thick")
    drain()
    assert pairs() == [(new.id, fixed.id, RecurrenceState.OPEN)]
    found = list_lane(ROOT, Scope(boards=[board]), Lane.RECURRING)
    assert [row.id for row in found.items] == [new.id]
    find_recurrences({"idea_id": new.id})
    assert len(pairs()) == 1
    deliver(later)
    find_recurrences({"idea_id": new.id})
    assert len(pairs()) == 1


def test_nothing_is_found_for_a_problem_that_is_hidden_by_then(app: Flask, drain: Callable[[], int]) -> None:
    board = make_board()
    deliver(make_problem(board, title="Printer jams on thick paper"))
    new = make_problem(board, title="Printer jams on thick paper")
    with transaction():
        hide_idea(ROOT, session().get_one(Idea, new.id), reason="Names a person.")
    drain()
    assert pairs() == []


def test_a_problem_delivered_twice_is_watched_once_by_its_latest_delivery(app: Flask) -> None:
    board = make_board()
    problem = make_problem(board)
    for category in (Category.DELIVERED, Category.IN_PROGRESS, Category.DELIVERED):
        move_to(problem, category)
    watched = list_watched(make_problem(board), board)
    assert [one.id for one in watched] == [problem.id]


def test_whoever_looks_after_the_board_judges_and_every_judgement_is_on_record(app: Flask) -> None:
    owner = make_staff()
    board = make_board(owner=owner)
    pair = make_recurrence(make_problem(board), deliver(make_problem(board)))
    for answer, note in (
        (True, "The same part broke."),
        (False, "It is another machine."),
        (False, "It is another machine."),
    ):
        judge(owner, pair, has_come_back=answer, note=note)
    kept = session().get_one(Recurrence, pair.id, populate_existing=True)
    assert (kept.state, kept.note, kept.decided_by_id) == (RecurrenceState.NO, "It is another machine.", owner.id)
    acts = session().scalars(select(AuditEntry).where(AuditEntry.act == "recurrence.judged").order_by(AuditEntry.id))
    assert [(act.before["state"], act.after["state"]) for act in acts] == [("open", "yes"), ("yes", "no")]


def test_others_may_not_judge_and_reasons_are_needed(app: Flask) -> None:
    owner = make_staff()
    board = make_board(owner=owner)
    pair = make_recurrence(make_problem(board), deliver(make_problem(board)))
    for stranger in (make_staff(), make_member()):
        with pytest.raises(Forbidden):
            judge(stranger, pair, note="Because.")
    with pytest.raises(Invalid) as refused:
        judge(owner, pair, note="")
    assert set(refused.value.errors) == {"note"}
    assert pairs()[0][2] is RecurrenceState.OPEN


def test_the_public_sees_what_came_back_and_the_staff_what_is_open_or_was_denied(app: Flask) -> None:
    owner = make_staff()
    board = make_board(owner=owner)
    fixed = deliver(make_problem(board))
    answers = {"yes": True, "no": False, "open": None}
    new = {name: make_problem(board) for name in answers}
    for name, answer in answers.items():
        pair = make_recurrence(new[name], fixed)
        if answer is not None:
            judge(owner, pair, has_come_back=answer)
    assert [one.other_public_id for one in list_recurrences(VISITOR, fixed)] == [new["yes"].public_id]
    assert [one.other_public_id for one in list_recurrences(VISITOR, new["yes"])] == [fixed.public_id]
    assert list_recurrences(actor_of(make_member()), new["open"]) == []
    assert {one.other_public_id for one in list_recurrences(actor_of(owner), fixed)} == {
        one.public_id for one in new.values()
    }


def test_a_pair_is_there_only_for_who_sees_both(app: Flask) -> None:
    owner = make_staff()
    board = make_board(owner=owner)
    fixed, new = deliver(make_problem(board)), make_problem(board)
    pair = make_recurrence(new, fixed)
    judge(owner, pair)
    with transaction():
        hide_idea(ROOT, session().get_one(Idea, fixed.id), reason="Names a person.")
    assert list_recurrences(VISITOR, new) == []
    with pytest.raises(NotFound):
        get_recurrence(VISITOR, pair.public_id)
    with pytest.raises(NotFound):
        get_recurrence(ROOT, "nothing-of-this-name")
