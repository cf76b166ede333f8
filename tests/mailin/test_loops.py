"""Two programs that answer each other by way of this place soon fall silent."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.utils import parseaddr
from pathlib import Path

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.core import clock
from ideas.core.db import transaction
from ideas.core.settings import Settings
from ideas.mailin import intake
from ideas.mailin.intake import MOST, Outcome, TryLater, take
from ideas.notifications.choices import choose
from ideas.notifications.models import Channel, NotificationKind
from tests.factories import actor_of, make_idea, make_member
from tests.mailin.conftest import Mails, comments_on
from tests.mailin.letters import address_for, letter


def is_taken(raw: bytes) -> bool:
    """Tell whether the mail server may forget a message."""
    try:
        take(raw)
    except TryLater:
        return False
    return True


@pytest.mark.parametrize("admits_it", [True, False])
def test_two_echoes_get_at_most_three_messages_each_in_ten_minutes(
    place: Flask, settings: Settings, drain: Callable[[], int], admits_it: bool
) -> None:
    """`admits_it`: whether the echoes say that they are programs."""
    folder = Path(settings.mail_url.removeprefix("file://"))
    ada, bob = make_member("Ada Echo"), make_member("Bob Echo")
    idea = make_idea(author=ada)
    for member in (ada, bob):
        with transaction():
            choose(actor_of(member), {NotificationKind.COMMENT: Channel.AT_ONCE})
    got: dict[str, int] = {str(ada.email): 0, str(bob.email): 0}
    by_address: dict[str, Member] = {str(ada.email): ada, str(bob.email): bob}
    began = clock.now()
    for old in folder.glob("*.eml"):
        old.unlink()
    # A person begins, by mail.
    take(letter(to=address_for(bob, idea), sender=str(bob.email), body="What about Fridays?"))
    waiting: list[bytes] = []
    for second in range(0, 600, 20):
        with clock.frozen(began + timedelta(seconds=second)):
            drain()
            for path in sorted(folder.glob("*.eml")):
                message = message_from_bytes(path.read_bytes(), policy=policy.default)
                path.unlink()
                address = parseaddr(str(message["to"]))[1]
                got[address] += 1
                # Each answer differs from the one before, as a program does that says what time it is.
                headers = ["Auto-Submitted: auto-replied"] if admits_it else []
                to, body = address_for(by_address[address], idea), f"I am away. It is {second}."
                waiting.append(letter(to=to, sender=address, headers=headers, body=body))
            waiting = [raw for raw in waiting if not is_taken(raw)]
    said = [author for author, _body in comments_on(idea)]
    assert got[str(ada.email)] >= 1
    assert max(got.values()) <= 3
    assert len(said) == 1 if admits_it else 2 <= max(said.count(ada.id), said.count(bob.id)) <= 3


def test_what_goes_on_for_an_hour_is_dropped_and_its_writer_told_once(
    place: Flask, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "PACE", MOST + 1)
    ada, idea = make_member("Ada Echo"), make_idea()
    outcomes = []
    for number in range(MOST + 3):
        outcomes.append(take(letter(to=address_for(ada, idea), sender=str(ada.email), body=f"Words {number}")))
    assert outcomes == [Outcome.POSTED] * MOST + [Outcome.DROPPED] * 3
    assert ["Many replies by mail" in answer["text"] for answer in mails()] == [True]
