"""Who is told of what, in the corner and by mail."""

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.cocreation.models import Verdict
from ideas.commenting.models import Comment
from ideas.core import outbox
from ideas.core.db import session, transaction
from ideas.core.errors import SignInNeeded
from ideas.core.outbox import OutboxRow, OutboxState
from ideas.core.policy import VISITOR
from ideas.core.recount import Difference
from ideas.core.settings import Settings
from ideas.following.services import follow, unfollow
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import withdraw_idea
from ideas.moderation.models import ModerationAction
from ideas.moderation.queries import Decided
from ideas.moderation.services import hide_comment, hide_idea, lock_idea, retitle_idea, tag_idea
from ideas.notifications import jobs
from ideas.notifications.choices import choose
from ideas.notifications.models import Channel, Notification, NotificationKind
from ideas.notifications.queries import count_unread, list_told
from ideas.notifications.recount import wrong_totals
from ideas.notifications.services import mark_all_read
from tests.factories import (
    actor_of,
    make_admin,
    make_board,
    make_comment,
    make_fix,
    make_idea,
    make_member,
    make_problem,
    make_staff,
)
from tests.factories.cocreation import make_choice, make_confirmation, make_hit
from tests.factories.responding import make_response
from tests.factories.rewards import make_helped, make_settlement
from tests.factories.world import ROOT

Drain = Callable[[], int]


@pytest.fixture
def mailbox(settings: Settings) -> Callable[[], list[EmailMessage]]:
    """Gives the mails that lie in the mail folder, by receiver."""
    folder = Path(settings.mail_url.removeprefix("file://"))
    for old in folder.iterdir():
        old.unlink()

    def read() -> list[EmailMessage]:
        found = [as_mail(file.read_bytes()) for file in folder.iterdir()]
        return sorted(found, key=lambda mail: str(mail["To"]))

    return read


def as_mail(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def told(member: Member) -> list[NotificationKind]:
    session().rollback()
    query = select(Notification.kind).where(Notification.member_id == member.id).order_by(Notification.id)
    return list(session().scalars(query))


def let_follow(member: Member, idea: Idea) -> None:
    """Let a member follow an idea, and have a mail of each comment."""
    with transaction():
        follow(actor_of(member), get_idea_by_id(ROOT, idea.id))
        choose(actor_of(member), {NotificationKind.COMMENT: Channel.AT_ONCE})


def followed_idea(board: Board | None = None) -> tuple[Idea, Member]:
    """An idea with a follower, and noise: another idea with another follower."""
    follower, noise = make_member(), make_member()
    idea, other = make_idea(board), make_idea()
    let_follow(follower, idea)
    let_follow(noise, other)
    return idea, follower


def test_an_answer_tells_author_and_followers_and_not_the_answerer(app: Flask, drain: Drain) -> None:
    author, manager = make_member(), make_staff()
    idea = make_idea(make_board(owner=manager), author=author)
    follower = make_member()
    let_follow(follower, idea)
    let_follow(manager, idea)
    make_response(idea, by=manager)
    drain()
    assert told(author) == told(follower) == [NotificationKind.RESPONSE]
    assert told(manager) == []


def test_an_answer_that_changes_the_status_is_one_mail(
    app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    idea, follower = followed_idea()
    make_response(idea, status="planned")
    drain()
    assert told(follower) == [NotificationKind.RESPONSE]
    assert len([mail for mail in mailbox() if mail["To"] == follower.email]) == 1


def test_a_comment_tells_followers_but_not_its_author(app: Flask, drain: Drain) -> None:
    idea, follower = followed_idea()
    writer = make_member()
    make_comment(idea, author=writer)
    drain()
    assert told(follower) == [NotificationKind.COMMENT]
    assert told(writer) == []


def test_an_internal_comment_tells_nobody(app: Flask, drain: Drain) -> None:
    idea, follower = followed_idea()
    colleague = make_staff()
    let_follow(colleague, idea)
    make_comment(idea, author=make_staff(), is_internal=True)
    drain()
    assert told(follower) == told(colleague) == []


def test_who_unfollowed_is_not_told(app: Flask, drain: Drain) -> None:
    idea, follower = followed_idea()
    with transaction():
        unfollow(actor_of(follower), get_idea_by_id(ROOT, idea.id))
    make_comment(idea)
    drain()
    assert told(follower) == []


def test_a_proposed_fix_tells_followers_of_the_problem(app: Flask, drain: Drain) -> None:
    reporter, fixer = make_member(), make_member()
    problem = make_problem(author=reporter)
    fix = make_fix(problem, author=fixer)
    drain()
    assert (told(reporter), told(fixer)) == ([NotificationKind.FIX_PROPOSED], [])
    assert session().scalars(select(Notification.idea_id)).all() == [fix.id]


def test_a_chosen_fix_tells_its_author_and_the_reporter_once(app: Flask, drain: Drain) -> None:
    reporter, fixer, manager = make_member(), make_member(), make_staff()
    problem = make_problem(make_board(owner=manager), author=reporter)
    fix = make_fix(problem, author=fixer)
    make_choice(fix, by=manager)
    drain()
    assert told(fixer) == [NotificationKind.FIX_CHOSEN]
    assert told(reporter) == [NotificationKind.FIX_PROPOSED, NotificationKind.FIX_CHOSEN]


def test_a_delivered_problem_asks_its_reporters_and_tells_the_others(app: Flask, drain: Drain) -> None:
    author, hit, curious = make_member(), make_member(), make_member()
    problem = make_problem(author=author)
    make_hit(problem, hit)
    let_follow(curious, problem)
    make_response(problem, status="delivered")
    drain()
    assert told(author) == told(hit) == [NotificationKind.PLEASE_CONFIRM]
    assert told(curious) == [NotificationKind.RESPONSE]


def test_not_fixed_tells_the_followers_that_it_is_open_again(app: Flask, drain: Drain) -> None:
    author, hit = make_member(), make_member()
    problem = make_problem(author=author)
    make_hit(problem, hit)
    make_response(problem, status="delivered")
    make_confirmation(get_idea_by_id(ROOT, problem.id), by=hit, verdict=Verdict.NOT_FIXED)
    drain()
    assert told(author)[-1] is NotificationKind.REOPENED
    assert NotificationKind.REOPENED not in told(hit)


def test_credit_tells_those_credited_and_not_who_confirmed_it(app: Flask, drain: Drain) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    drain()
    assert told(helped.author)[-1] is told(helped.fixer)[-1] is NotificationKind.CREDIT
    assert NotificationKind.CREDIT not in told(helped.noise[0]) + told(helped.manager)


def test_a_withdrawal_tells_followers_and_not_the_author(app: Flask, drain: Drain) -> None:
    author, follower = make_member(), make_member()
    idea = make_idea(author=author)
    let_follow(follower, idea)
    with transaction():
        withdraw_idea(actor_of(author), get_idea_by_id(ROOT, idea.id), reason="Solved at home.")
    drain()
    assert (told(follower), told(author)) == ([NotificationKind.WITHDRAWN], [])


def test_a_hidden_idea_tells_its_author_and_nobody_else(app: Flask, drain: Drain) -> None:
    author, follower, keeper = make_member(), make_member(), make_admin()
    idea = make_idea(author=author)
    let_follow(follower, idea)
    make_comment(idea)
    with transaction():
        hide_idea(actor_of(keeper), get_idea_by_id(ROOT, idea.id, lock=True), reason="It names a customer.")
    drain()
    assert told(author) == [NotificationKind.COMMENT, NotificationKind.MODERATED]
    assert told(follower) == []


def test_a_hidden_comment_tells_its_author_why(
    app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    idea, follower = followed_idea()
    writer, keeper = make_member(), make_admin()
    comment = make_comment(idea, author=writer)
    with transaction():
        current = session().get_one(Comment, comment.id)
        hide_comment(actor_of(keeper), current, reason="It names a customer.")
    drain()
    assert (told(writer), told(follower)) == ([NotificationKind.MODERATED], [])
    [mail] = [mail for mail in mailbox() if mail["To"] == writer.email]
    assert "It names a customer." in text_of(mail)


def test_each_act_of_a_moderator_is_one_mail_that_names_it_with_its_reason(
    app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    author, keeper = make_member(), actor_of(make_admin())
    idea = make_idea(author=author)
    with transaction():
        retitle_idea(keeper, get_idea_by_id(ROOT, idea.id), title="A much clearer title", reason="It was not clear.")
        tag_idea(keeper, get_idea_by_id(ROOT, idea.id), tags=["printers"], reason="So that others find it.")
        lock_idea(keeper, get_idea_by_id(ROOT, idea.id), reason="It went in circles.")
    drain()
    said = {str(mail["Subject"]): text_of(mail) for mail in mailbox() if mail["To"] == author.email}
    expected = {
        "changed the title of what you wrote": "It was not clear.",
        "changed the tags of what you wrote": "So that others find it.",
        "locked what you wrote": "It went in circles.",
    }
    assert len(said) == len(expected)
    for words, reason in expected.items():
        [text] = [text for subject, text in said.items() if words in subject]
        assert words in text
        assert reason in text


def test_the_list_says_what_a_moderator_did_and_why(app: Flask, drain: Drain) -> None:
    author, keeper = make_member(), actor_of(make_admin())
    idea = make_idea(author=author)
    comment = make_comment(idea, author=author)
    with transaction():
        hide_comment(keeper, session().get_one(Comment, comment.id), reason="It names a customer.")
        lock_idea(keeper, get_idea_by_id(ROOT, idea.id), reason="It went in circles.")
    drain()
    told_of = {told.decision for told in list_told(actor_of(author)).items}
    assert told_of == {
        Decided(action=ModerationAction.HIDE, reason="It names a customer.", is_about_comment=True),
        Decided(action=ModerationAction.LOCK, reason="It went in circles.", is_about_comment=False),
    }


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def make_staff_only(idea: Idea) -> None:
    with transaction() as current:
        current.execute(update(Board).where(Board.id == idea.board_id).values(audience=Audience.STAFF))


def test_customers_hear_nothing_of_an_idea_moved_out_of_their_sight(
    app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    idea, follower = followed_idea()
    colleague = make_staff()
    let_follow(colleague, idea)
    make_comment(idea, body="Canary words")
    make_staff_only(idea)
    drain()
    assert (told(follower), told(colleague)) == ([], [NotificationKind.COMMENT])
    assert [mail["To"] for mail in mailbox()] == [colleague.email]


def test_sight_is_asked_again_when_the_mail_is_sent(
    app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    idea, _follower = followed_idea()
    make_comment(idea)
    session().rollback()
    waiting = select(OutboxRow.job).where(OutboxRow.state == OutboxState.PENDING).distinct()
    while jobs.SEND not in session().scalars(waiting).all():
        session().rollback()
        assert outbox.drain(most=1) == 1
    make_staff_only(idea)
    drain()
    assert mailbox() == []


def test_telling_three_times_tells_once(app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]) -> None:
    idea, follower = followed_idea()
    make_comment(idea)
    [payload] = [row.payload for row in session().scalars(select(OutboxRow)) if row.key and "comment" in row.key]
    for _ in range(3):
        with transaction():
            jobs.fan_out(payload)
    drain()
    assert told(follower) == [NotificationKind.COMMENT]
    assert session().get_one(Member, follower.id, populate_existing=True).unread_count == 1
    assert len([mail for mail in mailbox() if mail["To"] == follower.email]) == 1


def test_many_followers_are_told_in_batches(app: Flask, drain: Drain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    idea = make_idea()
    followers = [make_member() for _ in range(5)]
    for follower in followers:
        let_follow(follower, idea)
    make_comment(idea)
    drain()
    assert [told(follower) for follower in followers] == [[NotificationKind.COMMENT]] * 5


def test_whoever_wants_no_mail_is_told_in_the_corner_only(
    app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    idea, follower = followed_idea()
    with transaction() as current:
        current.execute(update(Member).where(Member.id == follower.id).values(wants_mail=False))
    make_comment(idea)
    drain()
    assert told(follower) == [NotificationKind.COMMENT]
    assert follower.email not in [mail["To"] for mail in mailbox()]


def test_a_closed_account_hears_nothing(app: Flask, drain: Drain) -> None:
    idea, follower = followed_idea()
    with transaction() as current:
        current.execute(update(Member).where(Member.id == follower.id).values(active=False))
    make_comment(idea)
    drain()
    assert told(follower) == []


def test_a_mail_says_who_what_and_where_and_how_to_stop(
    app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    idea, follower = followed_idea()
    make_response(idea, body="We will <b>build</b> this in spring.")
    drain()
    [mail] = [mail for mail in mailbox() if mail["To"] == follower.email]
    text = text_of(mail)
    assert idea.title in str(mail["Subject"])
    assert f"http://localhost/ideas/{idea.public_id}" in text
    assert "We will <b>build</b> this in spring." in text
    assert "http://localhost/me/settings/notifications" in text
    html = mail.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;build" in html.get_content()


def test_names_with_line_ends_add_no_header(
    app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    idea, follower = followed_idea()
    writer = make_member()
    with transaction() as current:
        hostile = "Eve\r\nBcc: victim@example.org\r\n\r\nHello"
        current.execute(update(Member).where(Member.id == writer.id).values(name=hostile))
        current.execute(update(Idea).where(Idea.id == idea.id).values(title="Title\r\nX-Evil: yes"))
    make_comment(idea, author=writer)
    drain()
    [mail] = [mail for mail in mailbox() if mail["To"] == follower.email]
    assert (mail["Bcc"], mail["X-Evil"]) == (None, None)
    assert "X-Evil: yes" in str(mail["Subject"])
    assert "Bcc: victim@example.org" in text_of(mail)


def test_mail_never_shows_anothers_address(app: Flask, drain: Drain, mailbox: Callable[[], list[EmailMessage]]) -> None:
    idea, follower = followed_idea()
    writer = make_member()
    make_comment(idea, author=writer)
    drain()
    [mail] = [mail for mail in mailbox() if mail["To"] == follower.email]
    assert str(writer.email) not in mail.as_string()


def test_reading_marks_everything_and_counts_nothing_twice(app: Flask, drain: Drain) -> None:
    idea, follower = followed_idea()
    make_comment(idea)
    make_comment(idea)
    drain()
    assert count_unread(follower.id) == 2
    with transaction():
        mark_all_read(actor_of(follower))
    assert count_unread(follower.id) == 0
    assert session().get_one(Member, follower.id, populate_existing=True).unread_count == 0
    assert [item.is_read for item in list_told(actor_of(follower)).items] == [True, True]


def test_a_visitor_has_nothing_to_read(app: Flask) -> None:
    with pytest.raises(SignInNeeded):
        list_told(VISITOR)


def test_the_list_goes_on_page_by_page_and_leaves_out_what_is_hidden(app: Flask, drain: Drain) -> None:
    idea, follower = followed_idea()
    hidden, keeper = make_idea(), make_admin()
    let_follow(follower, hidden)
    for _ in range(5):
        make_comment(idea)
    make_comment(hidden)
    drain()
    with transaction():
        hide_idea(actor_of(keeper), get_idea_by_id(ROOT, hidden.id, lock=True), reason="It names a customer.")
    actor, seen, after = actor_of(follower), [], None
    while True:
        page = list_told(actor, after=after, size=2)
        seen += [item.id for item in page.items]
        after = page.next_cursor
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


def test_a_wrong_count_of_unread_is_found(app: Flask, drain: Drain) -> None:
    idea, follower = followed_idea()
    make_comment(idea)
    drain()
    session().rollback()
    assert wrong_totals() == []
    with transaction() as current:
        current.execute(update(Member).where(Member.id == follower.id).values(unread_count=7))
    [difference] = wrong_totals()
    assert isinstance(difference, Difference)
    assert (difference.stored, difference.counted) == (7, 1)
