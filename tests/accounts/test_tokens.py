"""Signed tokens of the company's apps: what is taken, what is not, and that each is good once."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import func, select

from ideas.accounts.models import AuditEntry, SpentToken, TokenAlgorithm
from ideas.accounts.tokens import (
    FORMER_KEY_FOR,
    LEEWAY,
    MARGIN,
    NewApp,
    TokenRefused,
    add_app,
    change_app,
    drop_spent_tokens,
    end_former_key,
    get_open_app,
    read_token,
    renew_secret,
    spend,
)
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid, NotFound
from tests.factories import actor_of, make_admin
from tests.factories.apps import AUDIENCE, claims_for, make_new_app, sign, sign_with

RSA = RSAKey.generate_key(2048)
PEM = RSA.as_pem(private=False).decode()
SHORT_PEM = (
    generate_private_key(65_537, 1_024)
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
THREADS = 20


def segment(value: object) -> str:
    """Return one part of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def resigned(new: NewApp, payload: bytes) -> str:
    """Return a token with any payload, rightly signed."""
    assert new.secret is not None
    return jws.serialize_compact({"alg": "HS256"}, payload, OctKey.import_key(new.secret))


def unsigned(new: NewApp, algorithm: str) -> str:
    """Return a token that says it needs no signature."""
    return f"{segment({'alg': algorithm, 'typ': 'JWT'})}.{segment(claims_for(new.app))}."


def other_key(new: NewApp) -> str:
    """Return a token that somebody else has signed."""
    key = OctKey.import_key("another-secret-of-good-length-another-secret")
    return jwt.encode({"alg": "HS256"}, claims_for(new.app), key)


def with_own_key(new: NewApp) -> str:
    """Return a token that brings the key along with which it should be checked."""
    header = {"alg": "RS256", "jwk": RSA.as_dict(private=False)}
    return jwt.encode(header, claims_for(new.app), RSA)


def now(seconds: int) -> int:
    """Return the moment so many seconds from now."""
    return int(time.time()) + seconds


BAD: dict[str, Callable[[NewApp], str]] = {
    "nothing": lambda _new: "",
    "no token": lambda _new: "hello",
    "two parts": lambda new: sign(new).rsplit(".", 1)[0],
    "five parts": lambda new: sign(new) + ".a.b",
    "much too long": lambda new: sign(new, name="x" * 9_000),
    "not ASCII": lambda new: sign(new) + "é",
    "no algorithm": lambda new: unsigned(new, "none"),
    "no algorithm, in capitals": lambda new: unsigned(new, "NONE"),
    "another algorithm of the same key": lambda new: jwt.encode(
        {"alg": "HS512"}, claims_for(new.app), OctKey.import_key(new.secret or ""), algorithms=["HS512"]
    ),
    "the other kind of algorithm": lambda new: sign_with(RSA, new.app),
    "a key of its own in the header": with_own_key,
    "signed by somebody else": other_key,
    "changed after signing": lambda new: ".".join(
        (sign(new).split(".")[0], segment(claims_for(new.app, sub="boss")), sign(new).split(".")[2])
    ),
    "a header that nobody understands": lambda new: (
        f"{segment({'alg': 'HS256', 'crit': ['x'], 'x': 1})}." + sign(new).split(".", 1)[1]
    ),
    "a header of many levels": lambda new: f"{segment(b'[' * 5_000)}.{segment(claims_for(new.app))}.AAAA",
    "claims that are a list": lambda new: resigned(new, b"[]"),
    "claims that are no JSON": lambda new: resigned(new, b"{"),
    "no issuer": lambda new: sign(new, iss=None),
    "another issuer": lambda new: sign(new, iss="https://other.example"),
    "no audience": lambda new: sign(new, aud=None),
    "another audience": lambda new: sign(new, aud="https://other.example"),
    "an audience among others": lambda new: sign(new, aud=[AUDIENCE, "https://other.example"]),
    "no end": lambda new: sign(new, exp=None),
    "an end that is a text": lambda new: sign(new, exp=str(now(60))),
    "an end out of all bounds": lambda new: sign(new, exp=10**30),
    "over": lambda new: sign(new, iat=now(-200), exp=now(-31)),
    "good for too long": lambda new: sign(new, exp=now(400)),
    "over before it began": lambda new: sign(new, iat=now(20), exp=now(10)),
    "no beginning": lambda new: sign(new, iat=None),
    "a beginning that is yes": lambda new: sign(new, iat=True),
    "from the future": lambda new: sign(new, iat=now(40), exp=now(100)),
    "not to be used yet": lambda new: sign(new, nbf=now(40)),
    "no subject": lambda new: sign(new, sub=None),
    "an empty subject": lambda new: sign(new, sub=""),
    "a subject that is a number": lambda new: sign(new, sub=7),
    "a subject with a NUL": lambda new: sign(new, sub="a\0b"),
    "a subject that is too long": lambda new: sign(new, sub="a" * 256),
    "no number of its own": lambda new: sign(new, jti=None),
    "a number of its own that is a list": lambda new: sign(new, jti=["a"]),
    "an address that is a list": lambda new: sign(new, email=["a@example.org"]),
    "an organisation that is a text": lambda new: sign(new, organisation="Mill"),
    "an organisation without a name": lambda new: sign(new, organisation={"id": "1"}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused(app: Flask, name: str) -> None:
    new = make_new_app()
    with pytest.raises(TokenRefused):
        read_token(new.app, BAD[name](new), audience=AUDIENCE)


def test_a_good_token_is_read(app: Flask) -> None:
    new = make_new_app()
    told = {"id": "c1", "name": "Mill", "plan": "large"}
    token = read_token(
        new.app,
        sign(new, aud=[AUDIENCE], email=" Ada@Example.org", email_verified=True, organisation=told),
        audience=AUDIENCE,
    )
    arrival = token.arrival
    assert (arrival.issuer, arrival.subject, arrival.name) == (new.app.issuer, "customer-7", "Ada Lovelace")
    assert (arrival.email, arrival.is_email_verified) == ("ada@example.org", True)
    assert arrival.organisation is not None
    assert (arrival.organisation.external_id, arrival.organisation.plan) == ("c1", "large")


def test_only_a_true_yes_says_that_an_address_is_verified(app: Flask) -> None:
    new = make_new_app()
    token = read_token(new.app, sign(new, email="a@example.org", email_verified="true"), audience=AUDIENCE)
    assert not token.arrival.is_email_verified


def test_a_token_with_a_key_pair_is_read_and_its_public_key_is_no_secret(app: Flask) -> None:
    app_of_pair = make_new_app(algorithm=TokenAlgorithm.RS256, public_key=PEM).app
    assert read_token(app_of_pair, sign_with(RSA, app_of_pair), audience=AUDIENCE).arrival.subject == "customer-7"
    # The key is public: whoever takes it as the secret of the other algorithm must not get in.
    for secret in (PEM, PEM.strip(), PEM.strip() + "\n"):
        body = f"{segment({'alg': 'HS256', 'typ': 'JWT'})}.{segment(claims_for(app_of_pair))}"
        forged = f"{body}.{segment(hmac.digest(secret.encode(), body.encode(), hashlib.sha256))}"
        with pytest.raises(TokenRefused):
            read_token(app_of_pair, forged, audience=AUDIENCE)
    with pytest.raises(TokenRefused):
        read_token(app_of_pair, sign_with(RSAKey.generate_key(2048), app_of_pair), audience=AUDIENCE)


def spend_once(new: NewApp, text: str) -> None:
    with transaction():
        spend(new.app, read_token(new.app, text, audience=AUDIENCE))


def test_a_token_is_good_once_until_no_clock_would_take_it(app: Flask) -> None:
    new = make_new_app()
    text = sign(new)
    end = clock.now() + timedelta(seconds=120)
    spend_once(new, text)
    for moment in (clock.now(), end + LEEWAY - timedelta(seconds=1)):
        with clock.frozen(moment):
            with transaction():
                drop_spent_tokens()
            with pytest.raises(TokenRefused) as refused:
                spend_once(new, text)
            assert refused.value.reason == "spent"
    with clock.frozen(end + LEEWAY + MARGIN):
        with transaction():
            assert drop_spent_tokens() == 1
        with pytest.raises(TokenRefused) as refused:
            spend_once(new, text)
        assert refused.value.reason == "late"


def test_a_token_spent_by_twenty_at_once_is_good_for_one(app: Flask) -> None:
    new = make_new_app()
    text = sign(new)
    session().rollback()
    outcomes: list[str] = []
    start = threading.Barrier(THREADS)

    def act() -> None:
        start.wait(30)
        with app.app_context():
            try:
                spend_once(new, text)
                outcomes.append("in")
            except TokenRefused as refused:
                outcomes.append(refused.reason)

    threads = [threading.Thread(target=act) for _ in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(outcomes) == ["in", *["spent"] * (THREADS - 1)]
    assert session().scalar(select(func.count()).select_from(SpentToken)) == 1


def renewed(new: NewApp) -> NewApp:
    """Return the app with another secret."""
    admin = actor_of(make_admin())
    with transaction():
        stored = get_open_app(new.app.slug)
        return NewApp(app=stored, secret=renew_secret(admin, stored))


def is_taken(new: NewApp) -> bool:
    """Tell whether a token signed with this secret is taken now."""
    session().rollback()
    try:
        read_token(get_open_app(new.app.slug), sign(new), audience=AUDIENCE)
    except TokenRefused:
        return False
    return True


def test_secrets_are_kept_sealed_and_long(app: Flask) -> None:
    first = make_new_app()
    second = renewed(first)
    stored = get_open_app(first.app.slug)
    for secret in (first.secret, second.secret):
        assert secret is not None
        assert len(secret) >= 43
        assert secret not in f"{stored.sealed_key} {stored.sealed_former_key}"
    assert first.secret != second.secret


def test_an_old_secret_is_good_beside_the_new_one_for_a_week(app: Flask) -> None:
    first = make_new_app()
    second = renewed(first)
    assert is_taken(first)
    assert is_taken(second)
    with clock.frozen(clock.now() + FORMER_KEY_FOR + timedelta(seconds=1)):
        assert not is_taken(first)
        assert is_taken(second)
        with transaction():
            drop_spent_tokens()
        assert get_open_app(first.app.slug).sealed_former_key is None


def test_of_three_secrets_the_first_is_worth_nothing(app: Flask) -> None:
    first = make_new_app()
    second = renewed(first)
    third = renewed(second)
    assert [is_taken(one) for one in (first, second, third)] == [False, True, True]


def test_an_old_secret_can_be_ended_at_once(app: Flask) -> None:
    first = make_new_app()
    second = renewed(first)
    admin = actor_of(make_admin())
    for _ in range(2):
        with transaction():
            end_former_key(admin, get_open_app(first.app.slug))
    assert not is_taken(first)
    assert is_taken(second)
    ended = select(func.count()).where(AuditEntry.act == "app.former_key_ended")
    assert session().scalar(ended) == 1


def test_an_old_public_key_is_good_beside_the_new_one(app: Flask) -> None:
    other, admin = RSAKey.generate_key(2048), actor_of(make_admin())
    made = make_new_app(algorithm=TokenAlgorithm.RS256, public_key=PEM).app
    with transaction():
        stored = get_open_app(made.slug)
        change_app(admin, stored, name="App", public_key=other.as_pem(private=False).decode(), is_active=True)
    for key in (RSA, other):
        assert read_token(stored, sign_with(key, stored), audience=AUDIENCE)


def test_an_app_that_is_switched_off_is_not_there(app: Flask) -> None:
    new, admin = make_new_app(), actor_of(make_admin())
    with transaction():
        change_app(admin, get_open_app(new.app.slug), name="Off", public_key="", is_active=False)
    with pytest.raises(NotFound):
        get_open_app(new.app.slug)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("name", {"name": ""}),
        ("issuer", {"issuer": " "}),
        ("public_key", {"public_key": ""}),
        ("public_key", {"public_key": "no key"}),
        ("public_key", {"public_key": RSA.as_pem(private=True).decode()}),
        ("public_key", {"public_key": SHORT_PEM}),
    ],
)
def test_an_app_needs_a_name_an_issuer_and_a_public_key(app: Flask, field: str, changed: dict[str, Any]) -> None:
    good = {"name": "App", "issuer": "https://a.example", "public_key": PEM}
    admin = actor_of(make_admin())
    with pytest.raises(Invalid) as refused, transaction():
        add_app(admin, algorithm=TokenAlgorithm.RS256, **{**good, **changed})
    assert list(refused.value.errors) == [field]


def test_two_apps_never_speak_under_one_name(app: Flask) -> None:
    taken, admin = make_new_app().app.issuer, actor_of(make_admin())
    with pytest.raises(Invalid), transaction():
        add_app(admin, name="Copy", issuer=taken, algorithm=TokenAlgorithm.HS256, public_key="")
