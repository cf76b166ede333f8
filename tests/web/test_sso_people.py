"""Whom a token of the company's app lets in: one account for one person, and never somebody else's."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from ideas.accounts import identities
from ideas.accounts.events import MemberChanged
from ideas.accounts.models import AuditEntry, Member, Organisation, Passkey, SegmentMember, SpentToken
from ideas.accounts.services import create_member
from ideas.accounts.tokens import NewApp
from ideas.boards.models import Site
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_member, reload
from tests.factories.apps import sign
from tests.factories.segments import make_ruled_segment
from tests.web.client import Client
from tests.web.test_security import is_signed_in
from tests.web.test_sso import enter, identities_of, members, new, newest

__all__ = ["new"]


def test_twenty_tokens_of_one_new_person_at_once_make_one_account(app: Flask, new: NewApp) -> None:
    before = members()
    tokens = [sign(new, organisation={"id": "c1", "name": "Mill"}) for _ in range(20)]
    # Asked for here: the threads have sessions of their own.
    address = f"/sso/{new.app.slug}"
    session().rollback()
    start, answers = threading.Barrier(20), []

    def act(text: str) -> None:
        client = app.test_client()
        assert isinstance(client, Client)
        start.wait(30)
        with app.app_context():
            answers.append(client.post(address, data={"token": text}).status_code)

    threads = [threading.Thread(target=act, args=(text,)) for text in tokens]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert answers == [303] * 20
    assert members() == before + 1
    assert len(session().scalars(select(Organisation)).all()) == 1


def test_a_plan_that_is_not_named_stays_and_segments_follow_one_that_is(new: NewApp, client_for: ClientFor) -> None:
    segment = make_ruled_segment(("organisation.plan", "is", "large"))
    told = {"id": "c1", "name": "Mill"}
    belonging = select(SegmentMember.member_id).where(SegmentMember.segment_id == segment.id)
    for changed, expected in (({"plan": "large"}, 1), ({}, 1), ({"plan": "small"}, 0), ({}, 0)):
        assert enter(client_for(None), new, sign(new, organisation={**told, **changed})) == 303
        session().rollback()
        assert len(session().scalars(belonging).all()) == expected


def test_coming_again_with_nothing_new_changes_no_member_and_asks_no_segment(
    new: NewApp, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"id": "c1", "name": "Mill"}
    assert enter(client_for(None), new, sign(new, organisation=told)) == 303
    seen: list[object] = []
    monkeypatch.setattr(identities, "publish", seen.append)
    assert enter(client_for(None), new, sign(new, organisation=told)) == 303
    assert seen == []
    assert enter(client_for(None), new, sign(new, organisation={"id": "c2", "name": "Yard"})) == 303
    assert [type(one) for one in seen] == [MemberChanged]


def test_a_proven_address_is_taken_over_for_somebody_who_had_none(new: NewApp, client_for: ClientFor) -> None:
    assert enter(client_for(None), new, sign(new)) == 303
    assert newest().email is None
    assert enter(client_for(None), new, sign(new, email="ada@example.org", email_verified=True)) == 303
    member = newest()
    assert member.email == "ada@example.org"
    assert member.confirmed_at is not None
    assert enter(client_for(None), new, sign(new, email="other@example.org", email_verified=True)) == 303
    assert reload(member).email == "ada@example.org"


def test_a_word_about_an_address_opens_no_account_with_a_passkey_or_a_second_factor(
    new: NewApp, client_for: ClientFor
) -> None:
    with_passkey, with_app = make_member(), make_member()
    with transaction():
        session().add(Passkey(user_id=with_passkey.id, credential_id=b"c", public_key=b"k", name="Key"))
        session().execute(update(Member).where(Member.id == with_app.id).values(tf_primary_method="authenticator"))
    for number, owner in enumerate((with_passkey, with_app)):
        text = sign(new, sub=f"s{number}", email=owner.email, email_verified=True)
        assert enter(client_for(None), new, text) == 403
        assert identities_of(owner) == []


def test_whoever_waited_in_an_account_with_an_address_not_theirs_is_signed_out_by_its_owner(
    new: NewApp, client_for: ClientFor
) -> None:
    taken = make_member()
    waiting = client_for(taken)
    assert is_signed_in(waiting)
    assert enter(client_for(None), new, sign(new, email=taken.email, email_verified=True)) == 303
    assert identities_of(taken) == ["customer-7"]
    assert not is_signed_in(waiting)


@pytest.mark.parametrize("letter", ["\u212a", "\u017f", "\uff4b"])
def test_letters_that_become_others_lead_into_nobodys_account(new: NewApp, client_for: ClientFor, letter: str) -> None:
    with transaction():
        owner = create_member(name="Kai Smith", email="ks@example.org")
    told = {"\u212a": f"{letter}s@example.org", "\u017f": f"k{letter}@example.org"}.get(
        letter, f"{letter}s@example.org"
    )
    text = sign(new, email=told, email_verified=True)
    assert enter(client_for(None), new, text) == 303
    assert identities_of(owner) == []
    assert newest().email is None


@pytest.mark.parametrize(
    "told", ["no address", "a@b@example.org", "a\n@example.org", "@example.org", "x" * 250 + "@example.org"]
)
def test_what_is_no_address_is_not_kept(new: NewApp, client_for: ClientFor, told: str) -> None:
    assert enter(client_for(None), new, sign(new, email=told, email_verified=True)) == 303
    assert newest().email is None


def test_an_organisation_that_changes_is_recorded(new: NewApp, client_for: ClientFor) -> None:
    for name in ("Mill", "Mill", "Yard"):
        assert enter(client_for(None), new, sign(new, organisation={"id": name, "name": name})) == 303
    moves = select(AuditEntry).where(AuditEntry.act == "organisation.member_moved").order_by(AuditEntry.id)
    session().rollback()
    found = [(one.before["organisation"], one.after["organisation"]) for one in session().scalars(moves)]
    mill, yard = session().scalars(select(Organisation.id).order_by(Organisation.id)).all()
    assert found == [(None, mill), (mill, yard)]


@pytest.mark.parametrize("rule", ["closed", "domains"])
def test_nobody_new_is_brought_where_the_place_takes_none(new: NewApp, client_for: ClientFor, rule: str) -> None:
    with transaction():
        session().execute(update(Site).values(registration=rule, domains="work.example"))
    client, text = client_for(None), sign(new, email="ada@other.example", email_verified=True)
    assert client.get(f"/sso/{new.app.slug}", query_string={"token": text}).status_code == 403
    assert enter(client, new, text) == 403
    assert session().scalar(select(func.count()).select_from(SpentToken)) == 0
