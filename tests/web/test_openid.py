"""What a provider that lies may say: nothing of it signs anybody in."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.discovery import discover
from ideas.accounts.models import Identity, Member, Provider
from ideas.accounts.providers import ProviderDraft, add_provider
from ideas.core.db import db, session, transaction
from ideas.web.signing_in import openid
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin
from tests.servers import wicked
from tests.servers.wicked import CLIENT_ID, CLIENT_SECRET, Wicked, back_with, half_hash, wicked_provider
from tests.web.client import Client
from tests.web.test_security import is_signed_in
from tests.web.test_sign_in_with import leave


@pytest.fixture
def provider(app: Flask) -> Iterator[Wicked]:
    with wicked_provider() as said:
        know(said.issuer)
        yield said


def know(issuer: str, *, name: str = "Work", **rules: Any) -> Provider:
    """Add the provider, as an admin does."""
    draft = ProviderDraft(name=name, client_id=CLIENT_ID, secret=CLIENT_SECRET, **rules)
    admin = actor_of(make_admin())
    with transaction():
        return add_provider(admin, issuer=issuer, draft=draft)


def come_back(client: Client, provider: Wicked, **changed: str | None) -> int:
    """Leave, and come back with what the provider gives and these changes."""
    taken = provider.agree(leave(client), subject="person-1")
    return client.get(back_with(taken, **changed)).status_code


def ties() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Identity)) or 0


def test_a_provider_that_tells_the_truth_signs_in_and_hears_how_it_was_asked(
    provider: Wicked, client_for: ClientFor
) -> None:
    client = client_for(None)
    assert come_back(client, provider) == 303
    assert is_signed_in(client)
    assert provider.asked[0]["grant_type"] == "authorization_code"
    assert len(provider.asked[0]["code_verifier"]) >= 43


Lie = Callable[[Wicked], object]


def forging(forge: wicked.Forge) -> Lie:
    """Return a lie by signing in another way."""
    return lambda one: one.__dict__.update(forge=forge)


LIES: dict[str, Lie] = {
    "no identity token": lambda one: one.answer.update(id_token=None),
    "an identity token that is a number": lambda one: one.answer.update(id_token=7),
    "an identity token that is no token": lambda one: one.answer.update(id_token="a.b.c"),
    "an error instead": lambda one: one.answer.update(error="server_error"),
    "a token without signature": forging(wicked.unsigned),
    "a token signed by another key": forging(wicked.signed_by_another),
    "a token signed with the client secret": forging(wicked.signed_with_the_secret),
    "a token signed with the public key": forging(wicked.signed_with_the_public_key),
    "another issuer": lambda one: one.claims.update(iss="https://other.example"),
    "the issuer with a slash": lambda one: one.claims.update(iss=f"{one.issuer}/"),
    "no issuer": lambda one: one.claims.update(iss=None),
    "another audience": lambda one: one.claims.update(aud="other"),
    "no audience": lambda one: one.claims.update(aud=None),
    "two audiences and nobody it is for": lambda one: one.claims.update(aud=[CLIENT_ID, "other"]),
    "another party it is for": lambda one: one.claims.update(aud=[CLIENT_ID, "other"], azp="other"),
    "no subject": lambda one: one.claims.update(sub=None),
    "a subject that is a number": lambda one: one.claims.update(sub=7),
    "an empty subject": lambda one: one.claims.update(sub=""),
    "no end": lambda one: one.claims.update(exp=None),
    "an end long ago": lambda one: one.claims.update(iat=int(time.time()) - 900, exp=int(time.time()) - 60),
    "a beginning to come": lambda one: one.claims.update(iat=int(time.time()) + 300),
    "not to be used yet": lambda one: one.claims.update(nbf=int(time.time()) + 300),
    "no beginning": lambda one: one.claims.update(iat=None),
    "no nonce": lambda one: one.claims.update(nonce=None),
    "another nonce": lambda one: one.claims.update(nonce="other"),
    "the hash of another access token": lambda one: one.claims.update(at_hash=half_hash("other")),
    "userinfo about somebody else": lambda one: (
        one.claims.update(email=None),
        one.userinfo.update(sub="boss", email="boss@work.example", email_verified=True),
    ),
    "userinfo about nobody": lambda one: (one.claims.update(email=None), one.userinfo.update(email="x@work.example")),
    "userinfo that is a list": lambda one: (one.claims.update(email=None), one.__dict__.update(userinfo=[1])),
    "other keys than it says": lambda one: one.document.update(jwks_uri=f"{one.issuer}/userinfo"),
    "keys in a network that is not public": lambda one: one.document.update(jwks_uri="https://10.0.0.1/keys"),
    "tokens from where clouds keep secrets": lambda one: one.document.update(
        token_endpoint="http://169.254.169.254/latest/"
    ),
    "that it signs with the secret": lambda one: (
        one.document.update(id_token_signing_alg_values_supported=["HS256", "none"]),
        one.__dict__.update(forge=wicked.signed_with_the_secret),
    ),
    "that it names itself, and does not": lambda one: one.document.update(
        authorization_response_iss_parameter_supported=True
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_nobody_is_signed_in_by_a_lie(provider: Wicked, client_for: ClientFor, name: str) -> None:
    LIES[name](provider)
    client = client_for(None)
    assert come_back(client, provider) == 403
    assert not is_signed_in(client)
    assert ties() == 0


def test_what_is_true_but_unusual_is_taken(provider: Wicked, client_for: ClientFor) -> None:
    provider.claims.update(aud=[CLIENT_ID], azp=CLIENT_ID, at_hash=half_hash(wicked.ACCESS_TOKEN))
    provider.claims.update(iat=int(time.time()) + 20, exp=int(time.time()) + 120)
    provider.document.update(authorization_response_iss_parameter_supported=True)
    assert come_back(client_for(None), provider, iss=provider.issuer) == 303
    late = {"iat": int(time.time()) - 300, "exp": int(time.time()) - 20, "at_hash": None}
    provider.claims.update(late)
    assert come_back(client_for(None), provider, iss=provider.issuer) == 303


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"state": None},
        {"state": "x"},
        {"code": None},
        {"code": None, "error": "access_denied", "error_description": "<script>"},
    ],
)
def test_an_answer_that_is_not_the_one_asked_for_is_refused(
    provider: Wicked, client_for: ClientFor, changed: dict[str, str | None]
) -> None:
    client = client_for(None)
    assert come_back(client, provider, **changed) == 403
    assert not is_signed_in(client)
    assert ties() == 0


def test_a_way_that_failed_is_used_up(provider: Wicked, client_for: ClientFor) -> None:
    client = client_for(None)
    taken = provider.agree(leave(client), subject="person-1")
    assert client.get(back_with(taken, error="access_denied")).status_code == 403
    assert client.get(back_with(taken)).status_code == 403
    assert provider.asked == []


def test_an_address_is_confirmed_only_by_the_answer_that_names_it(provider: Wicked, client_for: ClientFor) -> None:
    provider.claims.update(email=None, email_verified=True, name=None)
    provider.userinfo.update(sub="person-1", email="boss@work.example", name="Ada")
    assert come_back(client_for(None), provider) == 303
    provider.claims.update(sub="person-2", email="other@work.example", email_verified=None)
    provider.userinfo.update(sub="person-2", email="boss@work.example", email_verified=True)
    assert come_back(client_for(None), provider) == 303
    session().rollback()
    assert session().scalars(select(Member.email).join(Identity, Identity.member_id == Member.id)).all() == [None, None]


def test_what_is_missing_in_the_token_is_asked_for(provider: Wicked, client_for: ClientFor) -> None:
    provider.claims.update(email=None, email_verified=None)
    provider.userinfo.update(sub="person-1", email="ada@work.example", email_verified=True)
    assert come_back(client_for(None), provider) == 303
    session().rollback()
    found = session().scalars(select(Member.email).join(Identity, Identity.member_id == Member.id)).all()
    assert found == ["ada@work.example"]


def test_a_secret_goes_into_the_form_where_the_provider_wants_it_there(provider: Wicked, client_for: ClientFor) -> None:
    assert come_back(client_for(None), provider) == 303
    provider.document.update(token_endpoint_auth_methods_supported=["client_secret_post"])
    assert come_back(client_for(None), provider) == 303
    assert [one.get("client_secret") for one in provider.asked] == [None, CLIENT_SECRET]


def test_two_providers_never_answer_for_each_other(provider: Wicked, client_for: ClientFor) -> None:
    with wicked_provider() as other:
        know(other.issuer, name="Other")
        client = client_for(None)
        address = client.post("/sign-in/with/other").headers["Refresh"].removeprefix("0; url=")
        taken = other.agree(address, subject="person-1")
        other.claims.update(email="bo@other.example")
        assert client.get(back_with(taken)).status_code == 403
        assert client.get(back_with(taken, iss=provider.issuer).replace("/work/", "/other/")).status_code == 403
        address = client.post("/sign-in/with/other").headers["Refresh"].removeprefix("0; url=")
        taken = other.agree(address, subject="person-1")
        assert client.get(back_with(taken).replace("/work/", "/other/")).status_code == 303
        assert come_back(client_for(None), provider) == 303
    session().rollback()
    found = session().execute(select(Identity.issuer, Identity.subject, Identity.member_id)).all()
    assert {row.issuer for row in found} == {provider.issuer, other.issuer}
    assert {row.subject for row in found} == {"person-1"}
    assert len({row.member_id for row in found}) == 2


def test_one_provider_does_not_speak_for_the_people_of_another(provider: Wicked, client_for: ClientFor) -> None:
    assert come_back(client_for(None), provider) == 303
    with wicked_provider() as other:
        know(other.issuer, name="Other")
        client = client_for(None)
        address = client.post("/sign-in/with/other").headers["Refresh"].removeprefix("0; url=")
        taken = other.agree(address, subject="mallory")
        assert client.get(back_with(taken).replace("/work/", "/other/")).status_code == 403
        assert not is_signed_in(client)
    assert ties() == 1


def test_nobody_waits_for_a_connection_while_a_provider_is_slow(
    provider: Wicked, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []

    def look(*args: Any) -> Any:
        held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return discover(*args)

    monkeypatch.setattr(openid, "discover", look)
    session().rollback()
    client = client_for(None)
    assert come_back(client, provider) == 303
    assert come_back(client, provider) == 303
    assert held == [0] * 4


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//evil.example", "https://a b/", "https://x;y/", "ftp://x/", "https://u@x/"]
)
def test_people_are_led_to_no_crooked_address(provider: Wicked, client_for: ClientFor, address: str) -> None:
    provider.document.update(authorization_endpoint=address)
    answer = client_for(None).post("/sign-in/with/work")
    assert answer.status_code == 409
    assert "Refresh" not in answer.headers
