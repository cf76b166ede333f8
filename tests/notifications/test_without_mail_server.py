"""A day without a mail server: nothing is lost, nothing comes twice, no stale code arrives, and no page waits."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.core import clock, periodic
from ideas.core.db import session, transaction
from ideas.core.mail_counts import Outcome, counts_since, week
from ideas.core.outbox_rows import OutboxRow, OutboxState
from ideas.following.services import follow
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.notifications import pace
from ideas.notifications.models import Channel, Notification
from ideas.web.signing_in.entering import Wish, note_wish
from tests.factories import actor_of, make_comment, make_idea, make_member
from tests.factories.responding import make_product_manager, make_response
from tests.factories.world import ROOT
from tests.servers.post_office import PostOffice, running, send_through
from tests.web.client import Client

Drain = Callable[[], int]
ClientFor = Callable[[Member | None], Client]
#: A Tuesday, after daily letters are written.
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
STEP = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def post(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """A mail server that does not listen yet, to which the application sends."""
    office = PostOffice()
    send_through(office, app, monkeypatch)
    yield office
    office.stop()


@pytest.fixture
def followed(app: Flask) -> Idea:
    """An idea that Ann and Bo follow, beside one that nobody does."""
    make_idea()
    idea = make_idea()
    for name in ("Ann", "Bo"):
        acting = actor_of(make_member(name))
        with transaction():
            follow(acting, get_idea_by_id(ROOT, idea.id))
    return idea


def work(moment: datetime, drain: Drain) -> None:
    with clock.frozen(moment):
        periodic.tick()
        drain()


def live_through_a_day(idea: Idea, drain: Drain) -> None:
    """Each six hours an answer, a comment, somebody who asks for a code and somebody who asks for an account."""
    staff, ann = make_product_manager(idea), member_called("Ann")
    for step in range(24):
        moment = NOON + step * STEP
        with clock.frozen(moment):
            if step % 6 == 0:
                make_response(idea, by=staff, body=f"Answer number {step:02}.")
                make_comment(idea, body=f"Comment number {step:02}.")
                with transaction():
                    note_wish(Wish.CODE, address=str(ann.email))
                    note_wish(Wish.ACCOUNT, address=f"new{step}@example.org")
        work(moment, drain)


def member_called(name: str) -> Member:
    return session().scalars(select(Member).where(Member.name == name)).one()


@pytest.mark.once
def test_after_a_day_without_a_server_each_mail_arrives_once_and_in_order_and_no_stale_code(
    followed: Idea, post: PostOffice, drain: Drain
) -> None:
    live_through_a_day(followed, drain)
    assert post.visits == 0
    post.start()
    back = NOON + DAY
    with clock.frozen(back), transaction():
        note_wish(Wish.CODE, address=str(member_called("Bo").email))
    for step in range(8):
        work(back + step * timedelta(minutes=10), drain)
    assert {name: count for name, count in Counter(ids_of(post)).items() if count > 1} == {}
    for name in ("Ann", "Bo"):
        texts = texts_to(post, str(member_called(name).email))
        answers = [text.split("Answer number ")[1][:2] for text in texts if "Answer number " in text]
        assert answers == [f"{step:02}" for step in range(0, 24, 6)]
        assert sum("Comment number 18" in text for text in texts) == 1
    # The link of the first one was good for a day.
    asked = [f"new{step}@example.org" for step in range(6, 24, 6)]
    assert sorted(found.to for found in post.received if found.to.startswith("new")) == sorted(asked)
    codes = [found.to for found in post.received if "code" in str(found.message["Subject"])]
    assert codes == [member_called("Bo").email]
    with clock.frozen(back):
        assert counts_since(week())[Outcome.EXPIRED] == 4 + 1
    states = set(session().scalars(select(OutboxRow.state).where(OutboxRow.lane != "").distinct()))
    assert states == {OutboxState.DONE}


def ids_of(post: PostOffice) -> list[str]:
    return [str(found.message["Message-ID"]) for found in post.received]


def texts_to(post: PostOffice, address: str) -> list[str]:
    bodies = [found.message.get_body(("plain",)) for found in post.received if found.to == address]
    return [str(body.get_content()) for body in bodies if body is not None]


def test_no_page_speaks_with_the_mail_server(
    followed: Idea, post: PostOffice, drain: Drain, client_for: ClientFor
) -> None:
    with running(post):
        ann = client_for(member_called("Ann"))
        visitor = client_for(None)
        assert ann.get(f"/ideas/{followed.public_id}").status_code == 200
        assert ann.post(f"/ideas/{followed.public_id}/comments", data={"body": "Words."}).status_code in {200, 303}
        assert visitor.post("/register", data={"email": "new@example.org"}).status_code == 200
        assert visitor.get("/").status_code == 200
        assert post.visits == 0
        drain()
        assert post.visits > 0


def test_more_than_some_mails_an_hour_fall_into_the_daily_letter(
    followed: Idea, post: PostOffice, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "AT_ONCE_MOST", 4)
    staff = make_product_manager(followed)
    with running(post):
        with clock.frozen(NOON):
            for number in range(7):
                make_response(followed, by=staff, body=f"Answer number {number:02}.")
            drain()
        ann = member_called("Ann")
        assert len(texts_to(post, str(ann.email))) == 4
        assert count_of(ann, Channel.DAILY) == 3
        post.reset()
        work(NOON + timedelta(hours=20, minutes=1), drain)
        (letter,) = texts_to(post, str(ann.email))
        assert "Answer number 06" in letter
        with clock.frozen(NOON + timedelta(hours=21)):
            make_response(followed, by=staff, body="Answer of the next day.")
            drain()
    assert "Answer of the next day." in texts_to(post, str(ann.email))[-1]


def count_of(member: Member, channel: Channel) -> int:
    session().rollback()
    mine = (Notification.member_id == member.id, Notification.channel == channel)
    return session().scalar(select(func.count()).select_from(Notification).where(*mine)) or 0
