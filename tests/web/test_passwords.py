"""What is asked of passwords, and how they are taken."""

import re

import pytest
from flask import Flask
from flask_security import hash_password

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from tests.conftest import QUICK_HASHING, ClientFor
from tests.factories import make_member
from tests.web.sign_up import opening_link, register
from tests.web.test_security import PASSWORD, is_signed_in, post, with_password

#: 96 signs of many kinds.
LONG = "Fähre um fünf, 雨の港, и ещё немного слов; (three) [kinds] of «signs» & 1234567890 ~ until the end of it 96!"


def test_every_sign_of_a_password_counts(client_for: ClientFor) -> None:
    assert len(LONG) >= 64
    answer = register(client_for(None), name="Ada", email="ada@example.org", password=LONG)
    assert answer.status_code == 303
    for wrong in (LONG[:-1], LONG.lower(), LONG[:72], LONG[:64], f" {LONG}", f"{LONG} "):
        client = client_for(None)
        assert post(client, "/sign-in", email="ada@example.org", password=wrong).status_code == 422
        assert not is_signed_in(client)
    assert post(client_for(None), "/sign-in", email="ada@example.org", password=LONG).status_code == 303


@pytest.mark.parametrize(
    ("path", "uses"),
    [
        ("/sign-in", ["current-password"]),
        ("/me/security/password", ["current-password", "new-password"]),
        ("/verify", ["current-password"]),
    ],
)
def test_fields_are_masked_and_known_to_password_managers(client_for: ClientFor, path: str, uses: list[str]) -> None:
    client = client_for(None)
    if path != "/sign-in":
        post(client, "/sign-in", email=str(with_password().email), password=PASSWORD)
    fields = [
        one for one in re.findall(r"<input[^>]*>", client.get(path).text) if "password" in one.partition("id=")[2]
    ]
    assert [re.findall(r'autocomplete="([^"]+)"', one)[0] for one in fields] == uses
    assert all('type="password"' in one for one in fields)


def test_the_field_for_the_first_password_is_masked_too(client_for: ClientFor) -> None:
    client = client_for(None)
    client.post("/register", data={"email": "ada@example.org"})
    page = client.get(opening_link("ada@example.org")).text
    assert re.search(r'<input(?=[^>]*name="password")(?=[^>]*type="password")[^>]*autocomplete="new-password"', page)


def test_an_old_hash_is_made_anew_at_sign_in(app: Flask, client_for: ClientFor) -> None:
    member, context = make_member(), app.extensions["security"].pwd_context
    context.update(**{**QUICK_HASHING, "argon2__time_cost": 2})
    with app.test_request_context():
        old = hash_password(PASSWORD)
    context.update(**QUICK_HASHING)
    with transaction() as current:
        current.get_one(Member, member.id).password = old
    assert post(client_for(None), "/sign-in", email=str(member.email), password=PASSWORD).status_code == 303
    session().rollback()
    kept = session().get_one(Member, member.id, populate_existing=True).password
    assert kept is not None
    assert (",t=2," in old, ",t=1," in kept) == (True, True)
    assert post(client_for(None), "/sign-in", email=str(member.email), password=PASSWORD).status_code == 303


def test_every_page_of_a_member_offers_to_sign_out(client_for: ClientFor) -> None:
    client = client_for(make_member())
    for path in (
        "/",
        "/boards",
        "/about",
        "/people",
        "/propose",
        "/me",
        "/me/security",
        "/me/settings",
    ):
        assert 'action="/sign-out"' in client.get(path).text, path
