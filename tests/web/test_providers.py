"""What admins do with providers: add, change, try, switch off and remove them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.models import AuditEntry, Member, MemberKind, Provider
from ideas.boards.models import BoardRole, Role
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_admin, make_board, reload
from tests.web.test_security import is_signed_in
from tests.web.test_sign_in_with import (
    come_in,
    consent,
    issuer,
    leave_group,
    make_provider,
    member_of,
    person,
    provider,
    staff_by_group,
)

__all__ = ["issuer", "provider"]


def form_for(issuer: str, **changed: str) -> dict[str, str]:
    """Return what an admin types about a provider."""
    good = {"name": "Work", "issuer": issuer, "client_id": "ideas", "secret": "very secret", "is_active": "y"}
    return {**good, **changed}


def test_an_admin_adds_and_changes_a_provider(app: Flask, issuer: str, client_for: ClientFor) -> None:
    boss = client_for(make_admin())
    assert boss.post("/admin/providers/new", data=form_for(issuer)).location == "/admin/providers/work/edit"
    stored = session().scalars(select(Provider)).one()
    assert "very secret" not in stored.sealed_secret
    page = boss.get("/admin/providers/work/edit")
    assert "http://localhost/sign-in/with/work/back" in page.text
    assert "very secret" not in page.text
    sealed = stored.sealed_secret
    changed = {"name": "Office", "client_id": "ideas", "domains": "work.example"}
    assert boss.post("/admin/providers/work/edit", data=changed).status_code == 303
    stored = reload(stored)
    assert (stored.name, stored.domains, stored.is_active, stored.sealed_secret) == (
        "Office",
        "work.example",
        False,
        sealed,
    )
    assert "switched off" in boss.get("/admin/providers").text


@pytest.mark.parametrize(
    "wrong", ["", "nonsense", "http://127.0.0.1:9", "http://192.168.0.1", "ftp://work.example", "https://[", "{}/"]
)
def test_an_issuer_that_does_not_answer_as_a_provider_is_refused(
    app: Flask, issuer: str, client_for: ClientFor, wrong: str
) -> None:
    boss = client_for(make_admin())
    answer = boss.post("/admin/providers/new", data=form_for(wrong.format(issuer), name="Kept name"))
    assert answer.status_code == 422
    assert "Kept name" in answer.text
    assert session().scalars(select(Provider)).all() == []


def test_a_provider_switched_off_signs_out_whom_it_signed_in_and_nobody_else(
    provider: Provider, issuer: str, client_for: ClientFor
) -> None:
    subject = person(issuer, name="Ada", email="ada2@work.example", email_verified=True)
    by_provider = client_for(None)
    assert come_in(by_provider, subject).status_code == 303
    member = member_of(subject)
    assert member is not None
    otherwise = client_for(member)
    assert is_signed_in(by_provider)
    assert is_signed_in(otherwise)
    boss = client_for(make_admin())
    form = {"name": "Work", "client_id": "ideas", "groups_claim": "groups", "creates_members": "y"}
    assert boss.post("/admin/providers/work/edit", data=form).status_code == 303
    assert not is_signed_in(by_provider)
    assert is_signed_in(otherwise)


def test_a_removed_provider_takes_its_names_of_people_and_its_groups_along(
    app: Flask, issuer: str, client_for: ClientFor
) -> None:
    subject, member = staff_by_group(issuer, client_for)
    boss = client_for(make_admin())
    assert boss.post("/admin/providers/work/remove").status_code == 409
    with transaction():
        session().execute(update(Provider).values(is_active=False))
    assert boss.post("/admin/providers/work/remove").location == "/admin/providers"
    assert member_of(subject) is None
    assert reload(member).kind is MemberKind.CUSTOMER
    assert session().scalars(select(Provider)).all() == []
    acts = session().scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts[-2:] == ["standing.changed", "provider.removed"]


def test_an_admin_tries_a_provider_without_being_signed_in_by_it(
    app: Flask, issuer: str, client_for: ClientFor
) -> None:
    made = make_provider(issuer, staff_groups="company", is_active=False)
    assert not made.is_active
    subject = person(issuer, name="Ada Lovelace", email="ada@work.example", email_verified=True, groups=["company"])
    boss = client_for(make_admin())
    answer = boss.post("/admin/providers/work/try")
    assert answer.status_code == 200
    address = answer.headers["Refresh"].removeprefix("0; url=")
    page = boss.get(consent(address, subject))
    assert page.status_code == 200
    for words in ("It works.", "A new account would be made", "One of your groups makes you staff", "ada@work.example"):
        assert words in page.text
    assert member_of(subject) is None
    assert boss.get("/admin/providers").status_code == 200


def test_groups_give_roles_on_boards_and_take_them_back_and_a_removed_provider_does_too(
    app: Flask, issuer: str, client_for: ClientFor
) -> None:
    board, boss = make_board(), client_for(make_admin())
    roles = f"company = {board.slug} product_manager\ncompany = {board.slug} moderator"
    subject, member = staff_by_group(issuer, client_for, board_roles=roles)
    held = select(BoardRole.role).where(BoardRole.member_id == member.id).order_by(BoardRole.role)
    assert session().scalars(held).all() == [Role.MODERATOR, Role.PRODUCT_MANAGER]
    address = boss.post("/admin/providers/work/try").headers["Refresh"].removeprefix("0; url=")
    assert f"On {board.name} your groups would make you: Product manager." in boss.get(consent(address, subject)).text
    leave_group(issuer, subject)
    assert come_in(client_for(None), subject).status_code == 303
    assert session().scalars(held).all() == []
    again = person(issuer, name="Again", groups=["company"])
    assert come_in(client_for(None), again).status_code == 303
    with transaction():
        session().execute(update(Provider).values(is_active=False))
    assert boss.post("/admin/providers/work/remove").status_code == 303
    assert session().scalars(select(BoardRole).where(BoardRole.via != "")).all() == []


def test_a_trial_says_why_somebody_would_not_be_let_in(app: Flask, issuer: str, client_for: ClientFor) -> None:
    make_provider(issuer, groups="customers")
    subject = person(issuer, name="Ada", groups=["others"])
    boss = client_for(make_admin())
    address = boss.post("/admin/providers/work/try").headers["Refresh"].removeprefix("0; url=")
    page = boss.get(consent(address, subject))
    assert "you would not be let in" in page.text
    assert "None of your groups is let in here" in page.text


def test_a_trial_says_what_went_wrong(provider: Provider, client_for: ClientFor) -> None:
    boss = client_for(make_admin())
    address = boss.post("/admin/providers/work/try").headers["Refresh"].removeprefix("0; url=")
    state = parse_qs(urlsplit(address).query)["state"][0]
    page = boss.get(f"/sign-in/with/work/back?error=access_denied&state={state}")
    assert "It does not work yet." in page.text
    assert "The provider refused." in page.text


def test_nobody_but_an_admin_comes_back_from_a_trial(provider: Provider, issuer: str, client_for: ClientFor) -> None:
    boss = make_admin()
    client = client_for(boss)
    address = client.post("/admin/providers/work/try").headers["Refresh"].removeprefix("0; url=")
    back = consent(address, person(issuer, name="Ada"))
    with transaction():
        session().execute(update(Member).where(Member.id == boss.id).values(is_admin=False))
    assert client.get(back).status_code == 403


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("domains", "not a domain"),
        ("board_roles", "company = nowhere moderator"),
        ("board_roles", "company = admin"),
        ("organisations", "mill.example Mill"),
        ("organisations", "mill example = Mill"),
        ("organisations", f"mill.example = {'x' * 200}"),
    ],
)
def test_rules_that_mean_nothing_are_refused(provider: Provider, client_for: ClientFor, field: str, typed: str) -> None:
    form = {"name": "Work", "client_id": "ideas", field: typed}
    answer = client_for(make_admin()).post("/admin/providers/work/edit", data=form)
    assert answer.status_code == 422
    assert "Nothing was saved" in answer.text or "error" in answer.text
