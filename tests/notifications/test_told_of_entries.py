"""Customers are told, in their corner and by mail, what staff entered in their name, and how to object."""

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.customers import confirm_entered, enter_customer
from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.core.db import session, transaction
from ideas.core.settings import Settings
from ideas.ideation.models import Channel
from ideas.ideation.provenance import Heard
from ideas.notifications.models import Notification, NotificationKind
from ideas.notifications.queries import list_told
from ideas.notifications.words import how_to_object
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff
from tests.factories.customers import enter, make_entered_idea, take_entered_back

Drain = Callable[[], int]
Mailbox = Callable[[], dict[str, str]]
TICKET = Heard(via=Channel.TICKET, where="https://tickets.example/17")


@pytest.fixture
def mailbox(app: Flask, settings: Settings) -> Mailbox:
    """Gives what was mailed, as plain text with its subject before it, by receiver; one mail each."""
    folder = Path(settings.mail_url.removeprefix("file://"))
    for old in folder.iterdir():
        old.unlink()

    def read() -> dict[str, str]:
        found: dict[str, str] = {}
        for file in folder.iterdir():
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            body = mail.get_body(("plain",))
            assert body is not None
            assert mail["To"] not in found
            found[str(mail["To"])] = f"{mail['Subject']}\n{body.get_content()}"
        return found

    return read


@pytest.fixture
def manager(app: Flask) -> Member:
    """Somebody of the staff who looks after a board."""
    return make_staff("Rita Rung")


@pytest.fixture
def board(manager: Member) -> Board:
    """Their board."""
    return make_board(owner=manager)


def told(member: Member) -> list[NotificationKind]:
    session().rollback()
    query = select(Notification.kind).where(Notification.member_id == member.id).order_by(Notification.id)
    return list(session().scalars(query))


def test_an_entered_support_is_told_with_who_what_where_and_how_to_object(
    board: Board, manager: Member, drain: Drain, mailbox: Mailbox
) -> None:
    idea, customer = make_idea(board, title="A quieter motor"), make_member()
    enter(idea, of=customer, by=manager, heard=TICKET, need="I fish at night.")
    drain()
    assert told(customer) == [NotificationKind.SUPPORT_ENTERED]
    assert told(manager) == []
    assert list(mailbox()) == [customer.email]
    text = mailbox()[str(customer.email)]
    for words in (
        "Rita Rung entered in your name that you support this: A quieter motor",
        "support ticket, https://tickets.example/17",
        "I fish at night.",
        "take it back on its page",
        f"/ideas/{idea.public_id}",
        "because it was entered in your name",
    ):
        assert words in text
    assert "An account was opened" not in text


def test_an_entered_idea_is_told_to_its_author(board: Board, manager: Member, drain: Drain, mailbox: Mailbox) -> None:
    customer = make_member()
    idea = make_entered_idea(board, of=customer, by=manager, heard=TICKET)
    drain()
    assert told(customer) == [NotificationKind.IDEA_ENTERED]
    text = mailbox()[str(customer.email)]
    for words in (f"Rita Rung published this in your name: {idea.title}", "support ticket", "withdraw it", "Report it"):
        assert words in text


def test_each_entry_is_told_once_and_anew_when_it_is_entered_again(board: Board, manager: Member, drain: Drain) -> None:
    idea, customer = make_idea(board), make_member()
    enter(idea, of=customer, by=manager)
    assert not enter(idea, of=customer, by=manager)
    drain()
    take_entered_back(idea, of=customer, by=manager)
    enter(idea, of=customer, by=manager)
    drain()
    assert told(customer) == [NotificationKind.SUPPORT_ENTERED] * 2


def test_what_was_taken_back_before_the_mail_went_is_not_mailed(
    board: Board, manager: Member, drain: Drain, mailbox: Mailbox
) -> None:
    idea, customer = make_idea(board), make_member()
    enter(idea, of=customer, by=manager)
    take_entered_back(idea, of=customer, by=manager)
    drain()
    assert mailbox() == {}
    (line,) = list_told(actor_of(customer)).items
    assert [str(words) for words in how_to_object(line.kind, line.heard)] == ["It was taken back since."]


def test_nobody_is_told_of_what_they_may_not_see_any_more(
    board: Board, manager: Member, drain: Drain, mailbox: Mailbox
) -> None:
    idea, customer = make_idea(board, author=manager), make_member()
    enter(idea, of=customer, by=manager)
    with transaction():
        board.audience = Audience.STAFF
        session().add(board)
    drain()
    assert (told(customer), mailbox()) == ([], {})


def test_who_wants_no_mail_is_told_in_the_corner_alone(
    board: Board, manager: Member, drain: Drain, mailbox: Mailbox
) -> None:
    idea, customer = make_idea(board), make_member()
    with transaction():
        customer.wants_mail = False
        session().add(customer)
    enter(idea, of=customer, by=manager)
    drain()
    assert (told(customer), mailbox()) == ([NotificationKind.SUPPORT_ENTERED], {})


def test_the_corner_says_where_it_was_heard_and_what_to_do(board: Board, manager: Member, drain: Drain) -> None:
    customer = make_member()
    make_entered_idea(board, of=customer, by=manager, heard=TICKET)
    enter(make_idea(board), of=customer, by=manager, heard=Heard(via=Channel.EVENT))
    drain()
    support, idea = list_told(actor_of(customer)).items
    assert (support.heard, idea.heard) == (Heard(via=Channel.EVENT), TICKET)
    assert "event." in str(how_to_object(support.kind, support.heard)[0])
    assert "withdraw" in str(how_to_object(idea.kind, idea.heard)[1])


def test_whose_account_staff_opened_learns_how_to_come_in_until_they_have(
    board: Board, manager: Member, drain: Drain, mailbox: Mailbox
) -> None:
    with transaction():
        customer = enter_customer(actor_of(manager), name="Elodie Weiss", email="elodie@weiss.example")
    enter(make_idea(board), of=customer, by=manager)
    drain()
    assert "An account was opened for you" in mailbox()["elodie@weiss.example"]
    assert customer.password is None
    with transaction():
        confirm_entered(customer.id)
    session().refresh(customer)
    assert customer.confirmed_at is not None
