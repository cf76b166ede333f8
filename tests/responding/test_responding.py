"""Answering officially: who may, what a no asks for, where an answer can lead, what is counted."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.boards.models import Audience, Board
from ideas.core import clock, events
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR
from ideas.ideation.events import StatusChanged
from ideas.ideation.keeping import hide_idea, set_status
from ideas.ideation.models import Category, Idea, Status, StatusCause
from ideas.ideation.queries import get_idea, get_status, list_status_changes, tallies_of
from ideas.ideation.services import withdraw_idea
from ideas.responding.events import ResponseSent
from ideas.responding.models import DECLINE_MIN, DeclineReason, Response
from ideas.responding.policy import TRANSITIONS, can_move, can_respond, open_to
from ideas.responding.queries import find_last, list_responses
from ideas.responding.services import REVIEW_MAX_DAYS, assign, respond
from tests.factories import actor_of, make_admin, make_board, make_fix, make_idea, make_member, make_staff, reload
from tests.factories.responding import make_product_manager, make_response, refreshed
from tests.factories.world import ROOT

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NO = "We will not build this, because one order in seven was wrong when we tried."


def refused(idea: Idea, **words: object) -> set[str]:
    """Return the fields refused of an answer by the right person."""
    actor = actor_of(make_product_manager(idea))
    with pytest.raises(Invalid) as error, transaction():
        respond(actor, get_idea(actor, idea.public_id, lock=True), **words)  # type: ignore[arg-type]
    return set(error.value.errors)


def declined(**changed: object) -> dict[str, object]:
    """Return the words of a complete no, with some changed."""
    return {
        "body": NO,
        "status": get_status("declined"),
        "decline_reason": DeclineReason.NOT_GOOD_ENOUGH,
        "would_change": "Recognition that is right nine times in ten.",
        **changed,
    }


def test_an_answer_without_a_change_keeps_the_status(app: Flask) -> None:
    idea, noise = make_idea(), make_idea()
    response = make_response(idea)
    found = refreshed(idea)
    assert (found.category, found.response_count, found.first_response_at) == (Category.OPEN, 1, response.created_at)
    assert list_status_changes(idea.id) == []
    assert refreshed(noise).response_count == 0


def test_an_answer_moves_the_idea_and_keeps_the_step(app: Flask) -> None:
    idea = make_idea()
    make_response(idea, status="planned")
    [step] = list_status_changes(idea.id)
    assert (step.cause, step.to_status_id) == (StatusCause.RESPONSE, get_status("planned").id)
    assert refreshed(idea).category is Category.PLANNED
    assert [(tally.status_id, tally.idea_count) for tally in tallies_of([idea.board_id])] == [
        (get_status("planned").id, 1)
    ]


def test_an_answer_is_rendered_and_sanitised(app: Flask) -> None:
    response = make_response(body="We **will** look at it. <script>alert(1)</script>")
    assert "<strong>will</strong>" in response.body_html
    assert "<script>" not in response.body_html


def test_answers_come_oldest_first_with_their_author_and_statuses_in_one_query(app: Flask) -> None:
    idea = make_idea()
    manager = make_product_manager(idea)
    first, second = make_response(idea, by=manager), make_response(idea, by=manager, status="declined")
    make_response()
    answers = list_responses(idea.id)
    assert [answer.id for answer in answers] == [first.id, second.id]
    assert [(answer.from_name, answer.to_name, answer.has_changed_status) for answer in answers] == [
        ("Open", "Open", False),
        ("Open", "Declined", True),
    ]
    assert answers[0].author is not None
    assert (answers[0].author.name, answers[0].author.is_staff) == (manager.name, True)
    last = find_last(idea.id)
    assert last is not None
    assert last.id == second.id


def test_an_idea_without_answers_has_none(app: Flask) -> None:
    idea = make_idea()
    assert list_responses(idea.id) == []
    assert find_last(idea.id) is None


def test_visitors_customers_and_other_staff_may_not_answer(app: Flask) -> None:
    idea = make_idea()
    with pytest.raises(SignInNeeded), transaction():
        respond(VISITOR, get_idea(VISITOR, idea.public_id), body="An answer that is long enough.")
    other_manager = make_product_manager(make_idea())
    moderator = make_staff()
    make_board(moderator=moderator)
    for person in (make_member(), make_staff(), other_manager, moderator):
        actor = actor_of(person)
        with pytest.raises(Forbidden), transaction():
            respond(actor, get_idea(actor, idea.public_id), body="An answer that is long enough.")
    assert session().scalar(select(func.count(Response.id))) == 0


def test_an_admin_may_answer_everywhere(app: Flask) -> None:
    assert can_respond(actor_of(make_admin()), make_idea())


def test_a_board_that_is_not_for_somebody_hides_its_ideas_from_answering(app: Flask) -> None:
    idea = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    with pytest.raises(NotFound):
        get_idea(actor_of(make_member()), idea.public_id, lock=True)


def test_withdrawn_and_hidden_ideas_take_no_answer(app: Flask) -> None:
    author = make_member()
    withdrawn, hidden = make_idea(author=author), make_idea()
    with transaction():
        withdraw_idea(actor_of(author), withdrawn, reason="Not needed any more.")
        hide_idea(ROOT, hidden, reason="Advertising.")
    assert not can_respond(ROOT, refreshed(withdrawn))
    assert not can_respond(ROOT, refreshed(hidden))


@pytest.mark.parametrize("body", ["", " \n ", "\u200b" * 40, "Too short"])
def test_a_status_cannot_change_without_a_message(app: Flask, body: str) -> None:
    idea = make_idea()
    assert refused(idea, body=body, status=get_status("planned")) == {"body"}
    assert (refreshed(idea).category, refreshed(idea).response_count) == (Category.OPEN, 0)


def test_a_no_asks_for_all_its_reasons_at_once(app: Flask) -> None:
    wanted = {"body", "decline_reason", "would_change"}
    assert refused(make_idea(), body="No, sorry about that.", status=get_status("declined")) == wanted


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("body", "x" * (DECLINE_MIN - 1)),
        ("decline_reason", None),
        ("would_change", None),
        ("would_change", "   "),
        ("would_change", "Nothing."),
    ],
)
def test_a_no_that_explains_too_little_is_refused(app: Flask, field: str, value: object) -> None:
    assert refused(make_idea(), **declined(**{field: value})) == {field}


def test_a_complete_no_is_kept_with_its_reasons(app: Flask) -> None:
    idea = make_idea()
    actor = actor_of(make_product_manager(idea))
    review_on = clock.now().date() + timedelta(days=90)
    with transaction():
        respond(actor, get_idea(actor, idea.public_id, lock=True), **declined(review_on=review_on))  # type: ignore[arg-type]
    [answer] = list_responses(idea.id)
    assert (answer.decline_reason, answer.would_change, answer.review_on) == (
        DeclineReason.NOT_GOOD_ENOUGH,
        "Recognition that is right nine times in ten.",
        review_on,
    )


def test_an_answer_to_a_declined_idea_that_stays_declined_needs_no_new_reasons(app: Flask) -> None:
    idea = make_idea()
    make_response(idea, status="declined")
    assert make_response(idea, body="We still think so.").decline_reason is None


def test_the_reasons_of_a_no_are_left_out_of_any_other_answer(app: Flask) -> None:
    idea = make_idea()
    actor = actor_of(make_product_manager(idea))
    words = declined(status=get_status("planned"), review_on=date(2000, 1, 1))
    with transaction():
        response = respond(actor, get_idea(actor, idea.public_id, lock=True), **words)  # type: ignore[arg-type]
    assert (response.decline_reason, response.would_change, response.review_on) == (None, None, None)


@pytest.mark.parametrize("slug", ["declined", "parked"])
@pytest.mark.parametrize("days", [-1, 0, REVIEW_MAX_DAYS + 1])
def test_a_review_must_be_on_a_day_to_come(app: Flask, slug: str, days: int) -> None:
    review_on = clock.now().date() + timedelta(days=days)
    assert refused(make_idea(), **declined(status=get_status(slug), review_on=review_on)) == {"review_on"}


def test_what_is_parked_may_have_a_day_of_review(app: Flask) -> None:
    review_on = clock.now().date() + timedelta(days=1)
    assert make_response(status="parked", review_on=review_on).review_on == review_on


@pytest.mark.once
def test_the_table_of_transitions_is_what_was_agreed() -> None:
    impossible = {(a, b) for a, b in product(Category, Category) if not can_move(a, b)}
    assert impossible == {
        (Category.IN_PROGRESS, Category.OPEN),
        (Category.PARKED, Category.DELIVERED),
        (Category.DECLINED, Category.IN_PROGRESS),
        (Category.DECLINED, Category.DELIVERED),
        (Category.DELIVERED, Category.PLANNED),
        (Category.DELIVERED, Category.DECLINED),
        (Category.DELIVERED, Category.PARKED),
    }
    assert len(TRANSITIONS) == 6 * 6 - 6 - len(impossible)


@pytest.mark.parametrize(("start", "end"), list(product(Category, Category)))
def test_an_answer_leads_only_where_the_table_lets_it(app: Flask, start: Category, end: Category) -> None:
    idea = make_idea()
    by_category = {status.category: status for status in session().scalars(select(Status))}
    with transaction():
        set_status(VISITOR, get_idea(ROOT, idea.public_id), by_category[start], cause=StatusCause.IMPORT)
    if can_move(start, end):
        make_response(idea, status=by_category[end].slug)
        assert refreshed(idea).category is end
    else:
        assert refused(idea, **declined(status=by_category[end])) == {"status"}
        assert refreshed(idea).category is start


def test_statuses_of_the_same_category_are_always_open(app: Flask) -> None:
    with transaction():
        session().add(Status(slug="in-review", name="In review", category=Category.IN_PROGRESS, position=9))
    idea = make_idea()
    make_response(idea, status="in-progress")
    statuses = list(session().scalars(select(Status)))
    assert {status.slug for status in open_to(refreshed(idea), statuses)} == {
        "in-progress", "in-review", "planned", "delivered", "declined", "parked",
    }  # fmt: skip
    make_response(idea, status="in-review")
    assert len(list_status_changes(idea.id)) == 2


def test_what_happened_is_announced_once_each(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[events.Event] = []
    table = {ResponseSent: (heard.append,), StatusChanged: (heard.append,)}
    monkeypatch.setattr(events, "_handlers", table)
    idea = make_idea()
    plain, moving = make_response(idea), make_response(idea, status="planned")
    assert [type(event) for event in heard] == [ResponseSent, StatusChanged, ResponseSent]
    sent = [(event.response_id, event.changed_status) for event in heard if isinstance(event, ResponseSent)]
    assert sent == [(plain.id, False), (moving.id, True)]


def counts(board: Board) -> tuple[int, int]:
    """Return how many ideas of the board were answered, and how many in time."""
    board = reload(board)
    return board.answered_count, board.in_time_count


@pytest.mark.parametrize(("days", "in_time"), [(0, 1), (7, 1), (8, 0)])
def test_the_first_answer_keeps_or_breaks_the_promise_of_the_board(app: Flask, days: int, in_time: int) -> None:
    board, noise = make_board(promise_days=5), make_board()
    with clock.frozen(MONDAY):
        idea = make_idea(board)
    with clock.frozen(MONDAY + timedelta(days=days)):
        make_response(idea)
    assert counts(board) == (1, in_time)
    assert counts(noise) == (0, 0)


def test_later_answers_do_not_count_again(app: Flask) -> None:
    board = make_board()
    idea = make_idea(board)
    first = make_response(idea)
    make_response(idea)
    assert counts(board) == (1, 1)
    assert refreshed(idea).first_response_at == first.created_at


def test_an_author_of_the_staff_cannot_keep_the_promise_alone(app: Flask) -> None:
    owner = make_staff()
    board = make_board(owner=owner)
    idea = make_idea(board, author=owner)
    make_response(idea, by=owner)
    found = refreshed(idea)
    assert (found.response_count, found.first_response_at, counts(board)) == (1, None, (0, 0))
    second = make_response(idea)
    assert refreshed(idea).first_response_at == second.created_at
    assert counts(board) == (1, 1)


def test_fixes_are_no_part_of_the_promise(app: Flask) -> None:
    fix = make_fix()
    make_response(fix)
    assert counts(session().get_one(Board, fix.board_id)) == (0, 0)


def test_an_answer_can_be_assigned_to_whoever_holds_a_role_on_the_board(app: Flask) -> None:
    moderator = make_staff()
    idea = make_idea(make_board(moderator=moderator))
    manager = actor_of(make_product_manager(idea))
    for member_id in (moderator.id, None):
        with transaction():
            assign(manager, get_idea(manager, idea.public_id, lock=True), assignee_id=member_id)
        assert refreshed(idea).assignee_id == member_id


def test_an_answer_cannot_be_assigned_to_a_stranger_of_the_board(app: Flask) -> None:
    customer = make_member()
    idea = make_idea(make_board(moderator=customer))
    manager = actor_of(make_product_manager(idea))
    for member_id in (make_product_manager(make_idea()).id, make_staff().id, customer.id, 999_999):
        with pytest.raises(Invalid), transaction():
            assign(manager, get_idea(manager, idea.public_id, lock=True), assignee_id=member_id)
    assert refreshed(idea).assignee_id is None


def test_strangers_and_other_managers_may_not_assign(app: Flask) -> None:
    idea = make_idea()
    for person in (make_member(), make_product_manager(make_idea())):
        actor = actor_of(person)
        with pytest.raises(Forbidden), transaction():
            assign(actor, get_idea(actor, idea.public_id), assignee_id=None)
    with pytest.raises(SignInNeeded), transaction():
        assign(VISITOR, get_idea(VISITOR, idea.public_id), assignee_id=None)
