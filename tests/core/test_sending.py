"""Sending mails to a real server: what it refuses, what it is too slow for, what is lost when it dies (nothing)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.core import clock, mail, outbox, sending, smtp
from ideas.core.attempts import forget_attempts
from ideas.core.db import session, transaction
from ideas.core.mail_counts import Outcome, counts_since, week
from ideas.core.outbox import Job, OutboxState
from ideas.core.outbox_rows import OutboxRow
from ideas.core.settings import read_settings
from ideas.core.suppression import TRIES_A_DAY, SuppressedAddress, find_suppressed
from tests.core.work import rows, working
from tests.servers.post_office import HANG_UP, PostOffice, running, send_through

NOON = datetime(2030, 5, 6, 12, tzinfo=UTC)
COMMUNITY = "test.community"
JOBS = {
    mail.JOB: Job(run=mail.send, inside=False, retries=sending.RETRIES),
    COMMUNITY: Job(run=mail.send, inside=False, retries=sending.RETRIES),
}


@pytest.fixture(scope="module")
def office() -> Iterator[PostOffice]:
    with running(PostOffice()) as found:
        yield found


@pytest.fixture(autouse=True)
def post(app: Flask, office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """The server, to which the application sends."""
    office.reset()
    office.start()
    send_through(office, app, monkeypatch)
    forget_attempts()
    with working(JOBS):
        yield office


def queue(to: str = "ann@example.org", subject: str = "Hello", **more: Any) -> None:
    with transaction():
        mail.queue_mail(to=to, subject=subject, text="Words.", **more)


def go_on(until: datetime, *, every: timedelta = timedelta(minutes=5)) -> None:
    """Let the worker look at the queue from now to a moment."""
    moment = clock.now()
    while moment < until:
        moment += every
        with clock.frozen(moment):
            outbox.drain()


def the_row() -> OutboxRow:
    (row,) = rows()
    return row


def counted(outcome: Outcome) -> int:
    session().rollback()
    return counts_since(week())[outcome]


def test_a_mail_arrives_as_it_was_written(post: PostOffice) -> None:
    queue(
        "ann@example.org", "Grüße, 世界", html="<p>Words ü.</p>", reply_to="answer+x@example.org", references=("<a@b>",)
    )
    outbox.drain()
    (found,) = post.received
    assert (found.sender, found.to) == ("ideas@localhost", "ann@example.org")
    message = found.message
    assert message["Subject"] == "Grüße, 世界"
    assert message["Reply-To"] == "answer+x@example.org"
    assert message["In-Reply-To"] == message["References"] == "<a@b>"
    assert message["Message-ID"].endswith("@localhost>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert found.data.isascii()
    assert the_row().state is OutboxState.DONE
    assert counted(Outcome.SENT) == 1


POISON = [
    f"Ann{end}Bcc: all@example.org{end}{end}Body" for end in ("\r\n", "\n", "\r", "\x00", "\x1b", "\x85", "\u2028")
]


@pytest.mark.once
@pytest.mark.parametrize("name", [*POISON, "\ud800Ann", "Ann\x7f"])
def test_a_poisonous_name_sends_one_mail_with_one_header(post: PostOffice, name: str) -> None:
    queue(subject=f"{name} wrote", headers={"X-Name": name}, sender_name=name)
    outbox.drain()
    (found,) = post.received
    head = found.data.partition(b"\r\n\r\n")[0]
    assert head.lower().count(b"\r\nsubject:") == 1
    assert b"\r\nbcc:" not in head.lower()
    assert found.message["X-Name"] is not None
    assert [header for header in found.message if header.lower() == "bcc"] == []
    assert the_row().state is OutboxState.DONE


def test_a_message_has_the_same_name_at_each_try(post: PostOffice) -> None:
    post.answer_data = lambda found: HANG_UP
    queue(key="answer:7:ann")
    outbox.drain()
    post.behave()
    with clock.frozen(clock.now() + timedelta(hours=1)):
        outbox.drain()
    first, second = (found.message["Message-ID"] for found in post.received)
    assert first == second == mail.message_id_of("answer:7:ann")
    assert the_row().state is OutboxState.DONE


def test_what_the_server_takes_later_is_tried_again_and_others_go_on(post: PostOffice) -> None:
    post.answer_rcpt = lambda to: "451 4.7.1 Greylisted" if to == "ann@example.org" else "250 OK"
    with clock.frozen(NOON):
        queue("ann@example.org", "First")
        queue("bob@example.org", "Second")
        queue("ann@example.org", "Third")
        outbox.drain()
        assert post.subjects == ["Second"]
        post.behave()
        go_on(NOON + timedelta(minutes=10))
        assert sorted(post.subjects) == ["First", "Second", "Third"]
        assert counts_since(week())[Outcome.PUT_OFF] == 2
    assert find_suppressed("ann@example.org") is None


def test_a_mail_is_tried_for_a_day_and_a_half_before_it_is_given_up(post: PostOffice) -> None:
    post.answer_data = lambda found: "450 4.3.2 Not now"
    with clock.frozen(NOON):
        queue()
        go_on(NOON + timedelta(hours=36), every=timedelta(minutes=20))
        assert the_row().state is OutboxState.PENDING
        go_on(NOON + timedelta(hours=60), every=timedelta(minutes=20))
    row = the_row()
    assert row.state is OutboxState.DEAD
    assert row.reason == "450 4.3.2 Not now"


@pytest.mark.parametrize(
    "answer",
    ["550 5.1.1 <ann@example.org>: no such user", "550 User unknown", "553 Unknown mailbox", "556 5.1.10 Null MX"],
)
def test_an_address_that_nobody_has_gets_nothing_more(post: PostOffice, answer: str) -> None:
    post.answer_rcpt = lambda to: answer if to == "ann@example.org" else "250 OK"
    queue("ann@example.org", "First")
    queue("bob@example.org", "Second")
    outbox.drain()
    queue("Ann@Example.org", "Third")
    outbox.drain()
    assert post.subjects == ["Second"]
    refused = find_suppressed("ANN@example.org")
    assert refused is not None
    assert refused.reason.startswith(answer[:3])
    assert "ann@" not in refused.reason
    states = {row.payload["subject"]: row.state for row in rows()}
    assert states == {"First": OutboxState.DEAD, "Second": OutboxState.DONE, "Third": OutboxState.DONE}
    assert (counted(Outcome.NO_SUCH_ADDRESS), counted(Outcome.HELD_BACK)) == (1, 1)


@pytest.mark.parametrize(
    ("at_rcpt", "answer"),
    [
        (True, "550 5.7.1 Relaying denied"),
        (True, "550 Blocked by our policy"),
        (True, "554 5.7.1 Listed"),
        (False, "554 5.7.1 This looks like spam"),
        (False, "552 5.3.4 Too large"),
        (False, "554 No"),
    ],
)
def test_a_mail_that_is_refused_says_nothing_of_its_address(post: PostOffice, at_rcpt: bool, answer: str) -> None:
    if at_rcpt:
        post.answer_rcpt = lambda to: answer
    else:
        post.answer_data = lambda found: answer
    queue()
    outbox.drain()
    row = the_row()
    assert (row.state, row.reason) == (OutboxState.DEAD, answer)
    assert find_suppressed("ann@example.org") is None
    post.behave()
    queue(subject="Another")
    outbox.drain()
    assert post.subjects == ["Another"]


def test_a_full_mailbox_is_tried_again(post: PostOffice) -> None:
    post.answer_rcpt = lambda to: "552 5.2.2 Mailbox full"
    queue()
    outbox.drain()
    assert the_row().state is OutboxState.PENDING
    assert find_suppressed("ann@example.org") is None


def test_some_say_only_at_the_end_that_nobody_has_the_address(post: PostOffice) -> None:
    post.answer_data = lambda found: "550 5.1.1 Nobody here"
    queue()
    outbox.drain()
    assert find_suppressed("ann@example.org") is not None


def test_what_somebody_asked_for_goes_to_a_refused_address_a_few_times_and_arriving_lifts_it(post: PostOffice) -> None:
    post.answer_rcpt = lambda to: "550 5.1.1 Nobody here"
    queue()
    outbox.drain()
    for number in range(TRIES_A_DAY + 2):
        queue(subject=f"Code {number}", expires_at=clock.now() + timedelta(minutes=10), asked_for=True)
        outbox.drain()
    # The first one was not asked for.
    assert post.visits == 1 + TRIES_A_DAY
    forget_attempts()
    post.behave()
    queue(subject="Code", expires_at=clock.now() + timedelta(minutes=10), asked_for=True)
    queue(subject="News")
    outbox.drain()
    assert post.subjects == ["Code", "News"]
    session().rollback()
    assert session().scalars(select(SuppressedAddress)).all() == []


def test_a_server_that_dies_in_the_middle_of_a_mail_gets_it_again_and_others_do_not_wait(post: PostOffice) -> None:
    post.dies_in_data = lambda to: to == "ann@example.org"
    with clock.frozen(NOON):
        queue("ann@example.org", "First")
        queue("bob@example.org", "Second")
        queue("cem@example.org", "Third")
        outbox.drain()
        assert sorted(post.subjects) == ["Second", "Third"]
        post.behave()
        go_on(NOON + timedelta(minutes=5))
    assert sorted(post.subjects) == ["First", "Second", "Third"]


def test_a_server_that_dies_after_taking_a_mail_gets_at_most_one_copy_more_each_time(post: PostOffice) -> None:
    deaths = iter([HANG_UP, HANG_UP])
    post.answer_data = lambda found: next(deaths, "250 OK")
    with clock.frozen(NOON):
        queue()
        go_on(NOON + timedelta(minutes=30))
    assert len(post.received) == 3
    assert len({found.message["Message-ID"] for found in post.received}) == 1
    assert the_row().state is OutboxState.DONE


def test_a_server_that_never_ends_its_answers_is_left_in_time(
    post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TOTAL_SECONDS", 0.5)
    post.seconds = 20
    queue()
    begun = datetime.now(UTC)
    outbox.drain()
    assert datetime.now(UTC) - begun < timedelta(seconds=8)
    assert the_row().state is OutboxState.PENDING
    assert the_row().reason == "the mail server closed the connection"


def test_a_slow_server_gets_each_mail_once(post: PostOffice) -> None:
    post.seconds = 0.3
    for number in range(3):
        queue(subject=str(number))
    outbox.drain()
    assert post.subjects == ["0", "1", "2"]


def test_a_mail_that_comes_too_late_is_dropped_and_counted(post: PostOffice) -> None:
    with clock.frozen(NOON):
        queue(subject="Code", expires_at=NOON + timedelta(minutes=10), asked_for=True)
        queue(subject="News")
    with clock.frozen(NOON + timedelta(minutes=10)):
        outbox.drain()
        assert counts_since(week())[Outcome.EXPIRED] == 1
    assert post.subjects == ["News"]
    assert {row.state for row in rows()} == {OutboxState.DONE}


def test_a_day_without_a_server_loses_nothing_but_stale_codes_and_keeps_the_order(post: PostOffice) -> None:
    post.stop()
    people = [f"person{number}@example.org" for number in range(6)]
    wanted = {to: [f"{hour:02} for {to}" for hour in range(0, 24, 3)] for to in people}
    for minute in range(0, 24 * 60, 20):
        with clock.frozen(NOON + timedelta(minutes=minute)):
            if minute % 180 == 0:
                for to in people:
                    queue(to, f"{minute // 60:02} for {to}", key=f"{minute}:{to}")
                queue(people[0], "Code", expires_at=clock.now() + timedelta(minutes=10), asked_for=True)
            outbox.drain()
    assert {row.state for row in rows() if not row.payload["expires_at"]} == {OutboxState.PENDING}
    post.start()
    with clock.frozen(NOON + timedelta(days=1)):
        queue(people[1], "Fresh code", expires_at=clock.now() + timedelta(minutes=10), asked_for=True)
        go_on(clock.now() + timedelta(hours=1), every=timedelta(minutes=1))
    arrived = {to: [found.message["Subject"] for found in post.received if found.to == to] for to in people}
    assert arrived.pop(people[1])[-8:] == wanted.pop(people[1])
    assert arrived == wanted
    assert "Fresh code" in post.subjects
    assert {row.state for row in rows()} == {OutboxState.DONE}
    with clock.frozen(NOON + timedelta(days=1)):
        assert counts_since(week())[Outcome.EXPIRED] == 8


def test_while_the_server_is_away_one_mail_asks_for_all(post: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LANES", 1)
    post.answer_rcpt = lambda to: "421 4.3.2 Going down"
    with clock.frozen(NOON):
        for number in range(50):
            queue(f"person{number}@example.org")
        go_on(NOON + timedelta(hours=3), every=timedelta(minutes=1))
    # Half a minute, one, two, five, then ten and fifteen.
    assert post.visits <= 20
    assert sending.count_waiting() == 50


def test_new_mail_that_gets_through_lets_go_of_what_waits(post: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LANES", 1)
    post.stop()
    with clock.frozen(NOON):
        queue("ann@example.org", "First")
        queue("bob@example.org", "Second")
        go_on(NOON + timedelta(hours=12), every=timedelta(minutes=30))
    post.start()
    with clock.frozen(NOON + timedelta(hours=12, minutes=1)):
        queue("cem@example.org", "Third")
        outbox.drain()
    assert post.subjects[0] == "Third"
    assert sorted(post.subjects) == ["First", "Second", "Third"]


def test_no_more_leave_in_an_hour_than_the_site_allows_but_single_mails_do(
    app: Flask, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_through(post, app, monkeypatch, mails_per_hour=3)
    for number in range(5):
        letter = mail.payload_of(to=f"person{number}@example.org", subject=f"News {number}", text="Words.")
        with transaction():
            outbox.put(COMMUNITY, letter, lane="letters")
    queue("ann@example.org", "Code")
    outbox.drain()
    assert sorted(post.subjects) == ["Code", "News 0", "News 1", "News 2"]
    assert sending.is_cap_reached()
    forget_attempts()
    with clock.frozen(clock.now() + timedelta(hours=1, minutes=1)):
        outbox.drain()
    assert sorted(post.subjects) == ["Code", *(f"News {number}" for number in range(5))]


@pytest.mark.once
def test_settings_of_a_server_without_encryption_are_taken_only_where_that_is_said() -> None:
    elsewhere = {"MAIL_URL": "smtp://mail.example.com:25?tls=no"}
    assert mail.mail_config(read_settings(elsewhere))["MAIL_USE_TLS"] is False
    assert mail.mail_config(read_settings({"MAIL_URL": "smtp://mail.example.com:25"}))["MAIL_USE_TLS"] is True
