"""Organisations: what is known of them, in which money, and who belongs to them."""

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import AuditEntry, Organisation
from ideas.accounts.money import from_minor, read_currency, read_number, to_minor
from ideas.accounts.organisations import (
    OrganisationDraft,
    change_organisation,
    draft_of,
    get_organisation,
    list_belonging,
    list_organisations,
    open_organisation,
    put_into_organisation,
)
from ideas.core.db import session, transaction
from ideas.core.errors import Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.policy import VISITOR, Actor
from ideas.core.text import Refused
from tests.factories import actor_of, make_admin, make_member, make_staff, reload
from tests.factories.organisations import make_organisation, move


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12000.50", "EUR", 1_200_050),
        ("12000", "JPY", 12_000),
        ("1.234", "KWD", 1_234),
        ("0", "USD", 0),
        (" 7.5 ", "eur", 750),
    ],
)
def test_amounts_are_kept_in_the_minor_units_of_their_currency(typed: str, currency: str, minor: int) -> None:
    code = read_currency(currency)
    assert to_minor(read_number(typed), code) == minor
    assert from_minor(minor, code) == Decimal(typed)


@pytest.mark.parametrize(("typed", "currency"), [("1.005", "EUR"), ("1.5", "JPY"), ("1.2345", "KWD")])
def test_more_digits_than_a_currency_has_are_refused(typed: str, currency: str) -> None:
    with pytest.raises(Refused):
        to_minor(read_number(typed), currency)


@pytest.mark.parametrize("typed", ["", "-1", "1,000", "1e5", "NaN", "٣", "9" * 13, ".5", "1."])
def test_what_is_no_plain_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        read_number(typed)


@pytest.mark.parametrize("typed", ["", "EU", "XXQ", "EURO", "€", "ＥＵＲ"])
def test_what_is_no_currency_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        read_currency(typed)


@pytest.fixture
def boss(app: Flask) -> Actor:
    return actor_of(make_admin())


def test_an_organisation_comes_back_as_it_was_typed(boss: Actor) -> None:
    draft = OrganisationDraft(
        name="Brick & Sons",
        plan="enterprise",
        annual_value="12000.50",
        currency="EUR",
        external_id="crm-7",
        attributes="region = north = east\nseats = 50",
    )
    with transaction():
        made = open_organisation(boss, draft)
    assert (made.annual_value, made.attributes) == (1_200_050, {"region": "north = east", "seats": "50"})
    assert draft_of(reload(made)) == draft


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "TAKEN customer"}, "name"),
        ({"annual_value": "much"}, "annual_value"),
        ({"annual_value": "12"}, "currency"),
        ({"annual_value": "12.345", "currency": "EUR"}, "annual_value"),
        ({"external_id": "k" * 129}, "external_id"),
        ({"external_id": "crm-1"}, "external_id"),
        ({"plan": "p" * 41}, "plan"),
        ({"attributes": "no sign"}, "attributes"),
        ({"attributes": "seats = 1\nSeats = 2"}, "attributes"),
        ({"attributes": "plan = gold"}, "attributes"),
        ({"attributes": "seats ="}, "attributes"),
        ({"attributes": "é = 1"}, "attributes"),
        ({"attributes": "\n".join(f"w{n} = 1" for n in range(31))}, "attributes"),
    ],
)
def test_bad_input_is_refused_beside_its_field(boss: Actor, wrong: dict[str, str], field: str) -> None:
    with transaction():
        open_organisation(boss, OrganisationDraft(name="Taken Customer", external_id="crm-1"))
    with pytest.raises(Invalid) as refused, transaction():
        open_organisation(boss, OrganisationDraft(**{"name": "New Customer", **wrong}))
    assert set(refused.value.errors) == {field}
    assert len(session().scalars(select(Organisation)).all()) == 1


def test_an_organisation_keeps_its_own_name_and_key_when_changed(boss: Actor) -> None:
    draft = OrganisationDraft(name="Brick & Sons", external_id="crm-7")
    with transaction():
        made = open_organisation(boss, draft)
    with transaction():
        change_organisation(boss, get_organisation(boss, str(made.id)), draft)
    assert draft_of(reload(made)) == draft


def test_members_are_moved_and_the_record_says_from_where(boss: Actor) -> None:
    member, noise = make_member(), make_member(organisation="Noise")
    first, second = make_organisation(), make_organisation()
    with transaction():
        assert put_into_organisation(boss, member, first)
    with transaction():
        assert not put_into_organisation(boss, member, first)
    move(member, second)
    assert [one.handle for one in list_belonging(boss, second).items] == [member.handle]
    assert list_belonging(boss, first).items == []
    move(member, None)
    assert (reload(member).organisation_id, reload(noise).organisation_id is None) == (None, False)
    moved = select(AuditEntry).where(AuditEntry.act == "organisation.member_moved").order_by(AuditEntry.id)
    moves = session().scalars(moved).all()
    found = [(one.before["organisation"], one.after["organisation"]) for one in moves if one.member_id == member.id]
    assert found == [(None, first.id), (first.id, second.id), (second.id, None)]


def test_only_admins_read_and_change_organisations(app: Flask) -> None:
    made, member = make_organisation(), make_member()
    for actor, error in ((VISITOR, SignInNeeded), (actor_of(make_staff()), Forbidden), (actor_of(member), Forbidden)):
        for act in (
            lambda: get_organisation(actor, str(made.id)),  # noqa: B023
            lambda: list_organisations(actor),  # noqa: B023
            lambda: list_belonging(actor, made),  # noqa: B023
            lambda: open_organisation(actor, OrganisationDraft(name="Mine")),  # noqa: B023
            lambda: change_organisation(actor, made, OrganisationDraft(name="Mine")),  # noqa: B023
            lambda: put_into_organisation(actor, member, made),  # noqa: B023
        ):
            with pytest.raises(error):
                act()


@pytest.mark.parametrize("number", ["", "0", "x", "-1", "1.5", "9" * 40, "²", str(2**31)])
def test_what_names_no_organisation_is_not_found(boss: Actor, number: str) -> None:
    with pytest.raises(NotFound):
        get_organisation(boss, number)


def test_the_list_is_paged_by_name_and_looked_through(boss: Actor) -> None:
    names = sorted(f"Customer {letter}" for letter in "ABCDE")
    for name in reversed(names):
        make_organisation(name)
    make_member(organisation="Customer C")
    first = list_organisations(boss, size=2)
    second = list_organisations(boss, size=2, after=first.next_cursor)
    third = list_organisations(boss, size=2, after=second.next_cursor)
    found = [*first.items, *second.items, *third.items]
    assert [(one.name, one.member_count) for one in found] == [(name, int(name == "Customer C")) for name in names]
    assert third.next_cursor is None
    assert [one.name for one in list_organisations(boss, holds="omer b").items] == ["Customer B"]
    assert list_organisations(boss, holds="%").items == []
