"""A word that only some may read: letters, and pages that turn mails off, say it to nobody else."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.boards.models import Audience
from ideas.core import clock
from ideas.core.db import session
from ideas.notifications import digests
from ideas.notifications.models import Notification
from ideas.notifications.unsubscribing import Scope, Subscription, token_of
from tests.conftest import ClientFor
from tests.factories import make_comment
from tests.factories.belonging import make_guest
from tests.web.canary import CANARY, WAYS, Drain, Mails, Secret, make_secret

pytestmark = pytest.mark.usefixtures("own_index")


@pytest.fixture
def secret(app: Flask, drain: Drain, mails: Mails) -> Secret:
    """A board for a segment and guests."""
    found = make_secret(drain, mails, audience=Audience.SEGMENT)
    drain()
    mails.forget()
    return found


def test_no_letter_says_the_canary_to_outsiders_nor_to_who_was_let_out_since_it_was_put(
    secret: Secret, drain: Drain, mails: Mails
) -> None:
    follower, guest = make_guest(secret.board), make_guest(secret.board)
    for member in (follower, guest):
        make_comment(secret.problem, author=member, body="Me too.")
    make_comment(secret.problem, author=secret.manager, body=f"News of the {CANARY}.")
    drain()
    mails.forget()
    assert {follower.id, guest.id} <= waiting_for_letters()
    digests.put_weekly(clock.now())
    digests.put_daily(clock.now())
    WAYS["guest"].let_out(secret, guest)
    drain()
    texts = [text for text in mails.texts() if CANARY in text]
    assert [text for text in texts if str(follower.email) in text]
    outsiders = [guest, *(member for member in secret.outsiders.values() if member is not None)]
    assert [text for text in texts if any(str(member.email) in text for member in outsiders)] == []


def waiting_for_letters() -> set[int]:
    session().rollback()
    return set(session().scalars(select(Notification.member_id).where(Notification.mailed_at.is_(None))))


def test_no_page_that_turns_mails_off_says_the_canary_to_who_may_not_see_it(
    secret: Secret, client_for: ClientFor
) -> None:
    outsiders = [member for member in secret.outsiders.values() if member is not None]
    assert CANARY in said_to(client_for, secret, secret.manager)
    for holder in outsiders:
        assert CANARY not in said_to(client_for, secret, holder), holder.name


def said_to(client_for: ClientFor, secret: Secret, holder: Member) -> str:
    """Return what the links of a member say to whoever has them: nobody known, and somebody who may see it all."""
    found = ""
    for idea in (secret.problem, secret.fix):
        link = f"/unsubscribe/{token_of(Subscription(member_id=holder.id, scope=Scope.IDEA, name=str(idea.id)))}"
        for client in (client_for(None), client_for(secret.manager)):
            found += client.get(link).text + client.post(link, sends_token=False).text
    return found
