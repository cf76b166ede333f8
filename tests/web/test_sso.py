"""Coming in from the company's own app: a page first, a button then, and never into an account of the staff."""

import json
import logging
import threading
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from ideas.accounts.models import Identity, Member, MemberKind, Organisation, SpentToken
from ideas.accounts.tokens import NewApp
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_admin, make_member, make_staff, reload
from tests.factories.apps import make_new_app, sign
from tests.web.access_world import everything_stored
from tests.web.client import Client
from tests.web.test_security import is_signed_in, with_password


@pytest.fixture
def new(app: Flask) -> NewApp:
    return make_new_app()


def enter(client: Client, new: NewApp, text: str, **fields: str) -> int:
    """Press the button of the page; return how it was answered."""
    return client.post(f"/sso/{new.app.slug}", data={"token": text, **fields}).status_code


def members() -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(Member)) or 0


def identities_of(member: Member) -> list[str]:
    session().rollback()
    return list(session().scalars(select(Identity.subject).where(Identity.member_id == member.id)))


def newest() -> Member:
    session().rollback()
    return session().scalars(select(Member).order_by(Member.id.desc()).limit(1)).one()


def test_looking_says_who_it_would_be_and_changes_nothing(new: NewApp, client_for: ClientFor) -> None:
    client, text = client_for(None), sign(new, organisation={"id": "c1", "name": "Mill & Sons"})
    before = everything_stored()
    for _ in range(20):
        answer = client.get(f"/sso/{new.app.slug}", query_string={"token": text})
    assert answer.status_code == 200
    assert all(words in answer.text for words in ("Ada Lovelace", "Mill &amp; Sons", new.app.name))
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not is_signed_in(client)
    assert everything_stored() == before
    assert enter(client, new, text) == 303
    assert is_signed_in(client)


def test_somebody_new_becomes_a_customer_and_is_known_the_next_time(new: NewApp, client_for: ClientFor) -> None:
    told = {"id": "c1", "name": "Mill", "plan": "large"}
    first = sign(new, email="ada@example.org", email_verified=True, organisation=told)
    client = client_for(None)
    answer = client.post(f"/sso/{new.app.slug}", data={"token": first, "next": "/boards"})
    assert answer.location == "/boards"
    member = newest()
    assert (member.name, member.email, member.kind) == ("Ada Lovelace", "ada@example.org", MemberKind.CUSTOMER)
    assert member.confirmed_at is not None
    count = members()
    assert enter(client_for(None), new, sign(new, name="Other Name", organisation={**told, "plan": "small"})) == 303
    assert (members(), identities_of(member)) == (count, ["customer-7"])
    organisation = session().scalars(select(Organisation)).one()
    assert (organisation.name, organisation.plan, organisation.external_id) == ("Mill", "small", "c1")
    assert reload(member).organisation_id == organisation.id


def test_a_used_token_signs_nobody_in(new: NewApp, client_for: ClientFor) -> None:
    text = sign(new)
    assert enter(client_for(None), new, text) == 303
    other = client_for(None)
    assert enter(other, new, text) == 403
    assert other.get(f"/sso/{new.app.slug}", query_string={"token": text}).status_code == 403
    assert not is_signed_in(other)


def test_an_unproven_address_is_neither_kept_nor_a_way_into_its_owners_account(
    new: NewApp, client_for: ClientFor
) -> None:
    owner = make_member()
    assert owner.email is not None
    assert enter(client_for(None), new, sign(new, email=owner.email)) == 303
    assert identities_of(owner) == []
    assert newest().email is None


def test_a_proven_address_leads_into_an_account_that_has_no_password(new: NewApp, client_for: ClientFor) -> None:
    owner = make_member()
    assert enter(client_for(None), new, sign(new, email=owner.email, email_verified=True)) == 303
    assert identities_of(owner) == ["customer-7"]


def test_another_person_of_the_app_with_the_same_address_does_not_get_in(new: NewApp, client_for: ClientFor) -> None:
    owner = make_member()
    assert enter(client_for(None), new, sign(new, email=owner.email, email_verified=True)) == 303
    assert enter(client_for(None), new, sign(new, sub="other", email=owner.email, email_verified=True)) == 403
    assert identities_of(owner) == ["customer-7"]


def test_an_account_with_a_password_is_tied_only_by_whoever_is_signed_in_to_it(
    new: NewApp, client_for: ClientFor
) -> None:
    owner = with_password()
    told: dict[str, Any] = {"email": owner.email, "email_verified": True}
    stranger = client_for(None)
    answer = stranger.post(f"/sso/{new.app.slug}", data={"token": sign(new, **told)})
    assert answer.status_code == 403
    assert "Sign in to it first" in answer.text
    assert not is_signed_in(stranger)
    assert enter(client_for(owner), new, sign(new, **told)) == 303
    assert identities_of(owner) == ["customer-7"]


@pytest.mark.parametrize("is_verified", [True, False])
@pytest.mark.parametrize("make", [make_staff, make_admin])
def test_no_app_signs_staff_in(new: NewApp, client_for: ClientFor, make: object, is_verified: bool) -> None:
    assert callable(make)
    boss = make()
    text = sign(new, email=boss.email, email_verified=is_verified)
    client = client_for(None)
    before = everything_stored()
    page = client.get(f"/sso/{new.app.slug}", query_string={"token": text})
    answer = client.post(f"/sso/{new.app.slug}", data={"token": text})
    assert (page.status_code, answer.status_code) == (403, 403)
    assert "belongs to the company" in answer.text
    assert not is_signed_in(client)
    assert everything_stored() == before


def test_a_customer_who_became_staff_is_not_signed_in_any_more(new: NewApp, client_for: ClientFor) -> None:
    enter(client_for(None), new, sign(new))
    member = newest()
    with transaction():
        session().execute(update(Member).where(Member.id == member.id).values(kind=MemberKind.STAFF))
    client = client_for(None)
    assert enter(client, new, sign(new)) == 403
    assert not is_signed_in(client)


def test_a_closed_account_stays_closed(new: NewApp, client_for: ClientFor) -> None:
    enter(client_for(None), new, sign(new))
    with transaction():
        session().execute(update(Member).where(Member.id == newest().id).values(active=False))
    assert enter(client_for(None), new, sign(new)) == 403


def test_without_a_form_token_nobody_is_signed_in_and_the_token_stays_good(new: NewApp, client_for: ClientFor) -> None:
    client, text = client_for(None), sign(new)
    for options in ({"sends_token": False}, {"headers": {"Sec-Fetch-Site": "cross-site"}}):
        answer = client.post(f"/sso/{new.app.slug}", data={"token": text}, **options)
        assert answer.status_code == 403
    assert session().scalar(select(func.count()).select_from(SpentToken)) == 0
    assert enter(client, new, text) == 303


def test_a_session_from_before_is_worth_nothing_after_coming_in(new: NewApp, client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(member)
    before = client.get_cookie("session")
    assert enter(client, new, sign(new)) == 303
    after = client.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_next_leads_nowhere_else(new: NewApp, client_for: ClientFor) -> None:
    answer = client_for(None).post(f"/sso/{new.app.slug}", data={"token": sign(new), "next": "//evil.example"})
    assert answer.location == "/"


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Everything that is logged, at any level."""
    former = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    with capture_logs() as entries:
        yield entries
    structlog.configure(**former)


def test_the_token_stands_in_no_log(
    new: NewApp,
    client_for: ClientFor,
    logged: list[MutableMapping[str, Any]],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_for(None)
    good, bad = sign(new), sign(new, aud="https://other.example")
    for text in (good, bad):
        client.get(f"/sso/{new.app.slug}", query_string={"token": text})
        enter(client, new, text)
    enter(client, new, good)
    reasons = [one["reason"] for one in logged if one["event"] == "token_refused"]
    assert reasons == ["aud", "aud", "spent"]
    assert [one["endpoint"] for one in logged if one["event"] == "request"].count("sso.enter") == 3
    out, err = capfd.readouterr()
    written = json.dumps(logged, default=str) + caplog.text + out + err
    assert all(part not in written for text in (good, bad) for part in text.split(".")[1:])


def test_no_other_site_and_no_cache_hears_of_the_token(new: NewApp, client_for: ClientFor) -> None:
    text = sign(new)
    pages = [
        client_for(None).get(f"/sso/{new.app.slug}", query_string={"token": text}),
        client_for(None).get(f"/sso/{new.app.slug}", query_string={"token": f"{text}x"}),
        client_for(None).get("/sso/nobody", query_string={"token": text}),
        client_for(None).post(f"/sso/{new.app.slug}", data={"token": f"{text}x"}),
        client_for(None).post(f"/sso/{new.app.slug}", data={"token": text}),
    ]
    assert [one.status_code for one in pages] == [200, 403, 404, 403, 303]
    assert {one.headers["Referrer-Policy"] for one in pages} == {"same-origin"}
    assert {one.headers["Cache-Control"] for one in pages} == {"private, no-store"}
    assert all(text not in one.headers.get("Location", "") for one in pages)


def test_head_and_other_ways_of_looking_use_nothing_up(new: NewApp, client_for: ClientFor) -> None:
    client, text = client_for(None), sign(new)
    for method in ("HEAD", "OPTIONS", "GET"):
        client.open(f"/sso/{new.app.slug}", method=method, query_string={"token": text})
    assert session().scalar(select(func.count()).select_from(SpentToken)) == 0
    assert enter(client, new, text) == 303


def test_one_token_sent_by_twenty_browsers_at_once_signs_one_in(app: Flask, new: NewApp) -> None:
    text = sign(new)
    # Asked for here: the threads have sessions of their own.
    address = f"/sso/{new.app.slug}"
    session().rollback()
    start, answers = threading.Barrier(20), []

    def act() -> None:
        client = app.test_client()
        assert isinstance(client, Client)
        start.wait(30)
        with app.app_context():
            answers.append(client.post(address, data={"token": text}).status_code)

    threads = [threading.Thread(target=act) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert sorted(answers) == [303, *[403] * 19]


def test_an_app_switched_off_signs_out_whom_it_brought_and_nobody_else(new: NewApp, client_for: ClientFor) -> None:
    brought = client_for(None)
    assert enter(brought, new, sign(new)) == 303
    member = newest()
    otherwise = client_for(member)
    assert is_signed_in(brought)
    boss = client_for(make_admin())
    assert boss.post(f"/admin/apps/{new.app.slug}/edit", data={"name": "Portal"}).status_code == 303
    assert not is_signed_in(brought)
    assert is_signed_in(otherwise)


def test_an_admin_adds_an_app_and_sees_its_secret_once(app: Flask, client_for: ClientFor) -> None:
    boss = client_for(make_admin())
    form = {"name": "Portal", "issuer": "https://portal.example", "algorithm": "HS256", "nonce": "n1"}
    answer = boss.post("/admin/apps/new", data=form)
    assert answer.status_code == 200
    secret = answer.text.split('id="f-secret" type="text" value="')[1].split('"')[0]
    assert len(secret) >= 43
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert boss.post("/admin/apps/new", data=form).location == "/admin/apps"
    for page in ("/admin/apps", "/admin/apps/portal/edit"):
        shown = boss.get(page)
        assert shown.status_code == 200
        assert secret not in shown.text
    renewed = boss.post("/admin/apps/portal/secret")
    assert renewed.status_code == 200
    assert secret not in renewed.text


def test_what_an_admin_typed_is_kept_where_it_needs_another_look(app: Flask, client_for: ClientFor) -> None:
    boss = client_for(make_admin())
    form = {"name": "Portal", "issuer": "", "algorithm": "RS256", "public_key": "no key"}
    answer = boss.post("/admin/apps/new", data=form)
    assert answer.status_code == 422
    assert all(words in answer.text for words in ('value="Portal"', "no key", "BEGIN PUBLIC KEY"))
    assert boss.post("/admin/apps/new", data={**form, "algorithm": "none"}).status_code == 422


def test_an_app_is_switched_off_and_on(new: NewApp, client_for: ClientFor) -> None:
    boss = client_for(make_admin())
    address = f"/admin/apps/{new.app.slug}/edit"
    assert boss.post(address, data={"name": "Portal"}).location == "/admin/apps"
    assert "switched off" in boss.get("/admin/apps").text
    assert client_for(None).get(f"/sso/{new.app.slug}").status_code == 404
    assert boss.post(address, data={"name": "Portal", "is_active": "y"}).status_code == 303
    assert enter(client_for(None), new, sign(new)) == 303
