"""A word that only some may read is told to no other program, except to one an admin chose the board for."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from flask import Flask

from ideas.boards.models import Audience
from ideas.ideation.models import Kind
from ideas.webhooks.models import Format
from tests.conftest import ClientFor
from tests.factories import make_admin, make_board, make_comment, make_idea
from tests.factories.webhooks import make_webhook, messages_to
from tests.web.canary import CANARY, Drain, Mails, Secret, fill, make_secret, set_audience
from tests.webhooks.receiver import Receiver, receiver

pytestmark = pytest.mark.usefixtures("own_index")


@pytest.fixture
def programs(app: Flask) -> Iterator[list[Receiver]]:
    """Four programs that take everything."""
    with ExitStack() as stack:
        yield [stack.enter_context(receiver()) for _ in range(4)]


@pytest.fixture
def secret(drain: Drain, mails: Mails, programs: list[Receiver]) -> Secret:
    """A board for the staff."""
    return make_secret(drain, mails, audience=Audience.STAFF)


def has_heard(program: Receiver) -> bool:
    """Tell whether a program was told the word, or where the board or anything on it stands."""
    return CANARY.lower() in str([one.body.decode().lower() for one in program.taken])


def test_only_the_program_for_which_the_board_was_chosen_is_told_the_canary(
    secret: Secret, programs: list[Receiver], drain: Drain, client_for: ClientFor
) -> None:
    insider, everywhere, elsewhere, chat = programs
    other = make_board("Printers")
    webhooks = [
        make_webhook(insider.url, boards=[secret.board]),
        make_webhook(everywhere.url),
        make_webhook(elsewhere.url, boards=[other]),
        make_webhook(chat.url, form=Format.SLACK),
    ]
    again = make_idea(secret.board, author=secret.manager, title=f"The {CANARY} leaks anew", kind=Kind.PROBLEM)
    fill(replace(secret, problem=again))
    make_comment(make_idea(other, title="A printer that folds"))
    drain()
    assert [has_heard(one) for one in programs] == [True, False, False, False]
    assert all(len(one.taken) >= 2 for one in programs)
    assert len(insider.types) == len(messages_to(webhooks[0])) > 8
    assert "Hush" not in str([one.body for one in insider.taken])
    # Nor do the pages about the others say it, to whoever runs the place.
    boss = client_for(make_admin())
    for webhook in webhooks[1:]:
        assert CANARY not in boss.get(f"/admin/webhooks/{webhook.public_id}").text
        for message in messages_to(webhook):
            assert CANARY not in boss.get(f"/admin/webhook-messages/{message.public_id}").text


def test_a_board_that_is_closed_before_the_worker_comes_says_nothing_any_more(
    secret: Secret, programs: list[Receiver], drain: Drain
) -> None:
    set_audience(secret, Audience.PUBLIC)
    for program, boards in zip(programs, (None, [secret.board], None, [secret.board]), strict=True):
        make_webhook(program.url, boards=boards)
    idea = make_idea(secret.board, title=f"Another {CANARY}")
    make_comment(idea, body=f"The {CANARY} again, not sent yet.")
    set_audience(secret, Audience.STAFF)
    drain()
    make_idea(secret.board, author=secret.manager, title=f"One more {CANARY}")
    drain()
    assert [one.taken for one in programs] == [[], [], [], []]
