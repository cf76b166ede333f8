"""Being staff by a group: given with it, taken back with it, and never more than that."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from ideas.accounts.claims import NotOfThem, admit_claims, turn_away
from ideas.accounts.models import AuditEntry, Identity, Member, MemberKind, Provider, SegmentMember, SignInSession
from ideas.accounts.services import change_standing
from ideas.boards.models import BoardRole, Role
from ideas.boards.services import grant_role
from ideas.core import mail
from ideas.core.db import session, transaction
from ideas.core.outbox import OutboxRow
from ideas.core.policy import VISITOR
from tests.factories import actor_of, make_admin, make_board, make_member, make_staff, reload
from tests.factories.apps import make_provider
from tests.factories.segments import make_ruled_segment


@pytest.fixture
def provider(app: Flask) -> Provider:
    return with_rules(staff_groups="company")


def with_rules(**rules: Any) -> Provider:
    """Return a provider with these rules."""
    made = make_provider()
    with transaction():
        session().execute(update(Provider).where(Provider.id == made.id).values(is_active=True, **rules))
    return reload(made)


def come(provider: Provider, *groups: str, sub: str = "ada", **claims: Any) -> Member:
    """Come in with these groups."""
    return admit(provider, {"sub": sub, "name": "Ada Lovelace", "groups": list(groups), **claims})


def admit(provider: Provider, told: dict[str, Any]) -> Member:
    """Come in with these claims."""
    row = reload(provider)
    with transaction():
        member = admit_claims(VISITOR, row, told, refuses_new=lambda _email: None)
    return reload(member)


def entries(act: str) -> list[AuditEntry]:
    session().rollback()
    return list(session().scalars(select(AuditEntry).where(AuditEntry.act == act).order_by(AuditEntry.id)))


def mails() -> list[str]:
    session().rollback()
    rows = session().scalars(select(OutboxRow).where(OutboxRow.job == mail.JOB).order_by(OutboxRow.id))
    return [f"{row.payload['to']}: {row.payload['subject']} {row.payload['text']}" for row in rows]


def test_a_group_makes_staff_and_its_end_a_customer_again(provider: Provider) -> None:
    assert come(provider, "company").kind is MemberKind.STAFF
    assert come(provider, "company").kind is MemberKind.STAFF
    assert come(provider).kind is MemberKind.CUSTOMER
    assert come(provider).kind is MemberKind.CUSTOMER
    assert come(provider, "company").kind is MemberKind.STAFF
    changes = [(one.before["kind"], one.after["kind"]) for one in entries("standing.changed")]
    assert changes == [("customer", "staff"), ("staff", "customer"), ("customer", "staff")]


def test_a_partner_is_a_partner_again(provider: Provider) -> None:
    member = come(provider)
    with transaction():
        session().execute(update(Member).where(Member.id == member.id).values(kind=MemberKind.PARTNER))
    assert come(provider, "company").kind is MemberKind.STAFF
    assert come(provider).kind is MemberKind.PARTNER


def test_what_an_admin_gave_stays_without_a_group(provider: Provider) -> None:
    member = come(provider)
    boss = actor_of(make_admin())
    with transaction():
        change_standing(boss, member, kind=MemberKind.STAFF, is_admin=False, is_active=True)
    assert come(provider).kind is MemberKind.STAFF
    assert come(provider, "company").kind is MemberKind.STAFF
    assert come(provider).kind is MemberKind.STAFF


def test_what_an_admin_took_meanwhile_is_not_given_back(provider: Provider) -> None:
    member = come(provider, "company")
    boss = actor_of(make_admin())
    with transaction():
        change_standing(boss, member, kind=MemberKind.PARTNER, is_admin=False, is_active=True)
    assert come(provider).kind is MemberKind.PARTNER


def test_of_two_providers_the_last_one_takes_it_back(provider: Provider) -> None:
    other = with_rules(staff_groups="company")
    member = come(provider, "company", email="ada@example.org", email_verified=True)
    with transaction():
        session().add(Identity(member_id=member.id, issuer=other.issuer, subject="ada"))
    assert come(other, "company").id == member.id
    assert come(provider).kind is MemberKind.STAFF
    assert come(other).kind is MemberKind.CUSTOMER


def test_roles_for_staff_end_with_it_and_sessions_change_their_token(provider: Provider) -> None:
    member = come(provider, "company")
    boss = actor_of(make_admin())
    board = make_board()
    with transaction():
        grant_role(boss, board=board, member_id=member.id, role=Role.PRODUCT_MANAGER)
        grant_role(boss, board=board, member_id=member.id, role=Role.MODERATOR)
        session().execute(update(SignInSession).values(must_rotate=False))
    come(provider)
    kept = session().scalars(select(BoardRole.role).where(BoardRole.member_id == member.id)).all()
    assert kept == [Role.MODERATOR]


def test_segments_follow(provider: Provider) -> None:
    segment = make_ruled_segment(("member.kind", "is", "staff"))
    member = come(provider, "company")
    belonging = select(SegmentMember.member_id).where(SegmentMember.segment_id == segment.id)
    assert member.id in session().scalars(belonging).all()
    come(provider)
    assert member.id not in session().scalars(belonging).all()


@pytest.mark.parametrize("part", ["owner", "deputy"])
def test_whoever_keeps_a_board_comes_in_and_stays_staff_and_admins_are_told_once_a_day(
    provider: Provider, part: str
) -> None:
    boss = make_admin()
    member = come(provider, "company")
    board = make_board(owner=member if part == "owner" else make_staff())
    if part == "deputy":
        with transaction():
            board.deputy_id = member.id
    assert come(provider).kind is MemberKind.STAFF
    assert come(provider).kind is MemberKind.STAFF
    kept = entries("standing.kept")
    assert [(one.member_id, one.after["why"]) for one in kept] == [(member.id, "boards")] * 2
    told = [one for one in mails() if one.startswith(f"{boss.email}: Still staff without a group: Ada Lovelace")]
    assert len(told) == 1
    assert f"/admin/members/{member.handle}/edit" in told[0]
    with transaction():
        board.owner_id, board.deputy_id = make_staff_id(), None
    assert come(provider).kind is MemberKind.CUSTOMER


def make_staff_id() -> int:
    """Return the id of somebody of the staff, in the transaction under way."""
    found = session().scalar(select(Member.id).where(Member.is_admin.is_(True)).limit(1))
    assert found is not None
    return found


def test_whoever_runs_the_place_stays_staff_and_the_others_are_told(provider: Provider) -> None:
    boss = make_admin()
    member = come(provider, "company", email="ada@example.org", email_verified=True)
    with transaction():
        session().execute(update(Member).where(Member.id == member.id).values(is_admin=True))
    assert come(provider).is_staff
    assert entries("standing.kept")[0].after["why"] == "admin"
    assert any(one.startswith(f"{boss.email}: Still staff") for one in mails())


def test_no_group_and_no_claim_makes_an_admin(app: Flask) -> None:
    provider = with_rules(staff_groups="admin\nadmins\nroot")
    member = come(provider, "admin", "admins", "root", is_admin=True, admin=True, roles=["admin"], kind="admin")
    assert member.is_staff
    assert not member.is_admin


def test_whom_the_rules_turn_away_is_a_customer_at_once(app: Flask) -> None:
    provider = with_rules(groups="customers", staff_groups="company")
    member = come(provider, "company")
    noise = come(provider, "company", sub="bo")
    told = {"sub": "ada", "groups": ["others"]}
    with pytest.raises(NotOfThem):
        admit(provider, told)
    session().rollback()
    with transaction():
        turn_away(provider, told)
    assert reload(member).kind is MemberKind.CUSTOMER
    assert reload(noise).kind is MemberKind.STAFF


def test_turning_a_stranger_away_changes_nothing(provider: Provider) -> None:
    make_member()
    with transaction():
        turn_away(provider, {"sub": "nobody"})
    assert entries("standing.changed") == []


@pytest.mark.parametrize("groups", ["company", None, {"company": 1}, ["Company"], [" company"], [["company"]], [7]])
def test_only_a_list_with_exactly_the_name_counts(provider: Provider, groups: object) -> None:
    assert admit(provider, {"sub": "ada", "groups": groups}).kind is MemberKind.CUSTOMER


def test_groups_may_stand_in_another_claim(app: Flask) -> None:
    provider = with_rules(staff_groups="company", groups_claim="roles")
    assert come(provider, "company").kind is MemberKind.CUSTOMER
    assert come(provider, roles=["company"]).kind is MemberKind.STAFF
