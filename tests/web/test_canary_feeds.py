"""A word that only some may read is in no feed that anybody else is given, and moves none of them."""

import pytest

from ideas.accounts.feed_keys import make_key
from ideas.boards.models import Audience
from ideas.core import clock
from ideas.core.db import transaction
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_comment, make_idea
from tests.factories.belonging import make_guest
from tests.factories.responding import make_response
from tests.web.canary import CANARY, Drain, Mails, Secret, crawl, make_secret, outwardly, told
from tests.web.client import Client

pytestmark = pytest.mark.usefixtures("own_index")


@pytest.fixture
def secret(drain: Drain, mails: Mails) -> Secret:
    """A board for a segment and guests, once open to all, beside an open one with something to read."""
    found = make_secret(drain, mails, audience=Audience.SEGMENT)
    idea = make_idea(make_board("Printers"), title="A printer that folds", tags=("paper",))
    make_comment(idea)
    drain()
    return found


def addresses_of(secret: Secret) -> list[str]:
    """Return every feed that could say something of the secret."""
    words = (CANARY, f"{CANARY}+leaks", "leaks", "glue", "paint", "printer")
    chosen = ("", "?kind=problem", f"?tag={CANARY.lower()}", "?status=delivered", "?answered=yes")
    return [
        "/feed.atom",
        *(f"/search/feed.atom?q={word}" for word in words),
        f"/search/feed.atom?q=leaks&board={secret.board.slug}",
        *(f"/boards/{slug}/feed.atom{one}" for slug in (secret.board.slug, "printers") for one in chosen),
        *(f"/ideas/{idea.public_id}/feed.atom" for idea in (secret.problem, secret.fix)),
    ]


def own_feed(secret: Secret, name: str) -> list[str]:
    """Return the address of an outsider's own feed; none for a visitor."""
    member = secret.outsiders[name]
    if member is None:
        return []
    with transaction():
        return [f"/feeds/{make_key(actor_of(member))}.atom"]


def test_those_inside_are_told_so_it_can_be_found(secret: Secret, client_for: ClientFor, drain: Drain) -> None:
    guest = make_guest(secret.board)
    make_comment(secret.problem, author=guest, body="I follow.")
    make_comment(secret.problem, author=secret.manager, body=f"News of the {CANARY}.")
    drain()
    with transaction():
        address = f"/feeds/{make_key(actor_of(guest))}.atom"
    assert told(crawl(client_for(None), [address])) == [address]
    assert "printer that folds" in client_for(None).get("/feed.atom").text


def test_no_feed_says_the_word_to_anybody_else(secret: Secret, client_for: ClientFor) -> None:
    assert len(secret.outsiders) >= 6
    for name, member in secret.outsiders.items():
        client = client_for(member)
        for address in [*addresses_of(secret), *own_feed(secret, name)]:
            answer = client.get(address)
            assert answer.status_code in {200, 404}, address
            said = answer.text.replace(address, "")
            assert CANARY.lower() not in _without_question(said, secret), f"{name} {address}"


def _without_question(text: str, secret: Secret) -> str:
    """Return the text without words that stand in it because they were asked for."""
    for asked in (f"q={CANARY}", f"Search: {CANARY}", secret.board.slug, f"tag={CANARY.lower()}", f"#{CANARY.lower()}"):
        text = text.replace(asked, "")
    return text.lower()


def test_a_search_for_the_word_is_answered_like_one_for_any_word(secret: Secret, client_for: ClientFor) -> None:
    other = "Q" + CANARY[:0:-1]
    for member in secret.outsiders.values():
        client = client_for(member)
        for question in ("q={}", "q=leaks+{}"):
            one, two = (client.get(f"/search/feed.atom?{question.format(word)}") for word in (CANARY, other))
            assert (
                (one.status_code, one.text.count("<entry>")) == (two.status_code, two.text.count("<entry>")) == (200, 0)
            )
            # The id of the feed is worked out of the words; nothing else tells them apart.
            assert len(one.data) == len(two.data)


@pytest.mark.parametrize("kind", ["board", "idea"])
def test_a_closed_feed_answers_like_one_that_is_not_there(secret: Secret, client_for: ClientFor, kind: str) -> None:
    name = secret.board.slug if kind == "board" else secret.problem.public_id
    for member in (None, secret.manager, secret.former):
        client = client_for(member)
        hidden, absent = (client.get(f"/{kind}s/{one}/feed.atom") for one in (name, "z" * len(name)))
        assert outwardly(hidden, name) == outwardly(absent, "z" * len(name))
        assert hidden.status_code == 404


def test_nothing_that_happens_on_a_closed_board_moves_a_feed_of_others(
    secret: Secret, client_for: ClientFor, drain: Drain
) -> None:
    own = [address for name in secret.outsiders for address in own_feed(secret, name)]
    addresses = ["/feed.atom", "/boards/printers/feed.atom", "/search/feed.atom?q=printer", *own]
    reader = client_for(None)
    with clock.frozen(clock.now().replace(year=2030)):
        before = read(reader, addresses)
        for number in range(3):
            idea = make_idea(secret.board, author=secret.manager, title="A printer that folds", tags=("paper",))
            make_response(idea, by=secret.manager)
            make_comment(idea, author=secret.manager, body=f"Number {number}.")
        drain()
        assert read(reader, addresses) == before


def read(reader: Client, addresses: list[str]) -> list[tuple[str | None, str | None, bytes]]:
    """Return all that a reader is told by each feed: its tag, its date, its text."""
    answers = [reader.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return [(answer.headers["ETag"], answer.headers.get("Last-Modified"), answer.data) for answer in answers]
