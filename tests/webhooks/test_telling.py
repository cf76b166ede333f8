"""What happens reaches the addresses that want to hear of it, as it may be read when it is sent, and nobody else."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

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
    amendments,
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
from tests.factories.links import make_part
from tests.factories.merging import make_merge, unmake_merge
from tests.factories.responding import make_response
from tests.factories.rewards import make_settlement
from tests.factories.together import make_adoption, make_co_author
from tests.factories.webhooks import make_webhook, messages_to
from tests.factories.world import ROOT
from tests.webhooks.receiver import Receiver, receiver

Drain = Callable[[], int]
CANARY = "Kestrelquill"
#: What happens where people write together, and between one idea and another.
TOGETHER = {
    "amendment.decided", "amendment.proposed", "idea.adopted", "idea.authors_changed", "idea.merge_undone",
    "idea.merged", "idea.split",
}  # fmt: skip


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
    assert set(told) == {one.value for one in CHOSEN} - TOGETHER - {"idea.withdrawn"}
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


def test_what_people_write_together_is_told_in_its_words_and_in_its_order(listening: Receiver, drain: Drain) -> None:
    author, other = make_member("Ada Lovelace"), make_member("Grace Hopper")
    idea, twin, left = (
        make_idea(author=author, title=title) for title in ("Fold the letters", "Letters that fold", "Bind the reports")
    )
    make_webhook(listening.url)
    amendments.reject(amendments.propose(idea, "Fold it twice.", by=other), by=author, reason="Once is enough, really.")
    amendments.accept(amendments.propose(idea, "Fold it at night.", by=other), by=author)
    make_co_author(idea, other)
    part = make_part(idea, title="Fold the envelopes too")
    unmake_merge(make_merge(twin, idea, reason="They say the same, in our eyes."))
    make_adoption(left, by=other)
    drain()
    assert listening.types == [
        "amendment.proposed", "amendment.decided", "amendment.proposed", "idea.edited", "amendment.decided",
        "idea.authors_changed", "idea.published", "idea.authors_changed", "idea.split",
        "idea.merged", "idea.merge_undone", "idea.adopted",
    ]  # fmt: skip
    assert set(listening.types) >= TOGETHER
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for said in (taken.said for taken in listening.taken):
        told[said["type"]].append(said["data"])
    no, yes = (one["amendment"] for one in told["amendment.decided"])
    assert (no["state"], no["note"], no["reason"]) == ("rejected", "Once is enough, really.", amendments.REASON)
    assert (yes["state"], yes["note"], yes["author"]["name"]) == ("accepted", "", "Grace Hopper")
    names = [[one["name"] for one in data["authors"]] for data in told["idea.authors_changed"] + told["idea.adopted"]]
    # The part has the authors of the whole.
    assert names == [["Ada Lovelace", "Grace Hopper"], ["Ada Lovelace", "Grace Hopper"], ["Grace Hopper"]]
    assert told["idea.split"][0]["idea"]["title"] == "Fold the letters"
    assert told["idea.split"][0]["part"] == {
        "id": part.public_id, "kind": "idea", "url": f"http://localhost/ideas/{part.public_id}",
        "title": "Fold the envelopes too",
    }  # fmt: skip
    for data in told["idea.merged"] + told["idea.merge_undone"]:
        assert (data["idea"]["title"], data["merge"]["into"]["title"]) == ("Letters that fold", "Fold the letters")
        assert data["merge"]["reason"] == "They say the same, in our eyes."


def test_nothing_between_two_ideas_is_told_to_an_address_that_is_not_told_of_both(app: Flask, drain: Drain) -> None:
    open_board, hidden_board = make_board(), make_board(audience=Audience.STAFF)
    shown, other = make_idea(open_board, title="Fold the letters"), make_idea(open_board, title="Bind the reports")
    hidden = make_idea(hidden_board, author=make_staff(), title=f"The {CANARY} leaks")
    with ExitStack() as stack:
        every, chosen, both = (stack.enter_context(receiver()) for _ in range(3))
        outside = [make_webhook(every.url), make_webhook(chosen.url, boards=[open_board])]
        make_webhook(both.url, boards=[open_board, hidden_board])
        unmake_merge(make_merge(shown, hidden, reason=f"Both mean the {CANARY}."))
        part = make_part(other, title=f"The {CANARY} in it")
        with transaction():
            session().execute(update(Idea).where(Idea.id == part.id).values(board_id=hidden_board.id))
        drain()
    between = {"idea.merged", "idea.merge_undone", "idea.split"}
    for program, webhook in zip((every, chosen), outside, strict=True):
        assert between.isdisjoint(program.types)
        assert CANARY not in str([one.body for one in program.taken])
        assert CANARY not in str([one.payload for one in messages_to(webhook)])
        dropped = {one.event.value for one in messages_to(webhook) if one.state is DeliveryState.DROPPED}
        assert dropped >= between
    assert between <= set(both.types)
    assert CANARY in str([one.body for one in both.taken])


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
