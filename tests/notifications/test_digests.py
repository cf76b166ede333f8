"""Daily and weekly letters: once, by idea, what matters most first, and nothing that somebody read or may not see."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core import clock, mail, outbox, periodic
from ideas.core.db import session, transaction
from ideas.core.outbox import OutboxRow
from ideas.core.settings import Settings
from ideas.following.models import Follow, FollowReason
from ideas.following.services import follow, unfollow
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.moderation.models import Report
from ideas.moderation.services import decide_report
from ideas.notifications import digests
from ideas.notifications.choices import choose
from ideas.notifications.digest_mails import IDEAS_MOST, NEWS_MOST
from ideas.notifications.models import Channel, Notification, NotificationKind
from ideas.notifications.services import mark_all_read
from tests.factories import actor_of, make_admin, make_comment, make_idea, make_member
from tests.factories.moderation import make_report
from tests.factories.responding import make_response
from tests.factories.world import ROOT
from tests.notifications.mailbox import Mailbox, form_of

Drain = Callable[[], int]
#: A Tuesday, before letters are written.
MORNING = datetime(2026, 3, 3, 7, 30, tzinfo=UTC)
EIGHT = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
COMMENT, RESPONSE = NotificationKind.COMMENT, NotificationKind.RESPONSE


@pytest.fixture
def mailbox(settings: Settings) -> Mailbox:
    return Mailbox.empty(settings)


@pytest.fixture
def ann(app: Flask) -> Member:
    """Who gets letters, and beside her somebody to whom nothing happens."""
    make_member()
    return make_member("Ann")


def followed_by(*members: Member, title: str | None = None, reason: FollowReason = FollowReason.CHOSEN) -> Idea:
    idea = make_idea(title=title) if title else make_idea()
    for member in members:
        with transaction() as current:
            follow(actor_of(member), get_idea_by_id(ROOT, idea.id))
            mine = (Follow.idea_id == idea.id, Follow.member_id == member.id)
            current.execute(update(Follow).where(*mine).values(reason=reason))
    return idea


def at(moment: datetime, drain: Drain) -> None:
    """Let a worker look at the clock at a moment, and do what is due."""
    with clock.frozen(moment):
        periodic.tick()
        drain()


def happen(drain: Drain, *ideas: Idea, when: datetime = MORNING, body: str = "Words of somebody.") -> None:
    with clock.frozen(when):
        for idea in ideas:
            make_comment(idea, body=body)
        drain()


def letters(mailbox: Mailbox, member: Member) -> list[EmailMessage]:
    return [letter for letter in mailbox.to(member) if "Today" in letter["Subject"] or "This week" in letter["Subject"]]


def test_a_letter_is_written_at_eight_and_only_where_there_is_something_to_tell(
    ann: Member, drain: Drain, mailbox: Mailbox
) -> None:
    idea = followed_by(ann, title="A quieter winch")
    at(EIGHT - timedelta(days=1), drain)
    happen(drain, idea)
    at(MORNING + timedelta(minutes=5), drain)
    assert mailbox.receivers() == []
    at(EIGHT, drain)
    [letter] = letters(mailbox, ann)
    assert letter["Subject"] == "Today: A quieter winch"
    assert "Words of somebody." in form_of(letter, "plain")
    # Whoever wrote the idea hears of it too, and nobody else.
    assert len(mailbox.receivers()) == 2
    at(EIGHT + timedelta(days=1), drain)
    assert len(letters(mailbox, ann)) == 1


def test_two_workers_write_one_letter_however_often_they_look(ann: Member, drain: Drain, mailbox: Mailbox) -> None:
    happen(drain, followed_by(ann))
    with clock.frozen(EIGHT):
        for _ in range(2):
            digests.put_daily(EIGHT)
            periodic.tick()
            digests.put_daily(EIGHT)
        drain()
        digests.put_daily(EIGHT)
        drain()
    assert len(letters(mailbox, ann)) == 1


def test_a_worker_that_dies_before_it_noted_that_it_sent_sends_the_same_letter_again(
    ann: Member, drain: Drain, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(drain, followed_by(ann))
    original = mail.send

    def send_and_die(payload: dict[str, object]) -> None:
        monkeypatch.setattr(mail, "send", original)
        original(payload)
        raise OSError

    monkeypatch.setattr(mail, "send", send_and_die)
    at(EIGHT, drain)
    at(EIGHT + timedelta(minutes=5), drain)
    at(EIGHT + timedelta(hours=2), drain)
    sent = letters(mailbox, ann)
    assert len(sent) == 2
    assert len({letter["Message-ID"] for letter in sent}) == 1


def test_after_a_day_without_a_mail_server_there_is_one_letter_with_everything(
    ann: Member, drain: Drain, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = followed_by(ann, title="A quieter winch"), followed_by(ann, title="A longer rope")
    happen(drain, first)
    with monkeypatch.context() as away:
        away.setattr(mail, "send", _refuse)
        at(EIGHT, drain)
        happen(drain, second, when=EIGHT + timedelta(hours=5))
        at(EIGHT + timedelta(days=1), drain)
    assert mailbox.receivers() == []
    at(EIGHT + timedelta(days=1, hours=4), drain)
    at(EIGHT + timedelta(days=1, hours=5), drain)
    [letter] = letters(mailbox, ann)
    assert "A quieter winch" in form_of(letter, "plain")
    assert "A longer rope" in form_of(letter, "plain")


def _refuse(payload: object) -> None:
    raise outbox.TryLater(timedelta(minutes=10), "The server is away.")


def test_after_a_day_without_workers_there_is_one_letter(ann: Member, drain: Drain, mailbox: Mailbox) -> None:
    happen(drain, followed_by(ann))
    at(EIGHT + timedelta(days=1, hours=6), drain)
    at(EIGHT + timedelta(days=1, hours=7), drain)
    assert len(letters(mailbox, ann)) == 1


def test_whoever_read_it_in_the_corner_is_not_told_again(ann: Member, drain: Drain, mailbox: Mailbox) -> None:
    idea = followed_by(ann)
    happen(drain, idea)
    with clock.frozen(MORNING), transaction():
        mark_all_read(actor_of(ann))
    at(EIGHT, drain)
    assert letters(mailbox, ann) == []


def test_a_letter_is_built_from_what_its_receiver_may_see_when_it_is_sent(
    ann: Member, drain: Drain, mailbox: Mailbox
) -> None:
    open_one, closed = followed_by(ann, title="A quieter winch"), followed_by(ann, title="The canary idea")
    hidden = followed_by(ann, title="Another canary")
    happen(drain, open_one, closed, hidden, body="Words of a canary.")
    with clock.frozen(EIGHT):
        digests.put_daily(EIGHT)
        with transaction() as current:
            current.execute(update(Board).where(Board.id == closed.board_id).values(audience=Audience.STAFF))
            current.execute(update(Idea).where(Idea.id == hidden.id).values(hidden_at=clock.now()))
        drain()
    [letter] = letters(mailbox, ann)
    assert "A quieter winch" in form_of(letter, "plain")
    for form in ("plain", "html"):
        assert "canary idea" not in form_of(letter, form)
        assert "Another canary" not in form_of(letter, form)
    assert "more idea" not in str(letter["Subject"]) + form_of(letter, "plain")


def test_where_nothing_may_be_seen_any_more_no_letter_is_sent(ann: Member, drain: Drain, mailbox: Mailbox) -> None:
    idea = followed_by(ann)
    happen(drain, idea)
    with transaction() as current:
        current.execute(update(Board).where(Board.id == idea.board_id).values(audience=Audience.STAFF))
    at(EIGHT, drain)
    assert letters(mailbox, ann) == []


def test_what_was_turned_off_or_muted_since_is_left_out(ann: Member, drain: Drain, mailbox: Mailbox) -> None:
    kept, muted = followed_by(ann, title="A quieter winch"), followed_by(ann, title="A longer rope")
    happen(drain, kept, muted)
    with clock.frozen(MORNING), transaction():
        unfollow(actor_of(ann), get_idea_by_id(ROOT, muted.id))
    ben = make_member()
    happen(drain, followed_by(ben))
    with clock.frozen(MORNING), transaction():
        choose(actor_of(ben), {COMMENT: Channel.APP})
    at(EIGHT, drain)
    [letter] = letters(mailbox, ann)
    assert "A longer rope" not in form_of(letter, "plain")
    assert letters(mailbox, ben) == []


def test_answers_come_before_talk_and_own_ideas_before_others(ann: Member, drain: Drain, mailbox: Mailbox) -> None:
    with transaction():
        choose(actor_of(ann), {RESPONSE: Channel.DAILY, NotificationKind.MENTION: Channel.DAILY})
    talked = followed_by(ann, title="Talked about", reason=FollowReason.CHOSEN)
    own = followed_by(ann, title="Written by her", reason=FollowReason.AUTHOR)
    supported = followed_by(ann, title="Supported by her", reason=FollowReason.SUPPORT)
    answered = followed_by(ann, title="Answered today", reason=FollowReason.CHOSEN)
    with clock.frozen(MORNING):
        make_comment(answered)
        make_response(answered, body="We build it in spring.")
        for idea in (own, supported, talked):
            make_comment(idea)
        drain()
    at(EIGHT, drain)
    [letter] = letters(mailbox, ann)
    assert letter["Subject"] == "Today: Answered today, and 3 more ideas"
    text = form_of(letter, "plain")
    places = [text.index(title) for title in ("Answered today", "Written by her", "Supported by her", "Talked about")]
    assert places == sorted(places)
    assert text.index("We build it in spring.") < text.index(" commented")


def test_a_letter_shows_so_many_ideas_and_counts_the_rest(ann: Member, drain: Drain, mailbox: Mailbox) -> None:
    ideas = [followed_by(ann) for _ in range(IDEAS_MOST + 2)]
    happen(drain, *ideas, *[ideas[0]] * (NEWS_MOST + 1))
    at(EIGHT, drain)
    [letter] = letters(mailbox, ann)
    text = form_of(letter, "plain")
    assert sum(f"/ideas/{idea.public_id}" in text for idea in ideas) == IDEAS_MOST
    assert "And news of 2 more ideas." in text
    assert "And 2 more" in text
    assert text.count(" commented") == IDEAS_MOST - 1 + NEWS_MOST
    session().rollback()
    assert session().scalars(select(Notification).where(Notification.mailed_at.is_(None))).all() == []


def test_the_weekly_letter_comes_on_mondays_and_brings_the_daily_news_along(
    ann: Member, drain: Drain, mailbox: Mailbox
) -> None:
    with transaction():
        choose(actor_of(ann), {RESPONSE: Channel.WEEKLY})
    idea = followed_by(ann)
    # A Tuesday; the Monday before is over.
    at(MORNING, drain)
    with clock.frozen(MORNING):
        make_response(idea, body="We build it in spring.")
        drain()
    for day in range(6):
        at(EIGHT + timedelta(days=day), drain)
    assert letters(mailbox, ann) == []
    happen(drain, idea, when=EIGHT + timedelta(days=5, hours=3), body="Good to know.")
    at(EIGHT + timedelta(days=6), drain)
    [letter] = letters(mailbox, ann)
    assert str(letter["Subject"]).startswith("This week: ")
    assert "We build it in spring." in form_of(letter, "plain")
    assert "Good to know." in form_of(letter, "plain")
    assert "once a week" in form_of(letter, "plain")


def test_a_letter_can_be_turned_off_with_one_click_and_is_no_part_of_a_conversation(
    ann: Member, drain: Drain, mailbox: Mailbox
) -> None:
    happen(drain, followed_by(ann))
    at(EIGHT, drain)
    [letter] = letters(mailbox, ann)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["References"] is None
    assert letter["Auto-Submitted"] == "auto-generated"


def test_letters_for_many_are_put_once_each(app: Flask, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "BATCH", 2)
    members = [make_member() for _ in range(5)]
    happen(drain, followed_by(*members))
    with clock.frozen(EIGHT):
        digests.put_daily(EIGHT)
        digests.put_daily(EIGHT)
    rows = session().scalars(select(OutboxRow).where(OutboxRow.job == digests.SEND)).all()
    told = [row.payload["member_id"] for row in rows]
    assert sorted(set(told)) == sorted(told)
    assert {member.id for member in members} <= set(told)


def test_whoever_reported_a_comment_reads_what_came_of_it_without_its_words(
    app: Flask, drain: Drain, mailbox: Mailbox
) -> None:
    reporter, keeper = make_member(), make_admin()
    comment = make_comment(make_idea(title="A quieter winch"), body="Canary words of abuse.")
    report = make_report(comment, reporter=reporter)
    with clock.frozen(MORNING):
        drain()
        with transaction():
            filed = session().get_one(Report, report.id)
            decide_report(actor_of(keeper), filed, uphold=True, reason="It hurts somebody.")
        drain()
    at(EIGHT, drain)
    [letter] = letters(mailbox, reporter)
    assert "What you reported was taken out of sight" in form_of(letter, "plain")
    assert "Canary" not in form_of(letter, "plain") + form_of(letter, "html")
