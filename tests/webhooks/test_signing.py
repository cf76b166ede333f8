"""Receivers find out with the public library that a message comes from here, is whole, and is not an old one."""

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.webhooks.models import DeliveryState, Failure, Webhook
from ideas.webhooks.services import NewWebhook, renew_secret, send_ping
from ideas.webhooks.signing import SECRET_BYTES, new_secret, sign
from tests.factories import actor_of, make_admin, make_idea
from tests.factories.webhooks import make_new_webhook, messages_to
from tests.webhooks.receiver import Taken, receiver

pytestmark = pytest.mark.once

Drain = Callable[[], int]


def sent_to(new: NewWebhook, running_taken: list[Taken]) -> Taken:
    send_ping(actor_of(make_admin()), new.webhook)
    return running_taken[-1]


def is_good(message: Taken, secret: str, *, body: bytes | None = None, **changed: str) -> bool:
    """Tell whether the reference library takes the message, with something of it changed."""
    headers = {**message.headers, **{name.replace("_", "-"): value for name, value in changed.items()}}
    try:
        Verifier(secret).verify(message.body if body is None else body, headers)
    except WebhookVerificationError:
        return False
    return True


def test_the_reference_library_takes_what_we_send_and_nothing_else(app: Flask) -> None:
    with receiver() as running, receiver() as other:
        new, another = make_new_webhook(running.url), make_new_webhook(other.url)
        message = sent_to(new, running.taken)
        its = sent_to(another, other.taken)
    assert is_good(message, new.secret)
    for place in range(0, len(message.body), 7):
        altered = message.body[:place] + bytes([message.body[place] ^ 1]) + message.body[place + 1 :]
        assert not is_good(message, new.secret, body=altered)
    assert not is_good(message, another.secret)
    assert not is_good(message, new_secret())
    assert not is_good(its, new.secret)
    assert not is_good(message, new.secret, webhook_id=its.headers["webhook-id"])
    assert not is_good(message, new.secret, webhook_timestamp=str(int(message.headers["webhook-timestamp"]) + 1))
    assert not is_good(message, new.secret, webhook_signature=its.headers["webhook-signature"])


@pytest.mark.parametrize("off", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_an_old_message_is_not_taken_again(app: Flask, off: timedelta) -> None:
    with receiver() as running:
        new = make_new_webhook(running.url)
        with clock.frozen(clock.now() + off):
            message = sent_to(new, running.taken)
    assert not is_good(message, new.secret)


def test_each_try_is_signed_for_its_own_moment(app: Flask) -> None:
    secret, moment = new_secret(), clock.now()
    first, second = (sign("{}", message_id="msg_1", moment=at, keys=[secret]) for at in (moment, moment + timedelta(1)))
    assert first != second
    assert first == sign("{}", message_id="msg_1", moment=moment, keys=[secret])


def test_while_a_secret_is_renewed_both_are_good_for_a_day_and_then_only_the_new_one(app: Flask) -> None:
    boss = actor_of(make_admin())
    with receiver() as running:
        new = make_new_webhook(running.url)
        with transaction():
            renewed = renew_secret(boss, new.webhook)
        during = sent_to(new, running.taken)
        until = new.webhook.former_secret_until
        assert until is not None
        assert timedelta(hours=23) < until - clock.now() <= timedelta(hours=24)
        with transaction():
            session().execute(update(Webhook).values(former_secret_until=clock.now() - timedelta(seconds=1)))
        session().refresh(new.webhook)
        after = sent_to(new, running.taken)
    assert len(during.headers["webhook-signature"].split()) == 2
    assert is_good(during, new.secret)
    assert is_good(during, renewed)
    assert len(after.headers["webhook-signature"].split()) == 1
    assert is_good(after, renewed)
    assert not is_good(after, new.secret)


def test_secrets_are_long_and_stand_nowhere_as_they_are(app: Flask) -> None:
    new = make_new_webhook("http://127.0.0.1:9/services/very-secret-path")
    key = base64.b64decode(new.secret.removeprefix("whsec_"))
    assert new.secret.startswith("whsec_")
    assert 24 <= len(key) == SECRET_BYTES <= 64
    stored = str(session().execute(select(Webhook.__table__)).all())
    assert new.secret.removeprefix("whsec_") not in stored
    assert "very-secret-path" not in stored


def test_a_secret_that_cannot_be_read_any_more_is_no_accident_but_said(app: Flask, drain: Drain) -> None:
    with receiver() as running:
        new = make_new_webhook(running.url)
        with transaction():
            session().execute(update(Webhook).values(sealed_secret="sealed with another key"))
        make_idea()
        drain()
    (message,) = messages_to(new.webhook)
    assert running.taken == []
    assert (message.state, message.error, message.tries) == (DeliveryState.WAITING, Failure.SECRET, 1)
