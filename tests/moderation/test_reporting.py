"""Reporting content, and the queue in which reports wait."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.boards.queries import list_boards
from ideas.core import clock, events
from ideas.core.db import db, session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from ideas.ideation.models import Idea
from ideas.moderation.events import ReportFiled
from ideas.moderation.models import Report, ReportReason
from ideas.moderation.queries import (
    VOICES_SHOWN,
    count_open,
    get_report,
    list_reported,
    may_decide_somewhere,
)
from ideas.moderation.services import report_comment, report_idea
from tests.factories import actor_of, make_admin, make_board, make_comment, make_idea, make_member, make_staff
from tests.factories.moderation import make_report


@pytest.fixture
def moderator(app: Flask) -> Actor:
    """Keeps order on one board that has no reports yet, beside another with some."""
    member = make_member("Mo Keeper")
    make_report(make_idea(), text="noise on a board of others")
    make_board("Kept", moderator=member)
    return actor_of(member)


def kept_idea(moderator: Actor, **kwargs: object) -> Idea:
    """A new idea on the moderator's board."""
    board = next(board for board in list_boards(moderator) if moderator.holds("moderator", board.id))
    return make_idea(board, **kwargs)  # type: ignore[arg-type]


def test_a_report_is_filed_and_announced_once_however_often_it_is_sent(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    idea, reporter = make_idea(), actor_of(make_member())
    heard: list[ReportFiled] = []
    monkeypatch.setitem(events._handlers, ReportFiled, (heard.append,))
    with transaction():
        assert report_idea(reporter, idea, reason=ReportReason.SPAM)
        assert not report_idea(reporter, idea, reason=ReportReason.ABUSE, text="again")
    assert session().scalars(select(Report.reason)).all() == [ReportReason.SPAM]
    assert [(fact.actor_id, fact.idea_id, fact.comment_id) for fact in heard] == [(reporter.member_id, idea.id, None)]


def test_an_idea_and_its_comment_are_reported_apart(app: Flask) -> None:
    idea, reporter = make_idea(), make_member()
    make_report(idea, reporter=reporter)
    make_report(make_comment(idea), reporter=reporter)
    assert session().scalar(select(func.count()).select_from(Report)) == 2


def test_nobody_reports_what_they_wrote_themselves(app: Flask) -> None:
    author = make_member()
    idea, comment = make_idea(author=author), make_comment(author=author)
    with pytest.raises(Forbidden), transaction():
        report_idea(actor_of(author), idea, reason=ReportReason.SPAM)
    with pytest.raises(Forbidden), transaction():
        report_comment(actor_of(author), comment, reason=ReportReason.SPAM)


def test_a_visitor_is_asked_to_sign_in_before_reporting(app: Flask) -> None:
    idea = make_idea()
    with pytest.raises(SignInNeeded), transaction():
        report_idea(VISITOR, idea, reason=ReportReason.SPAM)


def test_another_reason_has_to_be_put_into_words(app: Flask) -> None:
    idea, reporter = make_idea(), actor_of(make_member())
    with pytest.raises(Invalid) as refused, transaction():
        report_idea(reporter, idea, reason=ReportReason.OTHER, text=" \u200b ")
    assert set(refused.value.errors) == {"text"}


def test_what_is_hidden_already_takes_no_reports(app: Flask, moderator: Actor) -> None:
    idea = kept_idea(moderator)
    with transaction():
        idea = session().merge(idea)
        idea.hidden_at, idea.hidden_reason = clock.now(), "gone"
    with pytest.raises(Conflict), transaction():
        report_idea(moderator, idea, reason=ReportReason.SPAM)


def test_the_queue_shows_each_thing_once_with_all_that_is_needed_to_decide(app: Flask, moderator: Actor) -> None:
    author = make_member("Ann Author")
    idea = kept_idea(moderator, title="Buy my watches", body="Very **cheap** watches.", author=author)
    make_report(idea, reporter=make_member("Rita Reporter"), text="selling")
    make_report(idea, reason=ReportReason.OFF_TOPIC)
    (item,) = list_reported(moderator).items
    assert (item.report_count, item.idea_title, item.board_name) == (2, "Buy my watches", "Kept")
    assert (item.author_name, item.excerpt, item.comment_id) == ("Ann Author", "Very **cheap** watches.", None)
    assert next((one.reporter_name, one.text) for one in item.complaints) == ("Rita Reporter", "selling")
    assert [one.reason for one in item.complaints] == [ReportReason.SPAM, ReportReason.OFF_TOPIC]


def test_a_reported_comment_stands_in_the_queue_with_its_own_author_and_words(app: Flask, moderator: Actor) -> None:
    comment = make_comment(kept_idea(moderator), author=make_member("Cora Comment"), body="You are all fools.")
    make_report(comment)
    (item,) = list_reported(moderator).items
    assert (item.comment_id, item.author_name, item.excerpt) == (
        comment.public_id,
        "Cora Comment",
        "You are all fools.",
    )


def test_the_longest_waiting_comes_first_and_pages_continue_where_they_ended(app: Flask, moderator: Actor) -> None:
    ideas = [kept_idea(moderator) for _ in range(5)]
    start = clock.now()
    for hours, idea in zip((3, 1, 4, 1, 5), ideas, strict=True):
        with clock.frozen(start + timedelta(hours=hours)):
            make_report(idea)
    with clock.frozen(start + timedelta(hours=9)):
        make_report(ideas[1])
    seen, after = [], None
    while True:
        page = list_reported(moderator, after=after, size=2)
        seen += [item.idea_id for item in page.items]
        after = page.next_cursor
        if after is None:
            break
    assert seen == [ideas[place].public_id for place in (1, 3, 0, 2, 4)]


def test_a_foreign_cursor_is_refused(app: Flask, moderator: Actor) -> None:
    for cursor in ("nonsense", "WzEsMl0", "WyJ4IiwxXQ"):
        with pytest.raises(Invalid):
            list_reported(moderator, after=cursor)


def test_the_queue_holds_only_boards_on_which_the_actor_keeps_order(app: Flask, moderator: Actor) -> None:
    make_report(kept_idea(moderator))
    assert (count_open(moderator), len(list_reported(moderator).items)) == (1, 1)
    assert count_open(actor_of(make_admin())) == 2
    for actor in (VISITOR, actor_of(make_member()), actor_of(make_staff())):
        assert (count_open(actor), list(list_reported(actor).items)) == (0, [])
        assert not may_decide_somewhere(actor)


def test_moderators_do_not_see_who_reported_their_own_words(app: Flask, moderator: Actor) -> None:
    own = session().get_one(Member, moderator.member_id)
    make_report(kept_idea(moderator, author=own))
    make_report(make_comment(kept_idea(moderator), author=own))
    assert (count_open(moderator), list(list_reported(moderator).items)) == (0, [])
    assert count_open(actor_of(make_admin())) == 3


def test_a_report_on_an_internal_comment_is_for_the_staff_only(app: Flask, moderator: Actor) -> None:
    comment = make_comment(kept_idea(moderator), author=make_staff(), is_internal=True)
    report = make_report(comment, reporter=make_staff())
    assert count_open(moderator) == 0
    with pytest.raises(NotFound):
        get_report(moderator, report.public_id)
    assert count_open(actor_of(make_admin())) == 2


def test_a_report_on_a_board_of_the_staff_does_not_exist_for_strangers(app: Flask) -> None:
    idea = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    report = make_report(idea, reporter=make_staff())
    with pytest.raises(NotFound):
        get_report(actor_of(make_member()), report.public_id)
    assert get_report(actor_of(make_admin()), report.public_id).id == report.id


def test_a_report_exists_only_for_those_who_keep_order_where_it_was_made(app: Flask, moderator: Actor) -> None:
    author, reporter = make_member(), make_member()
    report = make_report(kept_idea(moderator, author=author), reporter=reporter)
    elsewhere = make_member()
    make_board(moderator=elsewhere)
    for nobody in (author, reporter, elsewhere, make_staff()):
        with pytest.raises(NotFound):
            get_report(actor_of(nobody), report.public_id)
    assert get_report(moderator, report.public_id).id == report.id


def test_the_queue_reads_out_a_few_complaints_and_counts_the_rest(app: Flask, moderator: Actor) -> None:
    idea = kept_idea(moderator)
    for _ in range(VOICES_SHOWN + 2):
        make_report(idea)
    (item,) = list_reported(moderator).items
    assert (item.report_count, len(item.complaints)) == (VOICES_SHOWN + 2, VOICES_SHOWN)


@pytest.mark.parametrize("size", [1, 8])
def test_the_queue_takes_three_queries_whatever_its_length(app: Flask, moderator: Actor, size: int) -> None:
    for _ in range(size):
        make_report(make_comment(kept_idea(moderator)))
    statements: list[str] = []

    def note(*args: object) -> None:
        statements.append(str(args[2]))

    session().rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    found = list_reported(moderator).items
    event.remove(db.engine, "before_cursor_execute", note)
    assert (len(found), len([text for text in statements if text.startswith("SELECT")])) == (size, 3)
