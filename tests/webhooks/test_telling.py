"""What happens reaches the addresses that want to hear of it, as it may be read when it is sent, and nobody else."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from ideas.boards.models import Audience, Board
from ideas.commenting.models import Comment
from ideas.core import clock, outbox
from ideas.core.db import abandon_writing, begin_writing, session, transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import edit_idea, withdraw_idea
from ideas.webhooks.models import CHOSEN, DeliveryState, EventType, Format, WebhookState
from ideas.webhooks.services import WebhookDraft, change_webhook, find_url
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
from tests.factories.cocreation import make_choice
from tests.factories.responding import make_response
from tests.factories.rewards import make_settlement
from tests.factories.webhooks import make_webhook, messages_to
from tests.factories.world import ROOT
from tests.webhooks.receiver import Receiver, receiver

Drain = Callable[[], int]
CANARY = "Kestrelquill"


@pytest.fixture
def listening(app: Flask) -> Iterator[Receiver]:
    """A program that takes everything."""
    with receiver() as running:
        yield running


def test_each_event_is_told_in_its_words_and_in_the_order_of_what_happened(listening: Receiver, drain: Drain) -> None:
    make_webhook(listening.url)
    manager, author = make_staff(), make_member("Ada Lovelace")
    board = make_board("Printers", owner=manager)
    problem = make_problem(board, author=author, title="The printer eats paper")
    with transaction():
        current = get_idea_by_id(ROOT, problem.id, lock=True)
        edit_idea(actor_of(author), current, title=current.title, body="It eats *all* paper.", note="", seen_revision=1)
    make_comment(problem, author=manager, body="We <b>saw</b> it.", is_official=True)
    make_comment(problem, author=manager, body=f"Hush, {CANARY}.", is_internal=True)
    fix = make_fix(problem, author=author)
    make_choice(fix, by=manager, note="It is the smallest one.")
    make_response(problem, by=manager, body="It is mended in the next version, promised.", status="delivered")
    make_settlement(get_idea_by_id(ROOT, problem.id), by=manager)
    drain()
    told = {one["type"]: one["data"] for one in (taken.said for taken in listening.taken)}
    assert listening.types == [
        "idea.published", "idea.edited", "comment.posted", "idea.published", "fix.chosen",
        "idea.status_changed", "idea.delivered", "response.sent", "credit.settled",
    ]  # fmt: skip
    assert set(told) == {one.value for one in CHOSEN} - {"idea.withdrawn"}
    assert told["idea.edited"]["revision"] == {"number": 2}
    assert told["idea.edited"]["idea"]["text"] == "It eats all paper."
    assert told["idea.edited"]["idea"]["author"] == {"name": "Ada Lovelace", "handle": author.handle, "is_staff": False}
    assert told["idea.edited"]["board"]["url"] == f"http://localhost/boards/{board.slug}"
    assert told["comment.posted"]["comment"]["is_official"] is True
    assert told["fix.chosen"]["note"] == "It is the smallest one."
    assert told["fix.chosen"]["problem"]["title"] == "The printer eats paper"
    assert told["idea.delivered"]["change"]["to"]["category"] == "delivered"
    assert told["response.sent"]["response"]["has_changed_status"] is True
    assert told["credit.settled"]["credit"]["people"] >= 1
    assert CANARY not in str(told)


def test_only_what_was_ticked_is_told_and_nothing_to_an_address_that_is_off(listening: Receiver, drain: Drain) -> None:
    wanted = make_webhook(listening.url, events=[EventType.COMMENT_POSTED])
    off = make_webhook(listening.url, state=WebhookState.OFF)
    make_comment(make_idea())
    drain()
    assert listening.types == ["comment.posted"]
    assert [one.state for one in messages_to(wanted)] == [DeliveryState.DELIVERED]
    assert messages_to(off) == []


def test_a_message_belongs_to_the_change_and_is_undone_with_it(app: Flask) -> None:
    webhook, author = make_webhook(), make_member()
    idea = make_idea(author=author)
    kept = messages_to(webhook)
    pending = outbox.count_pending()
    begin_writing()
    withdraw_idea(actor_of(author), get_idea_by_id(ROOT, idea.id, lock=True), reason="I was wrong about it.")
    assert outbox.count_pending() > pending
    abandon_writing()
    assert [one.id for one in messages_to(webhook)] == [one.id for one in kept]
    assert outbox.count_pending() == pending


@pytest.mark.parametrize("audience", [Audience.MEMBERS, Audience.SEGMENT, Audience.STAFF])
def test_a_board_that_is_not_public_is_told_only_where_it_was_chosen_itself(
    listening: Receiver, drain: Drain, audience: Audience
) -> None:
    hidden, other = make_board(audience=audience), make_board()
    chosen = make_webhook(listening.url, boards=[hidden])
    silent = [make_webhook(listening.url), make_webhook(listening.url, boards=[other])]
    make_idea(hidden, author=make_staff(), title=f"The {CANARY} leaks")
    drain()
    assert [messages_to(one) for one in silent] == [[], []]
    assert [one.said["data"]["idea"]["title"] for one in listening.taken] == [f"The {CANARY} leaks"]
    assert len(messages_to(chosen)) == 1


def close(board: Board, audience: Audience) -> None:
    with transaction():
        session().execute(update(Board).where(Board.id == board.id).values(audience=audience))


@pytest.mark.parametrize("is_chosen", [True, False])
def test_nothing_is_told_of_a_board_that_was_closed_after_the_message_was_queued(
    listening: Receiver, drain: Drain, is_chosen: bool
) -> None:
    board = make_board()
    webhook = make_webhook(listening.url, boards=[board] if is_chosen else None)
    make_idea(board, title=f"The {CANARY} leaks")
    close(board, Audience.STAFF)
    drain()
    assert listening.taken == []
    assert [(one.state, one.payload) for one in messages_to(webhook)] == [(DeliveryState.DROPPED, None)]
    make_idea(board, author=make_staff())
    assert len(messages_to(webhook)) == 1


def test_a_board_that_was_closed_is_told_again_when_an_admin_chooses_it_anew(listening: Receiver, drain: Drain) -> None:
    board = make_board()
    webhook = make_webhook(listening.url, boards=[board])
    close(board, Audience.MEMBERS)
    draft = WebhookDraft(
        name="Again", url=find_url(webhook), format=Format.STANDARD, events=webhook.events, board_slugs=[board.slug]
    )
    admin = actor_of(make_admin())
    with transaction():
        change_webhook(admin, webhook, draft)
    make_idea(board)
    drain()
    assert listening.types == ["idea.published"]


def test_what_was_hidden_or_withdrawn_before_it_was_sent_is_not_sent(listening: Receiver, drain: Drain) -> None:
    webhook = make_webhook(listening.url)
    author = make_member()
    hidden, withdrawn = make_idea(title=f"The {CANARY} hides"), make_idea(author=author, title=f"The {CANARY} goes")
    muted = make_comment(make_idea(), body=f"My {CANARY}.")
    with transaction():
        session().execute(update(Idea).where(Idea.id == hidden.id).values(hidden_at=clock.now()))
        session().execute(update(Comment).where(Comment.id == muted.id).values(hidden_at=clock.now()))
        withdraw_idea(actor_of(author), get_idea_by_id(ROOT, withdrawn.id, lock=True), reason=f"No {CANARY} after all.")
    drain()
    assert CANARY not in str([one.body for one in listening.taken])
    assert listening.types == ["idea.published", "idea.withdrawn"]
    assert listening.taken[1].said["data"]["idea"] == {
        "id": withdrawn.public_id, "kind": "idea", "url": f"http://localhost/ideas/{withdrawn.public_id}",
    }  # fmt: skip
    dropped = [one for one in messages_to(webhook) if one.state is DeliveryState.DROPPED]
    assert [one.event for one in dropped] == [
        EventType.IDEA_PUBLISHED,
        EventType.IDEA_PUBLISHED,
        EventType.COMMENT_POSTED,
    ]


def test_a_message_says_what_holds_when_it_is_sent(listening: Receiver, drain: Drain) -> None:
    make_webhook(listening.url)
    idea = make_idea(title="Spelt rwong at first")
    with transaction():
        session().execute(update(Idea).where(Idea.id == idea.id).values(title="Spelt right at last"))
    drain()
    assert listening.taken[0].said["data"]["idea"]["title"] == "Spelt right at last"
