"""Messages are forgotten in time, and what they say of somebody who leaves is forgotten with them."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.core import clock
from ideas.core.db import transaction
from ideas.ideation.merging import merge_ideas
from ideas.privacy import jobs
from ideas.privacy.services import leave
from ideas.webhooks.models import DeliveryState, Format, WebhookDelivery
from tests.factories import (
    actor_of,
    amendments,
    make_admin,
    make_board,
    make_comment,
    make_idea,
    make_member,
    make_staff,
)
from tests.factories.merging import make_merge
from tests.factories.responding import make_response
from tests.factories.together import make_co_author
from tests.factories.webhooks import make_webhook, messages_to
from tests.webhooks.receiver import receiver

Drain = Callable[[], int]
#: As people have them: with letters and signs that are written otherwise in JSON and for chats.
NAME = 'Siân O\'Canary & "Sons"'


def test_messages_are_kept_for_thirty_days_and_no_longer(app: Flask, drain: Drain) -> None:
    webhook = make_webhook()
    make_idea()
    for days, left in ((29, 1), (31, 0)):
        with clock.frozen(clock.now() + timedelta(days=days)):
            jobs.drop_old()
        assert len(messages_to(webhook)) == left


def erase(member: Member, *, keeps_content: bool) -> None:
    with transaction():
        leave(actor_of(member), keeps_content=keeps_content, confirmation=member.handle)


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize("keeps_content", [True, False])
def test_no_message_says_anything_of_somebody_who_left(
    app: Flask, drain: Drain, form: Format, keeps_content: bool
) -> None:
    make_admin()
    leaving, other = make_member(NAME), make_member("Other Person")
    manager = make_staff()
    board = make_board(owner=manager)
    with receiver() as running:
        webhook = make_webhook(running.url, form=form)
        own, theirs = make_idea(board, author=leaving, title="A kestrelword in it"), make_idea(board, author=other)
        make_comment(theirs, author=leaving, body="Kestrelword too.")
        make_comment(theirs, author=other, body=f"Write to {leaving.email} about it.")
        make_comment(theirs, author=other, body=f"I agree with @{leaving.handle}.")
        make_response(theirs, by=manager)
        drain()
        before = messages_to(webhook)
        assert sum("estrelword" in str(one.payload) for one in before) == 2
        make_comment(own, author=other, body="Not sent yet.")
        handle, email = leaving.handle, str(leaving.email)
        erase(leaving, keeps_content=keeps_content)
        assert said_of(messages_to(webhook), handle) == []
        assert email.partition("@")[0] not in str([one.payload for one in messages_to(webhook)])
        assert "estrelword" not in str([one.payload for one in messages_to(webhook)])
        # What others wrote, and that the others were sent, stays in the log.
        assert len([one for one in messages_to(webhook) if one.payload]) == 2
        assert len(messages_to(webhook)) == len(before) + 1
        drain()
        last = messages_to(webhook)[-1]
    assert said_of(messages_to(webhook), handle) == []
    # The idea goes on under a pseudonym, or is gone with its comments.
    assert last.state is (DeliveryState.DELIVERED if keeps_content else DeliveryState.DROPPED)
    assert ("Not sent yet" in str(last.payload)) is keeps_content


def test_reasons_of_somebody_who_left_are_forgotten_with_them(app: Flask, drain: Drain) -> None:
    make_admin()
    leaving, other = make_staff(), make_member()
    board = make_board(owner=leaving)
    with receiver() as running:
        webhook = make_webhook(running.url)
        ideas = [make_idea(board, author=other) for _ in range(4)]
        amendments.reject(amendments.propose(ideas[0], "Another text."), by=other, reason="It hums, a hummingword.")
        make_co_author(ideas[0], leaving)
        amendments.reject(amendments.propose(ideas[0], "A third one."), by=leaving, reason="Such a kestrelword.")
        with transaction():
            merge_ideas(actor_of(leaving), ideas[1], ideas[2], reason="Both are a kestrelword.")
        make_merge(ideas[3], ideas[2], reason="Both are a hummingword.")
        drain()
        before = messages_to(webhook)
        assert {word: sum(word in str(one.payload) for one in before) for word in ("kestrelword", "hummingword")} == {
            "kestrelword": 3, "hummingword": 3,
        }  # fmt: skip
        erase(leaving, keeps_content=True)
    after = messages_to(webhook)
    assert "kestrelword" not in str([one.payload for one in after])
    assert sum("hummingword" in str(one.payload) for one in after) == 3
    assert len(after) == len(before)


def said_of(messages: Sequence[WebhookDelivery], handle: str) -> list[str]:
    """Return what messages still say of the person."""
    said = "".join(str(one.payload) for one in messages)
    return [word for word in ("Canary", "Si\\u00e2n", handle) if word in said]
