"""A message is tried for three days, in its own time, and never holds up the messages to others."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.core import clock, outbox, outgoing
from ideas.core.db import db, session, transaction
from ideas.core.outbox import OutboxRow
from ideas.webhooks import schedule
from ideas.webhooks.jobs import deliver
from ideas.webhooks.models import DeliveryState, EventType, Failure, StopReason, Webhook, WebhookDelivery, WebhookState
from ideas.webhooks.services import replay, replay_failed, switch
from tests.factories import actor_of, make_admin, make_comment, make_idea, reload
from tests.factories.webhooks import make_webhook, messages_to
from tests.webhooks.receiver import Receiver, answering, in_turn, receiver

Drain = Callable[[], int]
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
#: As documented: after how long each further try comes.
WAITS = [
    5 * SECOND, 300 * SECOND, 1800 * SECOND, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
]  # fmt: skip


def only(webhook: Webhook) -> WebhookDelivery:
    (message,) = messages_to(webhook)
    return message


def pending() -> OutboxRow | None:
    """Return the one piece of work of webhooks that waits."""
    session().rollback()
    waiting = select(OutboxRow).where(OutboxRow.job == "webhooks.deliver", OutboxRow.state == "pending")
    return session().scalars(waiting.execution_options(populate_existing=True)).one_or_none()


def at(moment: datetime) -> int:
    """Do what is due at a moment."""
    session().rollback()
    with clock.frozen(moment):
        return outbox.drain()


def mails_about_webhooks() -> list[str]:
    """Return to whom mails go that say that a webhook was switched off, and where to look."""
    session().rollback()
    found = session().scalars(select(OutboxRow.payload).where(OutboxRow.key.startswith("webhook.stopped:"))).all()
    assert all("/admin/webhooks/" in one["text"] and "/admin/webhooks/" in one["html"] for one in found)
    return sorted(str(one["to"]) for one in found)


@pytest.fixture
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "JITTER", 0)


@pytest.mark.usefixtures("no_chance")
def test_a_message_that_is_refused_is_tried_ten_times_over_three_days_and_then_the_address_is_stopped(
    app: Flask,
) -> None:
    admin, other = make_admin(), make_admin()
    with receiver(answering(500)) as running:
        webhook = make_webhook(running.url)
        moment = clock.now()
        with clock.frozen(moment):
            make_idea()
        tried = []
        for wait in [timedelta(0), *WAITS]:
            moment += wait
            assert at(moment - SECOND / 100) == 0 or not wait
            at(moment)
            tried.append(len(running.taken))
            if wait is not WAITS[-1]:
                assert reload(webhook).state is WebhookState.ON
        assert tried == list(range(1, 11))
        assert sum(WAITS, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)
        assert len({one.headers["webhook-id"] for one in running.taken}) == 1
        at(moment + timedelta(days=3))
        assert len(running.taken) == 10
    message = only(webhook)
    assert (message.state, message.tries, message.status_code) == (DeliveryState.FAILED, 10, 500)
    stopped = reload(webhook)
    assert (stopped.state, stopped.stop_reason) == (WebhookState.STOPPED, StopReason.DEAD)
    assert {str(admin.email), str(other.email)} <= set(mails_about_webhooks())
    assert len(mails_about_webhooks()) == len(set(mails_about_webhooks()))


@pytest.mark.once
def test_waits_are_made_longer_by_chance_but_never_shorter() -> None:
    for number, planned in enumerate(WAITS, start=1):
        found = {schedule.wait_after(number) for _ in range(40)}
        assert len(found) > 10
        assert all(wait is not None and planned <= wait <= planned * 1.1 for wait in found)
    assert schedule.wait_after(10) is None


@pytest.mark.once
@pytest.mark.parametrize(
    ("header", "hours"),
    [("7200", 2), ("Thu, 01 Jan 2026 15:00:00 GMT", 3), ("999999999999999999999", 24), ("9" * 400, 24)],
)
def test_whoever_says_when_to_come_back_is_heard_for_a_day_at_most(header: str, hours: int) -> None:
    with clock.frozen(datetime.fromisoformat("2026-01-01T12:00:00+00:00")):
        assert schedule.wait_after(1, retry_after=header) == hours * HOUR


@pytest.mark.once
@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "Thu, 99 Foo", "Thu, 01 Jan 1970 00:00:00 GMT", "²"])
def test_whoever_says_nothing_of_use_is_asked_again_in_our_own_time(header: str | None) -> None:
    wait = schedule.wait_after(1, retry_after=header)
    assert wait is not None
    assert wait < 6 * SECOND


def test_retry_after_moves_the_next_try(app: Flask) -> None:
    with receiver(in_turn(answering(503, Retry_After="3600"), answering())) as running:
        webhook = make_webhook(running.url)
        moment = clock.now()
        with clock.frozen(moment):
            make_idea()
        at(moment)
        at(moment + 59 * 60 * SECOND)
        assert len(running.taken) == 1
        at(moment + HOUR)
    assert [len(running.taken), only(webhook).state] == [2, DeliveryState.DELIVERED]


def test_a_message_that_arrives_at_last_clears_the_name_of_the_address(app: Flask) -> None:
    with receiver(in_turn(answering(500), answering(204))) as running:
        webhook = make_webhook(running.url)
        make_idea()
        at(clock.now())
        assert reload(webhook).failing_since is not None
        at(clock.now() + 6 * SECOND)
    message, healed = only(webhook), reload(webhook)
    assert (message.state, message.tries, message.error) == (DeliveryState.DELIVERED, 2, None)
    assert (healed.failing_since, healed.failure_count) == (None, 0)


@pytest.mark.once
def test_every_yes_is_one_and_everything_else_is_none_and_nobody_is_followed(app: Flask, drain: Drain) -> None:
    good, bad = (200, 201, 202, 204, 299), (301, 302, 304, 307, 308, 400, 401, 404, 429, 500, 503)
    with ExitStack() as stack:
        elsewhere = stack.enter_context(receiver())
        webhooks = {}
        for status in (*good, *bad):
            running = stack.enter_context(receiver(answering(status, Location=elsewhere.url)))
            webhooks[status] = make_webhook(running.url)
        make_idea()
        drain()
    for status, webhook in webhooks.items():
        message = only(webhook)
        wanted = (DeliveryState.DELIVERED, None) if status in good else (DeliveryState.WAITING, Failure.ANSWER)
        assert (message.state, message.error, message.status_code) == (*wanted, status)
    assert elsewhere.taken == []


def test_an_address_where_nobody_is_any_more_is_stopped_at_once_and_what_happens_then_is_kept(app: Flask) -> None:
    admin = make_admin()
    with receiver(in_turn(answering(410), answering())) as running:
        webhook = make_webhook(running.url)
        make_idea()
        make_idea()
        at(clock.now())
        at(clock.now() + timedelta(days=4))
        assert len(running.taken) == 1
        assert str(admin.email) in mails_about_webhooks()
        make_idea(title="What happened meanwhile")
        stopped = reload(webhook)
        assert (stopped.state, stopped.stop_reason) == (WebhookState.STOPPED, StopReason.GONE)
        assert {one.state for one in messages_to(webhook)} == {DeliveryState.FAILED}
        assert messages_to(webhook)[2].error is Failure.SWITCHED_OFF
        boss = actor_of(admin)
        with transaction():
            switch(boss, stopped, is_on=True)
            assert replay_failed(boss, stopped) == 3
        at(clock.now() + SECOND)
    assert [one.headers["webhook-id"] for one in running.taken[1:]] == [one.message_id for one in messages_to(webhook)]
    assert {one.state for one in messages_to(webhook)} == {DeliveryState.DELIVERED}


def test_a_message_sent_again_keeps_its_name(app: Flask, drain: Drain) -> None:
    boss = actor_of(make_admin())
    with receiver() as running:
        webhook = make_webhook(running.url)
        make_idea()
        drain()
        with transaction():
            replay(boss, only(webhook).public_id)
        drain()
    first, second = running.taken
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == only(webhook).message_id
    assert first.body == second.body


def test_work_done_twice_sends_once(app: Flask, drain: Drain) -> None:
    with receiver(answering(500)) as running:
        webhook = make_webhook(running.url)
        make_idea()
        work = pending()
        assert work is not None
        payload = dict(work.payload)
        drain()
        for _ in range(3):
            session().rollback()
            deliver(payload)
    assert (len(running.taken), only(webhook).tries) == (1, 1)


def test_a_message_to_an_address_that_is_switched_off_meanwhile_stays_here(app: Flask, drain: Drain) -> None:
    boss = actor_of(make_admin())
    with receiver() as running:
        webhook = make_webhook(running.url)
        make_idea()
        with transaction():
            switch(boss, webhook, is_on=False)
        drain()
    assert running.taken == []
    assert (only(webhook).state, only(webhook).error) == (DeliveryState.FAILED, Failure.SWITCHED_OFF)


def hanging(_handler: object) -> None:
    time.sleep(30)


def test_an_address_that_lets_us_wait_gets_one_try_a_minute_and_loses_no_message(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "PAUSE_SECONDS", 0.1)
    moment = clock.now()
    with receiver(hanging) as running:
        webhook = make_webhook(running.url)
        with clock.frozen(moment):
            for _ in range(6):
                make_idea()
        at(moment)
        assert len(running.taken) == schedule.SLOW_AFTER
        assert {one.error for one in messages_to(webhook)} == {Failure.TIME, None}
        assert {one.state for one in messages_to(webhook)} == {DeliveryState.WAITING}
        at(moment + 61 * SECOND)
        assert len(running.taken) == schedule.SLOW_AFTER + 1


@dataclass
class Delays:
    """How long each of the good ones waited, in seconds, the longest wait last."""

    seconds: Sequence[float]


@contextmanager
def workers(app: Flask, *, number: int) -> Iterator[None]:
    """Let so many threads do the work of the outbox, as the threads of a worker do."""
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            with app.app_context():
                done = outbox.drain()
                db.session.remove()
            if not done:
                time.sleep(0.02)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join(20)


def tell_twenty(app: Flask, others: Sequence[Receiver], odd: str) -> Delays:
    """Tell nineteen good ones of a comment, and an odd one of two things; return how long the good ones waited."""
    webhooks = [make_webhook(odd), *(make_webhook(one.url, events=[EventType.COMMENT_POSTED]) for one in others)]
    idea = make_idea()
    begun = time.monotonic()
    make_comment(idea)
    with workers(app, number=2):
        until = begun + 30
        while time.monotonic() < until and not all(one.taken for one in others):
            time.sleep(0.02)
    boss = actor_of(make_admin())
    with transaction():
        for webhook in webhooks:
            switch(boss, reload_in(webhook), is_on=False)
    return Delays(sorted(one.taken[0].at - begun for one in others))


def reload_in(webhook: Webhook) -> Webhook:
    session().refresh(webhook)
    return webhook


def test_one_that_hangs_among_twenty_delays_the_others_by_less_than_a_second(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "PAUSE_SECONDS", 3)
    measured = []
    with receiver() as twentieth, receiver(hanging) as bad:
        # What else the machine does can only make a round longer, so one good round shows it.
        for _round in range(3):
            without, with_bad = (measure_twenty(app, odd) for odd in (twentieth.url, bad.url))
            measured.append(with_bad.seconds[-1] - without.seconds[-1])
            if measured[-1] < 1:
                break
        assert bad.taken
    assert min(measured) < 1, measured


def measure_twenty(app: Flask, odd: str) -> Delays:
    """Start nineteen good receivers and tell them, beside an odd one; return how long they waited."""
    with ExitStack() as good:
        return tell_twenty(app, [good.enter_context(receiver()) for _ in range(19)], odd)


def test_nobody_who_listens_is_missed_where_no_port_is_open(app: Flask, drain: Drain) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        webhook = make_webhook(f"http://127.0.0.1:{closed.getsockname()[1]}/hook")
        make_idea()
        drain()
    message = only(webhook)
    assert (message.state, message.status_code, message.error) == (DeliveryState.WAITING, None, Failure.CONNECTION)
