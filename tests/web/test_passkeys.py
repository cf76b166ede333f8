"""Passkeys: added, signed in with, shown again, removed."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from ideas.accounts.models import AuditEntry, Identity, Member, Passkey
from ideas.accounts.passkeys import PASSKEYS_MAX, place_of
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_member
from tests.web.authenticator import Authenticator
from tests.web.client import Client
from tests.web.sign_up import mails
from tests.web.test_factors import make_stale, signed_in
from tests.web.test_second_factor import set_up
from tests.web.test_security import form_token, is_signed_in, with_password
from tests.web.test_sessions import token_of

JSON = dict[str, Any]


def question_of(client: Client, path: str) -> JSON:
    """Ask as the script of the page does."""
    answer = client.post(f"{path}/question")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "private, no-store"
    question: JSON = json.loads(answer.text)
    return question


def add(client: Client, device: Authenticator, *, name: str = "My telephone") -> TestResponse:
    answer = device.make(question_of(client, "/me/security/passkeys"))
    return client.post("/me/security/passkeys", data={"name": name, "credential": answer})


def with_passkey(client_for: ClientFor, member: Member | None = None) -> tuple[Member, Authenticator]:
    member, device = member or make_member(), Authenticator()
    assert add(client_for(member), device).status_code == 303
    return member, device


def enter(client: Client, device: Authenticator, **fields: str) -> TestResponse:
    answer = device.show(question_of(client, "/sign-in/passkey"))
    return client.post("/sign-in/passkey", data={"credential": answer, **fields})


def count_passkeys() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Passkey)) or 0


def test_a_passkey_is_added_listed_and_told_to_its_owner(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(member)
    assert add(client, Authenticator(), name=" My  telephone ").location == "/me/security"
    page = client.get("/me/security").text
    assert "<bdi>My telephone</bdi>" in page
    assert "Not yet" in page
    letter = mails()[-1].payload
    assert (letter["to"], letter["subject"]) == (member.email, "A passkey was added")
    assert "“My telephone”" in letter["text"]
    assert session().scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()[-1] == "passkey.added"


def test_a_passkey_signs_its_owner_in_under_a_new_token(app: Flask, client_for: ClientFor) -> None:
    _member, device = with_passkey(client_for)
    visitor = client_for(None)
    visitor.get("/sign-in")
    before = visitor.get_cookie("session")
    answer = enter(visitor, device, next="/boards")
    assert (answer.status_code, answer.location) == (303, "/boards")
    assert visitor.get("/me/security").status_code == 200
    assert "Not yet" not in visitor.get("/me/security").text
    assert token_of(visitor)
    assert before is None or before.value != token_of(visitor)


@pytest.mark.parametrize(("stays", "is_kept"), [("y", True), ("", False)])
def test_whoever_wants_to_stay_signed_in_stays(client_for: ClientFor, *, stays: str, is_kept: bool) -> None:
    _member, device = with_passkey(client_for)
    visitor = client_for(None)
    enter(visitor, device, remember=stays)
    cookie = visitor.get_cookie("session")
    assert cookie is not None
    assert (cookie.max_age is not None) is is_kept


def test_a_passkey_counts_as_both_factors(client_for: ClientFor) -> None:
    member = with_password()
    client = signed_in(client_for, member)
    set_up(client)
    device = Authenticator()
    add(client, device)
    visitor = client_for(None)
    assert enter(visitor, device).location == "/"
    assert is_signed_in(visitor)


def test_it_can_be_shown_instead_of_a_code_after_the_password(client_for: ClientFor) -> None:
    member = with_password()
    client, device = signed_in(client_for, member), Authenticator()
    set_up(client)
    add(client, device)
    visitor = client_for(None)
    token = form_token(visitor.get("/sign-in"))
    fields = {"csrf_token": token, "email": str(member.email), "password": "a long quiet sentence"}
    assert visitor.post("/sign-in", data=fields, sends_token=False).location.startswith("/sign-in/second")
    assert 'data-passkey="get"' in visitor.get("/sign-in/second").text
    enter(visitor, device)
    assert is_signed_in(visitor)


def test_showing_a_passkey_shows_again_that_it_is_you(client_for: ClientFor) -> None:
    member, device = with_passkey(client_for)
    client = client_for(member)
    make_stale(client)
    verify = client.get("/me/security/app").location
    assert 'action="/verify/passkey"' in client.get(verify).text
    question = question_of(client, "/verify/passkey")
    assert [one["id"] for one in question["allowCredentials"]]
    data = {"credential": device.show(question), "next": "/me/security/app"}
    assert client.post("/verify/passkey", data=data).location == "/me/security/app"
    assert client.get("/me/security/app").status_code == 200


def test_the_passkey_of_somebody_else_does_not_show_that_it_is_you(client_for: ClientFor) -> None:
    with_passkey(client_for)
    _other, device = with_passkey(client_for)
    client = client_for(make_member())
    make_stale(client)
    answer = client.post("/verify/passkey", data={"credential": device.show(question_of(client, "/verify/passkey"))})
    assert answer.location.startswith("/verify?")
    assert client.get("/me/security/app").status_code == 303


def test_a_removed_passkey_lets_nobody_in_and_its_owner_is_told(client_for: ClientFor) -> None:
    member, device = with_passkey(client_for)
    key = session().scalars(select(Passkey.id)).one()
    client = client_for(member)
    assert client.post(f"/me/security/passkeys/{key}/remove").location == "/me/security"
    assert mails()[-1].payload["subject"] == "A passkey was removed"
    assert session().scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()[-1] == "passkey.removed"
    visitor = client_for(None)
    enter(visitor, device)
    assert not is_signed_in(visitor)


def test_only_the_owner_removes_a_passkey(client_for: ClientFor) -> None:
    with_passkey(client_for)
    key = session().scalars(select(Passkey.id)).one()
    assert client_for(make_member()).post(f"/me/security/passkeys/{key}/remove").status_code == 404
    assert count_passkeys() == 1


def test_the_only_way_in_stays(client_for: ClientFor) -> None:
    member, _device = with_passkey(client_for)
    client = client_for(member)
    with transaction() as current:
        current.execute(update(Member).where(Member.id == member.id).values(email=None))
    (key,) = session().scalars(select(Passkey.id)).all()
    assert client.post(f"/me/security/passkeys/{key}/remove").status_code == 409
    add(client, Authenticator(), name="Another")
    assert client.post(f"/me/security/passkeys/{key}/remove").status_code == 303
    (left,) = session().scalars(select(Passkey.id)).all()
    assert client.post(f"/me/security/passkeys/{left}/remove").status_code == 409
    with transaction() as current:
        current.add(Identity(member_id=member.id, issuer="https://work.example", subject="ada"))
    assert client.post(f"/me/security/passkeys/{left}/remove").status_code == 303


def test_a_closed_account_is_not_let_in(client_for: ClientFor) -> None:
    member, device = with_passkey(client_for)
    with transaction() as current:
        current.execute(update(Member).where(Member.id == member.id).values(active=False))
    visitor = client_for(None)
    enter(visitor, device)
    assert not is_signed_in(visitor)


def test_the_device_is_told_a_random_handle_that_stays(client_for: ClientFor) -> None:
    member, device = with_passkey(client_for)
    question = question_of(client_for(member), "/me/security/passkeys")
    assert question["user"]["id"] == device.handle
    handle = session().scalars(select(Member.fs_webauthn_user_handle).where(Member.id == member.id)).one()
    assert handle is not None
    assert len(handle) >= 43
    assert len(question["excludeCredentials"]) == 1
    assert question["authenticatorSelection"]["userVerification"] == "required"
    assert question["rp"]["id"] == "localhost"


def test_one_device_is_added_once_and_to_one_member(client_for: ClientFor) -> None:
    member, device = with_passkey(client_for)
    assert add(client_for(member), device, name="Again").status_code == 409
    assert add(client_for(make_member()), device).status_code == 409
    assert count_passkeys() == 1


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 61, "My telephone"])
def test_a_passkey_has_a_name_of_its_own(client_for: ClientFor, name: str) -> None:
    member, _device = with_passkey(client_for)
    answer = add(client_for(member), Authenticator(), name=name)
    assert (answer.status_code, 'id="f-name-e"' in answer.text, count_passkeys()) == (422, True, 1)


def test_nobody_heaps_passkeys_up(client_for: ClientFor) -> None:
    client = client_for(make_member())
    for number in range(PASSKEYS_MAX):
        add(client, Authenticator(), name=f"Key {number}")
    assert add(client, Authenticator(), name="One more").status_code == 422
    assert count_passkeys() == PASSKEYS_MAX


def test_passkeys_are_changed_only_by_whoever_has_shown_lately_who_they_are(client_for: ClientFor) -> None:
    member, _device = with_passkey(client_for)
    key = session().scalars(select(Passkey.id)).one()
    client = client_for(member)
    make_stale(client)
    for path in (f"/me/security/passkeys/{key}/remove", "/me/security/passkeys", "/me/security/passkeys/question"):
        assert client.post(path).location.startswith("/verify?")
    assert count_passkeys() == 1


def test_asking_writes_nothing_down_for_visitors(client_for: ClientFor) -> None:
    visitor = client_for(None)
    question_of(visitor, "/sign-in/passkey")
    assert token_of(visitor) == ""


def test_without_script_the_page_shows_no_button(client_for: ClientFor) -> None:
    page = client_for(None).get("/sign-in").text
    form = page.partition('data-passkey="get"')[2].partition(">")[0]
    assert form.endswith("hidden")
    assert "js/passkeys" in page


@pytest.mark.parametrize(
    ("base_url", "domain", "origin"),
    [
        ("https://ideas.example.com", "ideas.example.com", "https://ideas.example.com"),
        ("https://Ideas.Example.com:443", "ideas.example.com", "https://ideas.example.com"),
        ("https://ideas.example.com:8443", "ideas.example.com", "https://ideas.example.com:8443"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("https://bücher.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example"),
    ],
)
def test_passkeys_are_bound_to_the_address_of_the_site(base_url: str, domain: str, origin: str) -> None:
    place = place_of(base_url)
    assert place is not None
    assert (place.domain, place.origin) == (domain, origin)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "https://[::1]", "http://ideas.example.com"])
def test_where_browsers_take_no_passkeys_none_are_offered(base_url: str) -> None:
    assert place_of(base_url) is None
