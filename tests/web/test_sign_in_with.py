"""Signing in with a real OpenID Connect provider, running on this machine."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from ideas.accounts.models import AuditEntry, Identity, Member, MemberKind, Organisation, Provider
from ideas.accounts.providers import ProviderDraft, add_provider
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_member, make_staff, reload
from tests.servers.provider import start_provider
from tests.web.authenticator import Authenticator
from tests.web.client import Client
from tests.web.test_passkeys import add, enter
from tests.web.test_second_factor import code_for, second_step, set_up
from tests.web.test_security import is_signed_in, with_password

_number = count(1)
NewProvider = Callable[..., Provider]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a running provider."""
    address, process = start_provider()
    yield address
    process.stop()


@pytest.fixture
def provider(app: Flask, issuer: str) -> Provider:
    return make_provider(issuer)


def make_provider(issuer: str, **rules: Any) -> Provider:
    """Return a provider with the given rules."""
    admin = actor_of(make_admin())
    draft = ProviderDraft(name="Work", client_id="ideas", secret="s", **rules)
    with transaction():
        return add_provider(admin, issuer=issuer, draft=draft)


def person(issuer: str, **claims: Any) -> str:
    """Let the provider know somebody; return their subject."""
    subject = f"person-{next(_number)}"
    requests.put(f"{issuer}/users/{subject}", json=claims, timeout=10).raise_for_status()
    return subject


def leave(client: Client, **fields: str) -> str:
    """Press the button on the sign-in page; return the address at the provider."""
    answer = client.post("/sign-in/with/work", data=fields)
    assert answer.status_code == 200
    return answer.headers["Refresh"].removeprefix("0; url=")


def consent(address: str, subject: str) -> str:
    """Say yes at the provider; return the address to which it leads back, without its host."""
    answer = requests.post(address, data={"sub": subject}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def come_in(client: Client, subject: str, **fields: str) -> TestResponse:
    """Sign in with the provider, as a browser would."""
    return client.get(consent(leave(client, **fields), subject))


def member_of(subject: str) -> Member | None:
    session().rollback()
    tied = select(Member).join(Identity, Identity.member_id == Member.id).where(Identity.subject == subject)
    return session().scalar(tied)


def test_somebody_new_gets_an_account_and_comes_back_to_it(
    provider: Provider, issuer: str, client_for: ClientFor
) -> None:
    subject = person(issuer, name="Ada Lovelace", email="ada@work.example", email_verified=True)
    client = client_for(None)
    assert "Sign in with Work" in client.get("/sign-in").text
    assert come_in(client, subject, next="/boards").location == "/boards"
    assert is_signed_in(client)
    member = member_of(subject)
    assert member is not None
    assert (member.name, member.email, member.kind) == ("Ada Lovelace", "ada@work.example", MemberKind.CUSTOMER)
    assert not member.is_admin
    again = client_for(None)
    assert come_in(again, subject).status_code == 303
    assert is_signed_in(again)


def test_an_answer_with_a_code_but_another_state_is_refused(
    provider: Provider, issuer: str, client_for: ClientFor
) -> None:
    client = client_for(None)
    address = consent(leave(client), person(issuer, name="Ada"))
    for wrong in (address.replace("state=", "state=x"), address.split("state=")[0], address + "&state=x"):
        assert client.get(wrong).status_code == 403
    assert not is_signed_in(client)


def test_an_answer_that_another_browser_asked_for_is_refused(
    provider: Provider, issuer: str, client_for: ClientFor
) -> None:
    attacker, victim = client_for(None), client_for(None)
    address = consent(leave(attacker), person(issuer, name="Mallory"))
    assert victim.get(address).status_code == 403
    assert not is_signed_in(victim)


def test_an_answer_with_another_nonce_is_refused(provider: Provider, issuer: str, client_for: ClientFor) -> None:
    client = client_for(None)
    address = leave(client)
    nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    subject = person(issuer, name="Ada")
    assert client.get(consent(address.replace(nonce, "another"), subject)).status_code == 403
    assert not is_signed_in(client)
    assert member_of(subject) is None


def test_an_answer_works_once(provider: Provider, issuer: str, client_for: ClientFor) -> None:
    client = client_for(None)
    address = consent(leave(client), person(issuer, name="Ada"))
    kept = client.get_cookie("session")
    assert kept is not None
    assert client.get(address).status_code == 303
    assert client.get(address).status_code == 403
    # Also with the session as it was before: the provider knows the code as used.
    other = client_for(None)
    other.set_cookie("session", kept.value)
    assert other.get(address).status_code == 403
    assert not is_signed_in(other)


def test_only_the_named_domains_come_in_and_only_with_confirmed_addresses(
    app: Flask, issuer: str, client_for: ClientFor
) -> None:
    make_provider(issuer, domains="work.example\n@mill.example")
    good = person(issuer, name="Ada", email="ada@MILL.example", email_verified=True)
    strangers = [
        person(issuer, name="Bo", email="bo@evil.example", email_verified=True),
        person(issuer, name="Bo", email="bo@work.example"),
        person(issuer, name="Bo", email="bo@work.example.evil.example", email_verified=True),
    ]
    for subject in strangers:
        answer = come_in(client_for(None), subject)
        assert answer.status_code == 403
        assert "domain" in answer.text
        assert member_of(subject) is None
    assert come_in(client_for(None), good).status_code == 303


def test_groups_let_in_and_make_staff_but_never_admins(app: Flask, issuer: str, client_for: ClientFor) -> None:
    make_provider(issuer, groups="customers", staff_groups="company\nadmins")
    outside = person(issuer, name="Out", groups=["others"])
    customer = person(issuer, name="Cus", groups=["others", "customers"], is_admin=True)
    staff = person(issuer, name="Sta", groups=["company", "admins"], is_admin=True, roles=["admin"])
    assert come_in(client_for(None), outside).status_code == 403
    assert come_in(client_for(None), customer).status_code == 303
    assert come_in(client_for(None), staff).status_code == 303
    kinds = [(one.kind, one.is_admin) for one in map(member_of, (customer, staff)) if one is not None]
    assert kinds == [(MemberKind.CUSTOMER, False), (MemberKind.STAFF, False)]
    noted = session().scalars(select(AuditEntry).where(AuditEntry.act == "standing.changed")).one()
    assert (noted.before["kind"], noted.after["kind"], noted.after["issuer"]) == ("customer", "staff", issuer)


@pytest.mark.parametrize("is_verified", [True, False])
@pytest.mark.parametrize("make", [make_staff, make_admin, with_password])
def test_an_account_of_staff_or_with_a_password_is_not_entered_by_its_address(
    provider: Provider, issuer: str, client_for: ClientFor, make: Callable[[], Member], is_verified: bool
) -> None:
    owner = make()
    subject = person(issuer, name="Mallory", email=owner.email, email_verified=is_verified)
    client = client_for(None)
    come_in(client, subject)
    found = member_of(subject)
    assert found is None or found.id != owner.id
    if is_verified or owner.is_staff:
        assert not is_signed_in(client)


def test_whoever_is_signed_in_ties_their_own_address(provider: Provider, issuer: str, client_for: ClientFor) -> None:
    owner = with_password()
    subject = person(issuer, name="Ada", email=owner.email, email_verified=True)
    assert come_in(client_for(owner), subject).status_code == 303
    found = member_of(subject)
    assert found is not None
    assert found.id == owner.id


def test_where_nobody_new_is_taken_only_known_people_come_in(app: Flask, issuer: str, client_for: ClientFor) -> None:
    make_provider(issuer, creates_members=False)
    known = make_member()
    assert come_in(client_for(None), person(issuer, name="New")).status_code == 403
    invited = person(issuer, name="Known", email=known.email, email_verified=True)
    assert come_in(client_for(None), invited).status_code == 303


def test_a_provider_that_is_switched_off_is_neither_shown_nor_taken(
    provider: Provider, issuer: str, client_for: ClientFor
) -> None:
    client = client_for(None)
    address = consent(leave(client), person(issuer, name="Ada"))
    with transaction():
        session().execute(update(Provider).values(is_active=False))
    assert client.get(address).status_code == 404
    assert client.post("/sign-in/with/work").status_code == 404
    assert "Sign in with Work" not in client.get("/sign-in").text


def test_a_provider_that_does_not_answer_is_told_of(provider: Provider, client_for: ClientFor) -> None:
    with transaction():
        session().execute(update(Provider).values(issuer="http://127.0.0.1:9"))
    answer = client_for(None).post("/sign-in/with/work")
    assert answer.status_code == 409
    assert "does not answer" in answer.text


def staff_by_group(issuer: str, client_for: ClientFor, **rules: Any) -> tuple[str, Member]:
    """Let somebody come in whom a group makes staff; return their subject and who they are here."""
    make_provider(issuer, staff_groups="company", **rules)
    subject = person(issuer, name="Sta", email="sta@work.example", email_verified=True, groups=["company"])
    assert come_in(client_for(None), subject).status_code == 303
    member = member_of(subject)
    assert member is not None
    assert member.is_staff
    return subject, member


def leave_group(issuer: str, subject: str) -> None:
    """Let the provider know somebody without any group."""
    claims: dict[str, Any] = {"name": "Sta", "email": "sta@work.example", "email_verified": True}
    requests.put(f"{issuer}/users/{subject}", json=claims, timeout=10).raise_for_status()


def test_who_left_the_group_is_staff_no_longer_with_the_next_sign_in(
    app: Flask, issuer: str, client_for: ClientFor
) -> None:
    subject, member = staff_by_group(issuer, client_for)
    before = client_for(member)
    assert before.get("/moderation").status_code == 403
    leave_group(issuer, subject)
    assert come_in(client_for(None), subject).status_code == 303
    assert reload(member).kind is MemberKind.CUSTOMER


def test_who_is_let_in_no_more_loses_the_group_too_and_what_the_provider_began(
    app: Flask, issuer: str, client_for: ClientFor
) -> None:
    make_provider(issuer, groups="customers", staff_groups="company")
    subject = person(issuer, name="Sta", email="sta@work.example", email_verified=True, groups=["company"])
    browser = client_for(None)
    assert come_in(browser, subject).status_code == 303
    assert is_signed_in(browser)
    leave_group(issuer, subject)
    answer = come_in(client_for(None), subject)
    assert answer.status_code == 403
    assert "None of your groups" in answer.text
    member = member_of(subject)
    assert member is not None
    assert reload(member).kind is MemberKind.CUSTOMER
    assert not is_signed_in(browser)


def test_the_organisation_is_the_one_of_the_domain_or_the_one_that_is_claimed(
    app: Flask, issuer: str, client_for: ClientFor
) -> None:
    make_provider(issuer, organisations="mill.example = Mill & Sons\n@yard.example = Yard", organisation_claim="firm")
    people: dict[str | None, dict[str, Any]] = {
        "Mill & Sons": {"email": "a@mill.example", "email_verified": True},
        "Yard": {"email": "b@YARD.example", "email_verified": True},
        None: {"email": "c@mill.example", "email_verified": False},
        "Other Firm": {"email": "d@mill.example", "email_verified": True, "firm": {"id": "o1", "name": "Other Firm"}},
    }
    for expected, claims in people.items():
        subject = person(issuer, name="Ada", **claims)
        assert come_in(client_for(None), subject).status_code == 303
        member = member_of(subject)
        assert member is not None
        found = session().get(Organisation, member.organisation_id) if member.organisation_id else None
        assert (found.name if found else None) == expected


def test_whoever_has_a_second_factor_is_asked_for_it(provider: Provider, issuer: str, client_for: ClientFor) -> None:
    member = with_password()
    key, _codes = set_up(client_for(member))
    subject = person(issuer, name="Ada", email=str(member.email), email_verified=True)
    with transaction() as current:
        current.add(Identity(member_id=member.id, issuer=provider.issuer, subject=subject))
    client = client_for(make_member())
    assert come_in(client, subject, next="/boards").location == "/sign-in/second?next=/boards"
    assert not is_signed_in(client)
    assert second_step(client, code_for(key, later=30)).location == "/boards"
    assert is_signed_in(client)


def test_a_passkey_is_taken_in_its_place(provider: Provider, issuer: str, client_for: ClientFor) -> None:
    member, device = with_password(), Authenticator()
    own = client_for(member)
    set_up(own)
    add(own, device)
    subject = person(issuer, name="Ada", email=str(member.email), email_verified=True)
    with transaction() as current:
        current.add(Identity(member_id=member.id, issuer=provider.issuer, subject=subject))
    client = client_for(None)
    assert 'data-passkey="get"' in client.get(come_in(client, subject).location).text
    enter(client, device)
    assert is_signed_in(client)


@pytest.mark.parametrize("groups", [[], ["company"]])
def test_a_closed_account_stays_closed_whatever_the_provider_says(
    app: Flask, issuer: str, client_for: ClientFor, groups: list[str]
) -> None:
    subject, member = staff_by_group(issuer, client_for)
    with transaction():
        session().execute(update(Member).where(Member.id == member.id).values(active=False))
    claims: dict[str, Any] = {"name": "Sta", "email": "sta@work.example", "email_verified": True, "groups": groups}
    requests.put(f"{issuer}/users/{subject}", json=claims, timeout=10).raise_for_status()
    client = client_for(None)
    answer = come_in(client, subject)
    assert answer.status_code == 403
    assert "This account is closed" in answer.text
    assert not is_signed_in(client)
    # Also under another name at the same provider.
    assert come_in(client_for(None), person(issuer, **claims)).status_code == 403
