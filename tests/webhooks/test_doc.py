"""What docs/webhooks.md promises is what is sent."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.core import outgoing
from ideas.core.db import transaction
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.ideation.services import edit_idea, withdraw_idea
from ideas.privacy.retention import KEEP_MESSAGES
from ideas.webhooks import hops, payloads, schedule
from ideas.webhooks.models import EventType, Format
from ideas.webhooks.services import send_ping
from ideas.webhooks.signing import SECRET_BYTES
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
from tests.factories.webhooks import make_webhook
from tests.factories.world import ROOT
from tests.webhooks.receiver import receiver

pytestmark = pytest.mark.once

Drain = Callable[[], int]
TEXT = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()
#: Heading -> what stands beneath it.
PARTS = dict(re.findall(r"^##+ (\S[^\n]*)\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL))


def example(heading: str) -> Any:
    (found,) = re.findall(r"```json\n(.*?)```", PARTS[heading], re.DOTALL)
    return json.loads(found)


def shape_of(value: Any) -> Any:
    """Return what a value is made of: names and kinds."""
    if isinstance(value, dict):
        return {name: shape_of(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape_of(value[0])] if value else []
    return type(value).__name__


def documented(event: EventType) -> Any:
    """Return the message as documented: whole, or what it has beyond board and idea."""
    found = example(event.value)
    if "type" in found:
        assert found["type"] == event.value
        return found
    whole = example("idea.published")
    return {**whole, "type": event.value, "data": {**whole["data"], **found}}


def let_everything_happen() -> None:
    manager, author = make_staff(), make_member()
    board = make_board(owner=manager)
    problem = make_problem(board, author=author)
    with transaction():
        current = get_idea_by_id(ROOT, problem.id, lock=True)
        edit_idea(actor_of(author), current, title=current.title, body="Other words.", note="", seen_revision=1)
    make_comment(problem)
    fix = make_fix(problem, author=author)
    make_choice(fix, by=manager)
    make_response(problem, by=manager, status="delivered")
    make_settlement(get_idea_by_id(ROOT, problem.id), by=manager)
    make_idea(board, author=author, tags=("paper",))
    gone = make_idea(board, author=author)
    with transaction():
        withdraw_idea(actor_of(author), get_idea_by_id(ROOT, gone.id, lock=True), reason="I was wrong about it.")
    let_them_write_together(make_idea(board, author=author), author)


def let_them_write_together(idea: Idea, author: Member) -> None:
    amendments.reject(amendments.propose(idea, "Words of somebody else."), by=author)
    amendments.propose(idea, "Words that wait for an answer.")
    make_co_author(idea)
    make_part(idea)
    unmake_merge(make_merge(make_idea(idea.board), idea))
    make_merge(make_idea(idea.board), idea)
    make_adoption(make_idea(idea.board), by=make_member())


def test_every_message_looks_as_it_is_documented(app: Flask, drain: Drain) -> None:
    with receiver() as running:
        webhook = make_webhook(running.url)
        let_everything_happen()
        drain()
        send_ping(actor_of(make_admin()), webhook)
    sent = {one["type"]: one for one in (taken.said for taken in running.taken)}
    assert set(sent) == {one.value for one in EventType}
    for event in EventType:
        wanted, found = shape_of(documented(event)), shape_of(sent[event.value])
        for shape in (wanted, found):
            # A list without an entry says nothing about entries.
            shape["data"].get("idea", {}).pop("tags", None)
        assert found == wanted, event
    tagged = [one.said for one in running.taken if one.said["data"].get("idea", {}).get("tags")]
    assert shape_of(tagged[0]) == shape_of(example("idea.published"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", sent["ping"]["timestamp"])


def test_the_message_for_chats_looks_as_it_is_documented(app: Flask, drain: Drain) -> None:
    with receiver() as running:
        make_webhook(running.url, form=Format.SLACK)
        make_idea()
        drain()
    assert shape_of(running.taken[0].said) == shape_of(example("Chats"))


def test_the_numbers_are_those_of_the_program(app: Flask) -> None:
    row = re.search(r"\| wait before it \|(.*)\|", TEXT)
    assert row is not None
    units = {"second": 1, "minute": 60, "hour": 3600}
    words = [one.strip().split() for one in row[1].split("|")]
    assert words.pop(0) == ["none"]
    assert [int(n) * units[unit.rstrip("s")] for n, unit in words] == [wait.total_seconds() for wait in schedule.WAITS]
    for words_of_text, number in (
        (r"\((\d+) characters", payloads.TEXT_MOST),
        (r"\((\d+) bytes\)", SECRET_BYTES),
        (r"For (\d+) hours messages bear", schedule.FORMER_SECRET_FOR.total_seconds() / 3600),
        (r"within (\d+) seconds", outgoing.WHOLE_SECONDS),
        (r"honoured, for (\d+) hours", schedule.RETRY_AFTER_MAX.total_seconds() / 3600),
        (r"in the log for (\d+) days", KEEP_MESSAGES.days),
    ):
        assert [float(found) for found in re.findall(words_of_text, TEXT)] == [number], words_of_text
    assert (schedule.JITTER, schedule.SLOW_AFTER, schedule.REST.total_seconds(), hops.MOST) == (0.1, 2, 60, 3)
    assert schedule.DEAD_AFTER.days == 3
