"""Rights that end, end everywhere at once: whoever is let in finds the word, whoever is let out finds it no longer."""

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core.db import session, transaction
from ideas.ideation.queries import get_idea
from ideas.moderation.services import hide_idea, restore_idea
from tests.conftest import ClientFor
from tests.factories import actor_of, make_board, make_comment, make_idea, make_member, make_staff
from tests.factories.hearing import mail_comments_to
from tests.factories.voting import make_support
from tests.web.canary import (
    CANARY,
    WAYS,
    Drain,
    Mails,
    Secret,
    all_said,
    crawl,
    make_secret,
    set_audience,
    taken_along,
    told,
)
from tests.web.client import Client

pytestmark = pytest.mark.usefixtures("own_index")


def found_by(client: Client, secret: Secret, *, is_member: bool = True) -> list[str]:
    """Return where somebody finds the word, of all places where it could be."""
    idea, board = secret.problem.public_id, secret.board.slug
    addresses = ["/", "/boards", "/about", f"/boards/{board}", f"/boards/{board}?order=newest", "/people"]
    addresses += [f"/people/{member.handle}" for member in (secret.former, secret.manager)]
    addresses += [f"/ideas/{idea}{part}" for part in ("", "/comments", "/versions", "/needs", "/report")]
    addresses += [f"/comments/{secret.comment_id}", f"/comments/{secret.comment_id}/versions"]
    addresses += [f"/ideas/{secret.fix.public_id}", "/search?q=leaks", "/propose/similar?title=The+leaks", "/propose"]
    addresses += [f"/propose?board={board}", "/moderation", "/moderation/mails", "/desk"]
    addresses += [f"/me{part}" for part in ("", "/supports", "/asked", "/notifications", "/points", "/data")]
    found = [one for one in addresses if CANARY.lower() in all_said(client.get(one), board)]
    return found + (told(taken_along(client)) if is_member else [])


@pytest.fixture
def secret(app: Flask, drain: Drain, mails: Mails) -> Secret:
    """A board for a segment and for guests."""
    found = make_secret(drain, mails, audience=Audience.SEGMENT)
    make_idea(make_board("Printers"), title="A printer that folds")
    drain()
    mails.forget()
    return found


@pytest.mark.parametrize("name", WAYS)
def test_whoever_is_let_in_finds_the_word_until_they_are_let_out(
    secret: Secret, client_for: ClientFor, drain: Drain, mails: Mails, name: str
) -> None:
    member = make_member()
    mail_comments_to(member)
    client = client_for(member)
    assert found_by(client, secret) == []
    WAYS[name].let_in(secret, member)
    idea = make_idea(secret.board, author=secret.manager, title=f"Another {CANARY}")
    make_support(idea, by=member)
    make_comment(idea, author=member, body="Me too.")
    make_comment(idea, author=secret.manager, body=f"The {CANARY} is told to those who follow.")
    drain()
    inside = found_by(client, secret)
    assert {"/boards", f"/ideas/{secret.problem.public_id}", "/me/supports", "/me/notifications"} <= set(inside)
    assert [text for text in mails.texts() if str(member.email) in text and CANARY in text]
    mails.forget()
    make_comment(idea, author=secret.manager, body=f"The {CANARY} again, not sent yet.")
    WAYS[name].let_out(secret, member)
    assert found_by(client, secret) == []
    drain()
    assert found_by(client, secret) == []
    assert [text for text in mails.texts() if str(member.email) in text] == []


def test_a_board_that_moves_from_audience_to_audience_takes_its_words_along(
    secret: Secret, client_for: ClientFor, drain: Drain
) -> None:
    clients = {name: client_for(secret.outsiders[name]) for name in ("visitor", "stranger", "author", "former staff")}

    def finding() -> set[str]:
        drain()
        return {name for name, client in clients.items() if found_by(client, secret, is_member=name != "visitor")}

    own = {"author"}
    assert not _finding_others(clients, secret)
    for audience, finders in (
        (Audience.PUBLIC, set(clients)),
        (Audience.STAFF, own),
        (Audience.MEMBERS, set(clients) - {"visitor"}),
        (Audience.SEGMENT, own),
    ):
        set_audience(secret, audience)
        assert finding() == finders, audience
    assert not _finding_others(clients, secret)


def _finding_others(clients: dict[str, Client], secret: Secret) -> set[str]:
    """Return who finds the word anywhere but in what they wrote themselves and take along."""
    return {
        name
        for name, client in clients.items()
        if [one for one in found_by(client, secret, is_member=name != "visitor") if one.startswith("/")]
    }


def test_what_staff_say_among_themselves_reaches_no_customer(
    app: Flask, client_for: ClientFor, drain: Drain, mails: Mails
) -> None:
    manager, author = make_staff(), make_member()
    moderator = make_member()
    idea = make_idea(make_board(owner=manager, moderator=moderator), author=author)
    drain()
    mails.forget()
    page = f"/ideas/{idea.public_id}"
    before = len(client_for(None).get(page).text)
    note = make_comment(idea, author=manager, body=f"They pay us in {CANARY}.", is_internal=True)
    drain()
    for member in (None, author, moderator):
        client = client_for(member)
        assert told(crawl(client)) == []
        assert member is None or told(taken_along(client)) == []
        for address in ("", "/reply", "/edit", "/versions", "/replies", "/report", "/moderate"):
            answer = client.get(f"/comments/{note.public_id}{address}")
            assert answer.status_code in {404, 303}
            assert CANARY not in answer.text
        assert not told({"search": client.get("/search?q=pay+us").text})
    assert len(client_for(None).get(page).text) == before
    assert [text for text in mails.texts() if CANARY in text] == []
    assert told(crawl(client_for(manager), [page]))


def test_a_hidden_idea_is_seen_by_its_author_and_moderators_alone_until_it_is_restored(
    app: Flask, client_for: ClientFor, drain: Drain, mails: Mails
) -> None:
    author, moderator, follower = make_member(), make_member(), make_member()
    idea = make_idea(make_board(moderator=moderator), author=author, title=f"A {CANARY}", body=CANARY, tags=(CANARY,))
    make_support(idea, by=follower)
    make_comment(idea, author=follower, body="I need it again.")
    drain()
    mails.forget()
    acting = actor_of(moderator)
    with transaction():
        hide_idea(acting, get_idea(acting, idea.public_id, lock=True), reason="It is spam.")
    drain()
    others = (None, follower, make_staff())
    for member in others:
        client = client_for(member)
        assert told(crawl(client)) == []
        assert member is None or told(taken_along(client)) == []
        assert client.get(f"/ideas/{idea.public_id}").status_code == 404
        assert not told({"search": client.get("/search?q=again").text})
    for keeper in (author, moderator):
        assert CANARY in client_for(keeper).get(f"/ideas/{idea.public_id}").text
    assert [text for text in mails.texts() if CANARY in text and not _is_to(text, (author, moderator))] == []
    with transaction():
        restore_idea(acting, get_idea(acting, idea.public_id, lock=True), reason="It was no spam.")
    drain()
    for member in others:
        assert told(crawl(client_for(member)))
    session().rollback()


def _is_to(text: str, people: tuple[Member, ...]) -> bool:
    return any(str(member.email) in text for member in people)
