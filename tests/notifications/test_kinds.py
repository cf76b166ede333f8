"""Replies, statuses, decided reports and broken promises: who hears of them, and what they learn."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.outbox import OutboxRow, OutboxState
from ideas.core.policy import VISITOR
from ideas.following.services import follow, unfollow
from ideas.ideation.keeping import set_status
from ideas.ideation.models import Idea, StatusCause
from ideas.ideation.queries import get_idea_by_id, get_status
from ideas.moderation.models import Report
from ideas.moderation.services import decide_report
from ideas.notifications import jobs
from ideas.notifications.choices import choose
from ideas.notifications.models import Channel, Notification, NotificationKind, ToldReason
from ideas.notifications.news import FAN_OUT
from ideas.notifications.overdue import NEWS_FOR, tell_overdue
from ideas.notifications.queries import count_unread, get_told, list_told
from tests.factories import (
    actor_of,
    make_admin,
    make_board,
    make_comment,
    make_idea,
    make_member,
    make_problem,
    make_staff,
    reload,
)
from tests.factories.cocreation import make_hit
from tests.factories.merging import make_merge
from tests.factories.moderation import make_report
from tests.factories.responding import make_response
from tests.factories.together import make_co_author
from tests.factories.voting import make_support
from tests.factories.world import ROOT
from tests.queries import counted_queries

Drain = Callable[[], int]
Found = list[tuple[NotificationKind, ToldReason]]


def told(member: Member) -> Found:
    session().rollback()
    query = select(Notification.kind, Notification.reason).where(Notification.member_id == member.id)
    return [(row.kind, row.reason) for row in session().execute(query.order_by(Notification.id))]


def let_follow(member: Member, idea: Idea) -> None:
    with transaction():
        follow(actor_of(member), get_idea_by_id(ROOT, idea.id))


def mute(member: Member, idea: Idea) -> None:
    with transaction():
        unfollow(actor_of(member), get_idea_by_id(ROOT, idea.id))


def test_a_reply_is_told_to_its_receiver_as_a_reply_and_to_followers_as_a_comment(app: Flask, drain: Drain) -> None:
    asker, follower, other = make_member(), make_member(), make_member()
    idea = make_idea()
    let_follow(follower, idea)
    question = make_comment(idea, author=asker)
    drain()
    make_comment(idea, author=other)
    drain()
    make_comment(parent=question, author=other)
    drain()
    assert told(asker)[-1] == (NotificationKind.REPLY, ToldReason.REPLIED)
    assert [kind for kind, _reason in told(asker)].count(NotificationKind.COMMENT) == 1
    assert told(follower)[-1] == (NotificationKind.COMMENT, ToldReason.CHOSEN)
    assert told(other) == []


def test_who_answers_themselves_or_muted_the_idea_hears_of_no_reply(app: Flask, drain: Drain) -> None:
    asker, quiet = make_member(), make_member()
    idea = make_idea()
    question, remark = make_comment(idea, author=asker), make_comment(idea, author=quiet)
    drain()
    before = told(asker)
    mute(quiet, idea)
    make_comment(parent=question, author=asker)
    make_comment(parent=remark, author=make_member())
    drain()
    assert NotificationKind.REPLY not in [kind for kind, _reason in told(asker)]
    assert len(told(asker)) == len(before) + 1
    assert NotificationKind.REPLY not in [kind for kind, _reason in told(quiet)]


def test_everybody_is_told_why(app: Flask, drain: Drain) -> None:
    author, supporter, chooser = make_member(), make_member(), make_member()
    idea = make_idea(author=author)
    make_support(idea, by=supporter)
    let_follow(chooser, idea)
    make_response(idea)
    drain()
    reasons = [told(member)[0][1] for member in (author, supporter, chooser)]
    assert reasons == [ToldReason.AUTHOR, ToldReason.SUPPORT, ToldReason.CHOSEN]


def test_a_status_that_changes_without_an_answer_is_told_by_itself(app: Flask, drain: Drain) -> None:
    follower, noise = make_member(), make_member()
    idea = make_idea()
    let_follow(follower, idea)
    let_follow(noise, make_idea())
    with transaction():
        set_status(VISITOR, get_idea_by_id(ROOT, idea.id, lock=True), get_status("planned"), cause=StatusCause.IMPORT)
    drain()
    assert (told(follower), told(noise)) == ([(NotificationKind.STATUS, ToldReason.CHOSEN)], [])


@pytest.fixture
def decided(app: Flask, drain: Drain) -> Callable[[Idea, bool], tuple[list[Member], Member]]:
    """Let two people report an idea and somebody decide; gives both, and the one who decided."""

    def decide(idea: Idea, uphold: bool) -> tuple[list[Member], Member]:
        reporters, moderator = [make_member(), make_member()], make_admin("Mona Mild")
        filed = [make_report(idea, reporter=reporter) for reporter in reporters]
        with transaction():
            report = session().get_one(Report, filed[0].id)
            decide_report(actor_of(moderator), report, uphold=uphold, reason="We looked at it.")
        drain()
        return reporters, moderator

    return decide


@pytest.mark.parametrize("uphold", [True, False])
def test_who_reported_hears_what_came_of_it_and_not_who_else_did(
    decided: Callable[[Idea, bool], tuple[list[Member], Member]], uphold: bool
) -> None:
    idea = make_idea(title="Buy cheap watches here")
    reporters, moderator = decided(idea, uphold)
    for reporter in reporters:
        [item] = list_told(actor_of(reporter)).items
        assert (item.kind, item.reason, item.is_upheld) == (
            NotificationKind.REPORT_DECIDED,
            ToldReason.REPORTED,
            uphold,
        )
        # What is out of sight is not named any more, also where its board is open to all.
        assert item.idea_title == (None if uphold else idea.title)
        assert item.idea_public_id == (None if uphold else idea.public_id)
    keys = session().scalars(select(Notification.key).where(Notification.kind == NotificationKind.REPORT_DECIDED))
    assert len(set(keys)) == 2
    assert told(moderator) == told(make_member()) == []


def test_who_lost_the_board_hears_nothing_of_their_report(
    decided: Callable[[Idea, bool], tuple[list[Member], Member]], drain: Drain
) -> None:
    idea = make_idea()
    reporters, _moderator = decided(idea, True)
    assert [len(list_told(actor_of(one)).items) for one in reporters] == [1, 1]
    with transaction() as current:
        current.execute(update(Board).where(Board.id == idea.board_id).values(audience=Audience.STAFF))
    assert [list_told(actor_of(one)).items for one in reporters] == [[], []]
    late = make_idea(make_board(audience=Audience.STAFF), author=make_staff())
    with transaction():
        jobs.fan_out(_report_news(late, reporters[0]))
    assert len(told(reporters[0])) == 1


def _report_news(idea: Idea, reporter: Member) -> dict[str, object]:
    return {
        "kind": "report_decided", "key": "report:99", "idea_id": idea.id, "actor_id": None, "comment_id": None,
        "follows": [], "asks_reporters_of": None, "member_ids": [reporter.id], "reason": "reported",
        "replies_to_id": None, "mentioned_ids": [],
    }  # fmt: skip


def waiting_since(idea: Idea, days: float) -> Idea:
    with transaction() as current:
        moment = clock.now() - timedelta(days=days)
        current.execute(update(Idea).where(Idea.id == idea.id).values(published_at=moment))
    return idea


def test_a_broken_promise_is_told_once_to_those_who_answer_for_the_board(app: Flask, drain: Drain) -> None:
    owner, deputy, noise = make_staff(), make_staff(), make_staff()
    board = make_board(owner=owner, promise_days=2)
    make_board(owner=noise)
    with transaction() as current:
        current.execute(update(Board).where(Board.id == board.id).values(deputy_id=deputy.id))
    late = waiting_since(make_idea(board), 8)
    waiting_since(make_idea(board), 0)
    make_response(waiting_since(make_idea(board), 8))
    for _ in range(3):
        tell_overdue()
        drain()
    expected = [(NotificationKind.PROMISE_OVERDUE, ToldReason.STAFF)]
    assert told(owner) == told(deputy) == expected
    assert told(noise) == []
    assert session().scalars(select(Notification.idea_id).where(Notification.member_id == owner.id)).all() == [late.id]


def test_what_is_late_for_long_is_left_to_the_desk(app: Flask, drain: Drain) -> None:
    owner = make_staff()
    waiting_since(make_idea(make_board(owner=owner, promise_days=2)), 8 + NEWS_FOR.days)
    tell_overdue()
    drain()
    assert told(owner) == []


def test_who_unfollowed_after_the_change_is_not_mailed(app: Flask, drain: Drain) -> None:
    follower = make_member()
    idea = make_idea()
    let_follow(follower, idea)
    make_response(idea)
    mute(follower, idea)
    drain()
    assert told(follower) == []


def test_who_wants_none_of_a_kind_has_no_row_and_no_number(app: Flask, drain: Drain) -> None:
    follower, noise = make_member(), make_member()
    idea = make_idea()
    for member in (follower, noise):
        let_follow(member, idea)
    with transaction():
        choose(actor_of(follower), {NotificationKind.RESPONSE: Channel.NONE})
    make_response(idea)
    drain()
    assert (told(follower), len(told(noise))) == ([], 1)
    assert (reload(follower).unread_count, reload(noise).unread_count) == (0, 1)


def test_one_thing_is_read_at_a_time_and_only_ones_own(app: Flask, drain: Drain) -> None:
    from_here = make_member()
    idea = make_idea(author=from_here)
    make_response(idea)
    make_comment(idea)
    drain()
    first, second = list_told(actor_of(from_here)).items
    assert get_told(actor_of(from_here), first.id) == first
    assert [first.is_read, second.is_read, count_unread(from_here.id)] == [False, False, 2]


def test_a_batch_costs_as_many_queries_for_many_as_for_few(app: Flask, drain: Drain) -> None:
    counts = []
    for size in (2, 12):
        idea = make_idea()
        for _ in range(size):
            let_follow(make_member(), idea)
        make_response(idea)
        waiting = select(OutboxRow.payload).where(OutboxRow.job == FAN_OUT, OutboxRow.state == OutboxState.PENDING)
        [payload] = session().scalars(waiting).all()
        with counted_queries(app) as queries, transaction():
            jobs.fan_out(payload)
        counts.append(len(queries))
        drain()
    assert counts[0] == counts[1]


def test_a_delivered_problem_asks_whom_it_hits_over_what_was_merged_into_it(app: Flask, drain: Drain) -> None:
    board = make_board()
    target, origin = make_problem(board), make_problem(board)
    hit, elsewhere = make_member(), make_member()
    make_hit(origin, hit), make_hit(make_problem(board), elsewhere)
    second = make_co_author(target)
    make_merge(origin, target)
    drain()
    with transaction():
        session().execute(delete(Notification))
    make_response(target, status="delivered")
    drain()
    assert told(hit) == [(NotificationKind.PLEASE_CONFIRM, ToldReason.SUPPORT)]
    assert told(second) == [(NotificationKind.PLEASE_CONFIRM, ToldReason.AUTHOR)]
    assert told(elsewhere) == []
