"""Who may open an account: the rule holds on each way in, and an invitation to a board opens all of them."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas.accounts.claims import admit_claims
from ideas.accounts.models import Member, Provider
from ideas.boards import invitations
from ideas.boards.models import Audience, Registration, Site
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden
from ideas.core.policy import VISITOR
from ideas.web.signing_in.arriving import refuses_new
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_board, make_member, reload
from tests.factories.apps import make_new_app, make_provider, sign
from tests.web.sign_up import mails, opening_link

PASSWORD = "a long quiet sentence"
INSIDE, OUTSIDE = "ada@work.example", "eve@elsewhere.example"
R = Registration

Way = Callable[[ClientFor, str], None]


def by_form(client_for: ClientFor, email: str) -> None:
    client = client_for(None)
    if client.post("/register", data={"email": email}).status_code == 200:
        client.post(opening_link(email), data={"name": "Ada Lovelace", "password": PASSWORD})


def by_code(client_for: ClientFor, email: str) -> None:
    client_for(None).post("/sign-in/code/send", data={"identity": email})
    client_for(None).post("/sign-in/link", data={"identity": email})


def by_provider(client_for: ClientFor, email: str) -> None:
    provider = make_provider()
    with transaction():
        session().execute(update(Provider).where(Provider.id == provider.id).values(is_active=True))
    told = {"sub": "7", "name": "Ada Lovelace", "email": email, "email_verified": True}
    row = reload(provider)
    try:
        with transaction():
            admit_claims(VISITOR, row, told, refuses_new=refuses_new)
    except Forbidden:
        return


def by_token(client_for: ClientFor, email: str) -> None:
    new = make_new_app()
    text = sign(new, email=email, email_verified=True)
    client_for(None).post(f"/sso/{new.app.slug}", data={"token": text})


def set_rule(rule: Registration) -> None:
    with transaction():
        session().execute(update(Site).values(registration=rule, domains="work.example"))


def comes_in(client_for: ClientFor, way: Way, email: str) -> bool:
    way(client_for, email)
    session().rollback()
    mails()
    session().rollback()
    return session().scalar(select(func.count()).select_from(Member).where(Member.email == email)) == 1


def invite(email: str) -> str:
    boss = make_admin()
    board = make_board(audience=Audience.SEGMENT, owner=boss)
    with transaction():
        return invitations.invite(actor_of(boss), board, addresses=email)[email]


@pytest.mark.parametrize(
    ("way", "open_for"),
    [
        (by_form, {(R.OPEN, INSIDE), (R.OPEN, OUTSIDE), (R.DOMAINS, INSIDE)}),
        (by_code, set()),
        (
            by_provider,
            {(R.OPEN, INSIDE), (R.OPEN, OUTSIDE), (R.DOMAINS, INSIDE), (R.INVITED, INSIDE), (R.INVITED, OUTSIDE)},
        ),
        (
            by_token,
            {(R.OPEN, INSIDE), (R.OPEN, OUTSIDE), (R.DOMAINS, INSIDE), (R.INVITED, INSIDE), (R.INVITED, OUTSIDE)},
        ),
    ],
    ids=["form", "code", "provider", "token"],
)
@pytest.mark.parametrize("email", [INSIDE, OUTSIDE])
@pytest.mark.parametrize("rule", list(Registration))
def test_the_rule_holds_on_each_way_in(
    app: Flask, client_for: ClientFor, rule: Registration, email: str, way: Way, open_for: set[tuple[R, str]]
) -> None:
    set_rule(rule)
    assert comes_in(client_for, way, email) is ((rule, email) in open_for)


@pytest.mark.parametrize("way", [by_provider, by_token])
@pytest.mark.parametrize("rule", [Registration.DOMAINS, Registration.CLOSED])
def test_who_is_invited_to_a_board_is_let_in_by_their_proven_address(
    app: Flask, client_for: ClientFor, rule: Registration, way: Way
) -> None:
    set_rule(rule)
    invite(OUTSIDE)
    assert comes_in(client_for, way, OUTSIDE)


def test_the_form_believes_no_address_that_is_not_proven(app: Flask, client_for: ClientFor) -> None:
    set_rule(Registration.CLOSED)
    invite(OUTSIDE)
    answer = client_for(None).post("/register", data={"email": OUTSIDE})
    other = client_for(None).post("/register", data={"email": INSIDE})
    assert (answer.status_code, other.status_code) == (422, 422)
    assert mails() == []


def test_a_link_from_before_the_place_was_closed_opens_nothing_but_for_guests(
    app: Flask, client_for: ClientFor
) -> None:
    client = client_for(None)
    client.post("/register", data={"email": OUTSIDE})
    link, fields = opening_link(OUTSIDE), {"name": "Eve Example", "password": PASSWORD}
    set_rule(Registration.CLOSED)
    assert [client.get(link).status_code, client.post(link, data=fields).status_code] == [403, 403]
    assert "No new accounts" in client.get(link).text
    invite(OUTSIDE)
    assert client.post(link, data=fields).status_code == 303


def test_members_come_in_whatever_the_rule(app: Flask, client_for: ClientFor) -> None:
    member = make_member()
    for rule in Registration:
        set_rule(rule)
        client_for(None).post("/sign-in/link", data={"identity": str(member.email)})
    assert len([mail for mail in mails() if mail.payload["to"] == member.email]) == len(Registration)
