"""Programs that answer each message with a change come to an end after three messages."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.commenting.services import post_comment
from ideas.core import outbox
from ideas.core.db import session, transaction
from ideas.ideation.queries import get_idea_by_id
from ideas.webhooks import hops
from tests.factories import actor_of, make_comment, make_idea, make_member
from tests.factories.webhooks import make_webhook, messages_to
from tests.factories.world import ROOT
from tests.webhooks.receiver import Receiver, receiver

pytestmark = pytest.mark.once

Drain = Callable[[], int]


def echo(running: Receiver, heard: list[int], idea_id: int, author_id: int) -> int:
    """Post a comment for each message that came in since, sending its mark back; return how many those were."""

    author = actor_of(session().get_one(Member, author_id))
    new = running.taken[len(heard) :]
    for message in new:
        heard.append(1)
        with hops.arriving(message.headers[hops.HEADER.lower()]), transaction():
            post_comment(author, get_idea_by_id(ROOT, idea_id), body=f"You said {message.said['type']}.")
    return len(new)


@pytest.mark.parametrize("peers", [1, 2])
def test_echoing_programs_hear_three_messages_of_one_thing_and_no_more(app: Flask, drain: Drain, peers: int) -> None:
    idea, echoing = make_idea(), make_member()
    with ExitStack() as stack:
        running = [stack.enter_context(receiver()) for _ in range(peers)]
        heard: list[list[int]] = [[] for _ in running]
        webhooks = [make_webhook(one.url) for one in running]
        make_comment(idea)
        for _ in range(20):
            drain()
            answered = [echo(one, its, idea.id, echoing.id) for one, its in zip(running, heard, strict=True)]
            if not any(answered):
                break
        marks = [[int(taken.headers["ideas-hop"]) for taken in one.taken] for one in running]
    assert [max(one) for one in marks] == [3] * peers
    # One thing leads to one comment of each peer, which is told to each of them.
    assert [len(one) for one in marks] == [1 + peers + peers**2] * peers
    assert outbox.count_pending() == 0
    assert [len(messages_to(one)) for one in webhooks] == [len(one) for one in marks]


def test_what_a_person_does_begins_anew(app: Flask, drain: Drain) -> None:
    with receiver() as running:
        make_webhook(running.url)
        with hops.arriving("3"):
            idea = make_idea()
        make_comment(idea)
        drain()
    assert [(one.said["type"], one.headers["ideas-hop"]) for one in running.taken] == [("comment.posted", "1")]


@pytest.mark.parametrize(
    ("header", "count"),
    [(None, 0), ("", 0), ("0", 0), ("2", 2), (" 3 ", 3), ("99", 3), ("9" * 99, 3), ("-1", 0), ("²", 0), ("x", 0)],
)
def test_a_mark_is_read_as_a_number_up_to_the_last_one(header: str | None, count: int) -> None:
    with hops.arriving(header):
        assert hops.count() == count
    assert hops.count() == 0
