"""Finding customers, and opening accounts for those who have none."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.customers import OFFERED, confirm_entered, enter_customer, find_customers, get_customer
from ideas.accounts.models import AuditEntry, Member, MemberKind
from ideas.accounts.recount import wrong_totals
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid
from tests.factories import actor_of, make_admin, make_member, make_staff
from tests.factories.organisations import make_organisation, move
from tests.factories.segments import make_ruled_segment


def open_for(name: str = "Elodie Weiss", email: str = "elodie@weiss.example") -> Member:
    staff = actor_of(make_staff("Rita Rung"))
    with transaction():
        return enter_customer(staff, name=name, email=email)


def deactivate(member: Member) -> None:
    with transaction():
        member.active = False
        session().add(member)


@pytest.mark.parametrize("typed", ["elod", "ELOD", "weis", "@elodie", "elodie@weiss.ex"])
def test_a_customer_is_found_by_name_handle_and_address(app: Flask, typed: str) -> None:
    customer = open_for()
    make_member("Weiland Other")
    move(customer, make_organisation("Weiss Boats"))
    (found,) = [one for one in find_customers(typed) if one.name == "Elodie Weiss"]
    assert (found.handle, found.email, found.organisation) == (customer.handle, customer.email, "Weiss Boats")


def test_staff_closed_accounts_and_too_little_are_not_found(app: Flask) -> None:
    deactivate(make_member("Elodie Closed"))
    make_staff("Elodie Staff")
    make_admin("Elodie Admin")
    partner = make_member("Elodie Partner", kind=MemberKind.PARTNER)
    assert [one.handle for one in find_customers("elod")] == [partner.handle]
    assert find_customers("e") == find_customers("") == find_customers("%") == find_customers("__") == []


def test_not_more_than_a_handful_is_offered(app: Flask) -> None:
    for number in range(OFFERED + 2):
        make_member(f"Elodie Number{number}")
    assert len(find_customers("elodie")) == OFFERED


def test_an_account_that_staff_open_has_no_key_and_says_so_until_its_owner_comes(app: Flask) -> None:
    customer = open_for(name=" Elodie  Weiss ", email=" Elodie@Weiss.example ")
    assert (customer.name, customer.email, customer.kind) == (
        "Elodie Weiss",
        "elodie@weiss.example",
        MemberKind.CUSTOMER,
    )
    assert (customer.password, customer.confirmed_at, customer.is_admin) == (None, None, False)
    assert [one.is_entered for one in find_customers("elodie")] == [True]
    with transaction():
        confirm_entered(customer.id)
    assert [one.is_entered for one in find_customers("elodie")] == [False]


def test_a_known_address_is_the_one_who_has_it(app: Flask) -> None:
    known = make_member()
    assert known.email is not None
    assert open_for(email=known.email.upper()).id == known.id
    entries = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "customer.entered")
    assert (known.entered_by_id, session().scalar(entries)) == (None, 0)


def test_opening_an_account_is_on_record(app: Flask) -> None:
    customer = open_for()
    (entry,) = session().scalars(select(AuditEntry).where(AuditEntry.act == "customer.entered")).all()
    assert (entry.member_id, entry.actor_id, entry.after) == (customer.id, customer.entered_by_id, {})


@pytest.mark.parametrize(
    ("name", "email", "fields"),
    [
        ("", "nobody", {"new_name", "new_email"}),
        ("Elodie", "a b@c.example", {"new_email"}),
        ("E", "elodie@weiss.example", {"new_name"}),
        ("Rita Rung", "elodie@weiss.example", {"new_name"}),
        ("Elodie", "elodie@weiss.example\nBcc: x@y.example", {"new_email"}),
    ],
)
def test_what_is_no_name_or_address_is_refused(app: Flask, name: str, email: str, fields: set[str]) -> None:
    before = session().scalar(select(func.count()).select_from(Member))
    with pytest.raises(Invalid) as refused:
        open_for(name, email)
    assert set(refused.value.errors) == fields
    assert session().scalar(select(func.count()).select_from(Member)) == (before or 0) + 1


def test_the_address_of_somebody_who_works_here_or_has_gone_is_refused(app: Flask) -> None:
    gone = make_member()
    deactivate(gone)
    for somebody in (gone, make_staff(), make_admin()):
        with pytest.raises(Invalid) as refused:
            open_for(email=str(somebody.email))
        assert set(refused.value.errors) == {"new_email"}


def test_a_customer_is_named_by_their_handle(app: Flask) -> None:
    customer = make_member()
    assert get_customer(f" @{customer.handle.upper()} ").id == customer.id
    for wrong in ("", "@", "nobody-here", make_staff().handle):
        with pytest.raises(Invalid):
            get_customer(wrong)


def test_somebody_entered_belongs_to_the_segments_that_fit(app: Flask) -> None:
    segment = make_ruled_segment(("member.email_domain", "is", "weiss.example"))
    open_for()
    session().refresh(segment)
    assert segment.member_count == 1
    assert wrong_totals() == []
