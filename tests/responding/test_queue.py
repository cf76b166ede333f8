"""The queue of those who answer: which idea stands in which lane, in which order."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.pages import encode_cursor
from ideas.ideation.keeping import assign_idea, hide_idea
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea, get_status
from ideas.responding.queue import Lane, Scope, count_lanes, list_lane
from tests.factories import actor_of, make_board, make_fix, make_idea, make_staff
from tests.factories.responding import make_response
from tests.factories.world import ROOT

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def lane_of(lane: Lane, *boards: Board) -> list[int]:
    """Return the ids of a lane, and see that its count agrees."""
    scope = Scope(boards=boards)
    found = [row.id for row in list_lane(ROOT, scope, lane).items]
    assert count_lanes(ROOT, scope)[lane] == len(found)
    return found


def made(board: Board, *, days_ago: int, now: datetime = MONDAY) -> Idea:
    with clock.frozen(now - timedelta(days=days_ago)):
        return make_idea(board)


def test_what_waits_is_parted_by_the_promise_of_its_own_board(app: Flask) -> None:
    slow, quick = make_board(promise_days=5), make_board(promise_days=2)
    late, due, fresh = made(slow, days_ago=8), made(slow, days_ago=7), made(slow, days_ago=6)
    also_late = made(quick, days_ago=5)
    made(make_board(), days_ago=20)
    with clock.frozen(MONDAY):
        assert lane_of(Lane.OVERDUE, slow, quick) == [late.id, also_late.id]
        assert lane_of(Lane.DUE, slow, quick) == [due.id]
        assert lane_of(Lane.UNANSWERED, slow, quick) == [late.id, due.id, fresh.id, also_late.id]


def test_answered_moved_hidden_ideas_and_fixes_do_not_wait(app: Flask) -> None:
    board = make_board()
    waiting, answered, planned, hidden = (make_idea(board) for _ in range(4))
    make_fix()
    make_response(answered)
    make_response(planned, status="planned")
    with transaction():
        hide_idea(ROOT, get_idea(ROOT, hidden.public_id), reason="Advertising.")
    assert lane_of(Lane.UNANSWERED, board) == [waiting.id]
    assert lane_of(Lane.ACTIVE, board) == [planned.id]
    assert lane_of(Lane.ALL, board) == [waiting.id, answered.id, planned.id]


def test_an_idea_its_author_of_the_staff_has_answered_does_not_wait(app: Flask) -> None:
    owner = make_staff()
    board = make_board(owner=owner)
    make_response(make_idea(board, author=owner), by=owner)
    assert lane_of(Lane.UNANSWERED, board) == []


def test_my_lane_holds_what_is_assigned_to_me_and_not_closed(app: Flask) -> None:
    owner, colleague = make_staff(), make_staff()
    board = make_board(owner=owner)
    mine, delivered, others = (make_idea(board) for _ in range(3))
    actor = actor_of(owner)
    with transaction():
        for idea, member_id in ((mine, owner.id), (delivered, owner.id), (others, colleague.id)):
            assign_idea(actor, get_idea(actor, idea.public_id), assignee_id=member_id)
    make_response(delivered, status="delivered")
    assert [row.id for row in list_lane(actor, Scope(boards=[board]), Lane.MINE).items] == [mine.id]


def test_the_review_lane_goes_by_the_day_the_last_answer_named(app: Flask) -> None:
    board = make_board()
    later, sooner, never, reopened = (make_idea(board) for _ in range(4))
    today = clock.now().date()
    make_response(later, status="declined", review_on=today + timedelta(days=9))
    make_response(sooner, status="parked", review_on=today + timedelta(days=2))
    make_response(never, status="declined")
    make_response(reopened, status="parked", review_on=today + timedelta(days=1))
    make_response(reopened, status="open")
    assert lane_of(Lane.REVIEW, board) == [sooner.id, later.id]


def test_a_status_narrows_lanes_and_counts(app: Flask) -> None:
    board = make_board()
    make_idea(board)
    planned = make_idea(board)
    make_response(planned, status="planned")
    scope = Scope(boards=[board], status_id=get_status("planned").id)
    assert [row.id for row in list_lane(ROOT, scope, Lane.ALL).items] == [planned.id]
    assert count_lanes(ROOT, scope)[Lane.UNANSWERED] == 0


@pytest.mark.parametrize("lane", [Lane.ALL, Lane.REVIEW])
def test_pages_follow_one_another_without_a_gap_also_among_equals(app: Flask, lane: Lane) -> None:
    board = make_board()
    review_on = clock.now().date() + timedelta(days=5)
    with clock.frozen(clock.now()):
        ideas = [make_idea(board) for _ in range(5)]
    for idea in ideas:
        make_response(idea, status="parked", review_on=review_on)
    scope, after, seen = Scope(boards=[board]), None, []
    for _ in range(3):
        page = list_lane(ROOT, scope, lane, after=after, size=2)
        seen += [row.id for row in page.items]
        after = page.next_cursor
    assert (seen, after) == ([idea.id for idea in ideas], None)


@pytest.mark.parametrize("after", ["x", encode_cursor(("no date", 1)), encode_cursor((1, 1)), encode_cursor(("2026",))])
@pytest.mark.parametrize("lane", [Lane.ALL, Lane.REVIEW])
def test_a_cursor_that_is_not_ours_is_refused(app: Flask, lane: Lane, after: str) -> None:
    with pytest.raises(Invalid):
        list_lane(ROOT, Scope(boards=[]), lane, after=after)


def test_without_boards_every_lane_is_empty(app: Flask) -> None:
    make_idea()
    assert set(count_lanes(ROOT, Scope(boards=[])).values()) == {0}
