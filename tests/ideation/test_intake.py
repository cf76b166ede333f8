"""What is asked beside the text of a proposal, and of those whom a problem hits."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from ideas.boards.fields import retire_field
from ideas.boards.models import Board, BoardField, FieldKind, FieldUse
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid
from ideas.ideation.intake import Given, find_intake
from ideas.ideation.models import Idea, Kind
from ideas.ideation.services import publish_idea
from ideas.voting.queries import find_support, list_needs
from ideas.voting.services import describe_support
from tests.factories import actor_of, make_board, make_idea, make_member, make_problem
from tests.factories.fields import make_field
from tests.factories.world import ROOT

TODAY = datetime(2026, 5, 4, 12, tzinfo=UTC)


def publish(board: Board, *, kind: Kind = Kind.PROBLEM, title: str = "It hurts so much", given: Given | None) -> Idea:
    author = actor_of(make_member())
    with transaction():
        return publish_idea(author, board, kind=kind, title=title, body="Text", given=given)


def test_a_problem_keeps_its_circumstances_and_the_answers_to_the_boards_fields(app: Flask) -> None:
    board = make_board()
    make_field(board, "Serial number")
    given = Given(since="2026-04-01", version=" 2.7 ", environment="Ferry", answers={"serial_number": "A 1"})
    with clock.frozen(TODAY):
        intake = find_intake(publish(board, given=given))
    assert intake is not None
    assert (intake.since, intake.version, intake.environment) == (date(2026, 4, 1), "2.7", "Ferry")
    assert intake.answers == {"serial_number": "A 1"}


def test_nothing_is_kept_where_nothing_was_answered_or_asked(app: Flask) -> None:
    board = make_board()
    make_field(board, is_required=True)
    assert find_intake(publish(board, given=None)) is None
    assert find_intake(publish(make_board(), given=Given())) is None


def test_what_the_board_requires_is_needed_beside_all_else_that_is_wrong(app: Flask) -> None:
    board = make_board()
    make_field(board, "Serial number", is_required=True)
    make_field(board, "Wish", is_required=True, applies_to=FieldUse.IDEAS)
    with pytest.raises(Invalid) as refused:
        publish(board, title="short", given=Given())
    assert set(refused.value.errors) == {"title", "field_serial_number"}
    with pytest.raises(Invalid) as refused:
        publish(board, kind=Kind.IDEA, given=Given(version="2", since="2026-01-01"))
    assert set(refused.value.errors) == {"version", "since", "field_serial_number", "field_wish"}


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "1969-12-31", "2026-05-06", "9999-12-31", "٢٠٢٦-٠١-٠١"])
def test_a_day_that_is_none_or_has_not_been_is_refused(app: Flask, since: str) -> None:
    board = make_board()
    with clock.frozen(TODAY), pytest.raises(Invalid) as refused:
        publish(board, given=Given(since=since))
    assert set(refused.value.errors) == {"since"}


def test_the_day_that_has_begun_in_the_east_is_taken(app: Flask) -> None:
    with clock.frozen(TODAY):
        intake = find_intake(publish(make_board(), given=Given(since="2026-05-05")))
    assert intake is not None
    assert intake.since == (TODAY + timedelta(days=1)).date()


def test_whoever_a_problem_hits_tells_their_own_circumstances_and_is_kept_back_by_nothing(app: Flask) -> None:
    board, member = make_board(), make_member()
    make_field(board, "Serial number", is_required=True)
    make_field(board, "Power", kind=FieldKind.CHOICE, options="Mains\nBattery")
    problem = make_problem(board)
    actor = actor_of(member)
    with clock.frozen(TODAY), transaction():
        describe_support(actor, problem, since="2026-04-02", answers={"power": "Battery"})
    support = find_support(actor, problem.id)
    assert support is not None
    assert (support.since, support.answers) == (date(2026, 4, 2), {"power": "Battery"})
    assert [(need.since, need.answers) for need in list_needs(ROOT, problem).items] == [
        (date(2026, 4, 2), {"power": "Battery"})
    ]


def test_a_support_of_an_idea_takes_no_circumstances_and_a_problem_no_made_up_answers(app: Flask) -> None:
    board, actor = make_board(), actor_of(make_member())
    make_field(board, "Serial number")
    idea, problem = make_idea(board), make_problem(board)
    with pytest.raises(Invalid) as refused, transaction():
        describe_support(actor, idea, since="2026-01-01", answers={"serial_number": "1"})
    assert set(refused.value.errors) == {"since", "field_serial_number"}
    with pytest.raises(Invalid) as refused, transaction():
        describe_support(actor, problem, answers={"made_up": "1"})
    assert set(refused.value.errors) == {"field_made_up"}


def test_a_retired_field_is_asked_no_more_and_its_answers_stay(app: Flask) -> None:
    board = make_board()
    field = make_field(board, "Serial number")
    problem = publish(board, given=Given(answers={"serial_number": "A 1"}))
    with transaction() as current:
        retire_field(ROOT, current.get_one(BoardField, field.id), is_retired=True)
    with pytest.raises(Invalid):
        publish(board, given=Given(answers={"serial_number": "A 2"}))
    intake = find_intake(session().get_one(Idea, problem.id))
    assert intake is not None
    assert intake.answers == {"serial_number": "A 1"}
