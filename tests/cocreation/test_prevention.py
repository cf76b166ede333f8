"""Closing a delivered problem: only with what keeps it away, and once for each delivery."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.boards.models import Board
from ideas.cocreation.deliveries import find_delivery
from ideas.cocreation.events import ProblemClosed
from ideas.cocreation.models import Prevention, Verdict
from ideas.cocreation.prevention import close_problem, find_prevention
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, SignInNeeded
from ideas.core.events import Event
from ideas.core.policy import VISITOR
from ideas.ideation.keeping import hide_idea
from ideas.ideation.models import Category, Idea
from ideas.responding.queue import Lane, Scope, list_lane
from tests.factories import actor_of, make_board, make_idea, make_member, make_problem, make_staff
from tests.factories.cocreation import close, deliver, make_confirmation, make_hit, move_to
from tests.factories.world import ROOT

TEXT = "A test that fails when it happens again."


def to_close(problem: Idea) -> bool:
    found = list_lane(ROOT, Scope(boards=[session().get_one(Board, problem.board_id)]), Lane.TO_CLOSE)
    return problem.id in {row.id for row in found.items}


def test_a_problem_is_closed_with_words_and_by_whom(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Event] = []
    monkeypatch.setattr("ideas.cocreation.prevention.publish", heard.append)
    owner = make_staff(name="Olga Owner")
    problem = deliver(make_problem(make_board(owner=owner)))
    noise = deliver(make_problem())
    assert to_close(problem)
    written = close(problem, by=owner, text=TEXT)
    delivery = find_delivery(problem, watch_days=90)
    assert delivery is not None
    found = find_prevention(delivery.change_id)
    assert found is not None
    assert (found.text, found.by) == (TEXT, "Olga Owner")
    assert heard == [ProblemClosed(actor_id=owner.id, prevention_id=written.id, problem_id=problem.id)]
    assert not to_close(problem)
    assert to_close(noise)


def test_the_same_words_again_change_nothing_and_others_are_refused(app: Flask) -> None:
    problem, owner = deliver(make_problem()), make_staff()
    first = close(problem, text=TEXT)
    assert close(problem, text=TEXT).id == first.id
    with pytest.raises(Conflict):
        close(problem, text="Something else that would take its place.")
    with pytest.raises(Forbidden):
        close(problem, by=owner)
    assert session().scalars(select(Prevention.text)).all() == [TEXT]


@pytest.mark.parametrize(("text", "holds", "refused"), [("", True, "prevention"), ("short", True, "prevention"),
    ("x" * 1_001, True, "prevention"), (TEXT, False, "holds")])  # fmt: skip
def test_nothing_is_closed_without_words_and_without_having_looked(
    app: Flask, text: str, holds: bool, refused: str
) -> None:
    owner = make_staff()
    problem = deliver(make_problem(make_board(owner=owner)))
    with pytest.raises(Invalid) as error, transaction():
        close_problem(actor_of(owner), problem, text=text, holds=holds)
    assert set(error.value.errors) == {refused}
    assert to_close(problem)


def test_what_was_opened_again_is_closed_anew_and_the_former_words_stay(app: Flask) -> None:
    problem = make_problem()
    hit = make_hit(problem)
    deliver(problem)
    close(problem, text=TEXT)
    make_confirmation(problem, by=hit, verdict=Verdict.NOT_FIXED, note="Still twice in one shop.")
    assert not to_close(session().get_one(Idea, problem.id))
    deliver(problem)
    assert to_close(session().get_one(Idea, problem.id))
    close(problem, text="Now an alarm rings before it happens.")
    texts = session().scalars(select(Prevention.text).order_by(Prevention.id)).all()
    assert texts == [TEXT, "Now an alarm rings before it happens."]


def test_only_who_looks_after_the_board_closes_and_only_what_is_delivered(app: Flask) -> None:
    owner, author = make_staff(), make_member()
    board = make_board(owner=owner)
    delivered = deliver(make_problem(board, author=author))
    for stranger in (author, make_staff(), make_member()):
        with pytest.raises(Forbidden), transaction():
            close_problem(actor_of(stranger), delivered, text=TEXT, holds=True)
    with pytest.raises(SignInNeeded), transaction():
        close_problem(VISITOR, delivered, text=TEXT, holds=True)
    hidden = deliver(make_problem(board))
    with transaction():
        hide_idea(ROOT, session().get_one(Idea, hidden.id), reason="Names a person.")
    for other in (
        make_problem(board),
        move_to(make_problem(board), Category.PLANNED),
        deliver(make_idea(board)),
        hidden,
    ):
        with pytest.raises(Forbidden), transaction():
            close_problem(actor_of(owner), session().get_one(Idea, other.id), text=TEXT, holds=True)
