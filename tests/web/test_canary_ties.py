"""A word that only some may read: what ties open ideas to a closed board tells nobody else of it."""

import pytest
from flask import Flask

from ideas.boards.models import Audience, Board
from ideas.core import clock
from ideas.ideation.models import Idea, LinkKind
from ideas.moderation.models import SuggestedKind
from ideas.notifications import digests
from tests.conftest import ClientFor
from tests.factories import make_board, make_comment, make_member, make_problem
from tests.factories.links import make_link, make_part, make_suggestion
from tests.factories.merging import make_merge, unmake_merge
from tests.factories.voting import make_support
from tests.web.canary import CANARY, Drain, Mails, Secret, crawl, make_secret, told

pytestmark = [pytest.mark.usefixtures("own_index"), pytest.mark.once]

#: What an idea's tabs and boxes lead to, and its feed.
PAGES = ("", "/links", "/versions", "/amendments", "/authors", "/needs", "/parts", "/origins", "/feed", "/merge")


@pytest.fixture
def secret(app: Flask, drain: Drain, mails: Mails) -> Secret:
    """A closed board on which many took part while it was open."""
    return make_secret(drain, mails, audience=Audience.SEGMENT)


@pytest.fixture
def open_board(app: Flask) -> Board:
    """A board for everybody."""
    return make_board("Printers")


def near(open_board: Board, secret: Secret) -> Idea:
    """Return an open problem of somebody who took part once, which those on the closed board want as well."""
    found = make_problem(open_board, author=secret.former, title="Paper comes out wet")
    for member in (*secret.outsiders.values(), secret.manager):
        if member is not None and member.id != secret.former.id:
            make_support(found, by=member)
    make_comment(found, author=make_member(), body="Mine too.")
    return found


def saying_it(client_for: ClientFor, secret: Secret, idea: Idea, *more: str) -> dict[str, list[str]]:
    """Return the addresses that say the canary to an outsider, by outsider, beginning with all that is the idea's."""
    start = [f"/ideas/{idea.public_id}{page}" for page in PAGES] + ["/me/notifications", "/me/asked", *more, "/"]
    found = {name: told(crawl(client_for(member), start)) for name, member in secret.outsiders.items()}
    return {name: addresses for name, addresses in found.items() if addresses}


def letters_to_outsiders(secret: Secret, mails: Mails) -> list[str]:
    addresses = [str(member.email) for member in secret.outsiders.values() if member is not None]
    return [text for text in mails.texts() if CANARY in text and any(one in text for one in addresses)]


def send_all(drain: Drain) -> None:
    drain()
    digests.put_weekly(clock.now())
    digests.put_daily(clock.now())
    drain()


def test_links_and_suggestions_tell_outsiders_nothing_of_their_other_end(
    secret: Secret, open_board: Board, client_for: ClientFor, drain: Drain, mails: Mails
) -> None:
    idea = near(open_board, secret)
    for kind in (LinkKind.RELATED, LinkKind.DEPENDS_ON):
        make_link(idea, secret.problem, kind=kind)
    for wanted in (SuggestedKind.MERGE, SuggestedKind.RELATED):
        make_suggestion(idea, secret.fix if wanted is SuggestedKind.RELATED else secret.problem, wanted=wanted,
                        by=secret.manager, text=f"Like the {CANARY}.")  # fmt: skip
    send_all(drain)
    assert told(crawl(client_for(secret.manager), [f"/ideas/{idea.public_id}", f"/ideas/{idea.public_id}/links"]))
    assert saying_it(client_for, secret, idea) == {}
    assert letters_to_outsiders(secret, mails) == []


def test_a_merge_into_a_closed_board_tells_outsiders_nothing_of_where_it_went(
    secret: Secret, open_board: Board, client_for: ClientFor, drain: Drain, mails: Mails
) -> None:
    idea = near(open_board, secret)
    merge = make_merge(idea, secret.problem, reason=f"It is the {CANARY}.")
    send_all(drain)
    assert told(crawl(client_for(secret.manager), [f"/merges/{merge.public_id}"]))
    assert saying_it(client_for, secret, idea, f"/merges/{merge.public_id}") == {}
    unmake_merge(merge, reason=f"It is no {CANARY}.")
    send_all(drain)
    assert saying_it(client_for, secret, idea, f"/merges/{merge.public_id}") == {}
    assert letters_to_outsiders(secret, mails) == []


def test_a_part_taken_out_on_a_closed_board_is_told_to_no_outsider(
    secret: Secret, open_board: Board, client_for: ClientFor, drain: Drain, mails: Mails
) -> None:
    idea = near(open_board, secret)
    whole = make_problem(secret.board, author=secret.manager, title=f"The {CANARY} drips")
    part = make_part(whole, title=f"Only the lid of the {CANARY}")
    for one in (whole, part):
        make_link(idea, one)
    send_all(drain)
    inside = [f"/ideas/{one.public_id}" for one in (part, whole)]
    assert told(crawl(client_for(secret.manager), inside))
    assert saying_it(client_for, secret, idea, *inside) == {}
    assert letters_to_outsiders(secret, mails) == []
