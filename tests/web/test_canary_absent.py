"""What somebody may not see answers them exactly as what does not exist: status, headers and every letter."""

import pytest
from flask import Flask

from ideas.boards.models import Audience
from ideas.core.db import transaction
from ideas.ideation.queries import get_idea
from ideas.moderation.services import hide_idea
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_idea, make_member, make_staff
from tests.web.canary import Asked, Drain, Mails, addresses_of, make_secret, outwardly, paths_of
from tests.web.client import Client

pytestmark = pytest.mark.usefixtures("own_index")

#: Looked up by a name of its own in the address of a thing that is not there.
ABSENT_ID = "zzzzzzzzzz"


def check(client: Client, asked: Asked, names: list[str]) -> None:
    """Ask for the address, and for one with a name that does not exist, and compare."""
    name = next((one for one in names if f"/{one}" in asked.address), None)
    if name is None:
        return
    absent = ABSENT_ID if len(name) == len(ABSENT_ID) else "z" * len(name)
    hidden = client.open(asked.address, method=asked.method)
    nothing = client.open(asked.address.replace(name, absent), method=asked.method)
    assert outwardly(hidden, name) == outwardly(nothing, absent), str(asked)


def settle(client: Client) -> Client:
    """Let the browser have all the cookies it is going to have."""
    client.get("/")
    client.post("/preferences/theme", data={"theme": "auto"})
    return client


#: Of those who hold the same now one is enough, and the author, whose own things are there.
KINDS = ("visitor", "author", "elsewhere", "former guest")


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_on_a_closed_board_answers_outsiders_as_if_it_were_not_there(
    app: Flask, drain: Drain, mails: Mails, client_for: ClientFor, kind: str
) -> None:
    secret = make_secret(drain, mails, audience=Audience.SEGMENT)
    names = [secret.problem.public_id, secret.comment_id, secret.board.slug]
    addresses = [one for one in addresses_of(app, secret, "nobody") if any(f"/{name}" in one.address for name in names)]
    assert len(addresses) > 60
    client = settle(client_for(secret.outsiders[kind]))
    for asked in addresses:
        check(client, asked, names)


def test_what_moderation_hid_answers_others_as_if_it_were_not_there(app: Flask, client_for: ClientFor) -> None:
    moderator = make_member()
    board = make_board("Printers", moderator=moderator)
    idea = make_idea(board)
    acting = actor_of(moderator)
    with transaction():
        hide_idea(acting, get_idea(acting, idea.public_id, lock=True), reason="It is spam.")
    names = [idea.public_id]
    paths = paths_of(app, public_ids=names, slug="no-board", handle="nobody")
    for member in (None, make_member(), make_staff()):
        client = settle(client_for(member))
        for asked in paths:
            check(client, asked, names)
