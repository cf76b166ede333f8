"""Admins help whoever has lost what they sign in with, or whose session somebody else has."""

import pytest
from sqlalchemy import func, select, update

from ideas.accounts.models import AuditEntry, Member, Passkey
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_admin, make_member, make_staff, reload
from tests.web.authenticator import Authenticator
from tests.web.sign_up import mails
from tests.web.test_factors import make_stale, signed_in
from tests.web.test_passkeys import add, enter
from tests.web.test_second_factor import code_for, first_step, set_up
from tests.web.test_security import is_signed_in, with_password


def noted() -> list[tuple[str, int | None, int | None]]:
    session().rollback()
    entries = session().scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    return [(one.act, one.actor_id, one.member_id) for one in entries]


def test_an_admin_signs_somebody_out_everywhere(client_for: ClientFor) -> None:
    admin, member, other = make_admin(), with_password(), make_member()
    boss, bystander = client_for(admin), client_for(other)
    sessions = [signed_in(client_for, member) for _ in range(2)]
    answer = boss.post(f"/admin/members/{member.handle}/sign-out")
    assert answer.location == f"/admin/members/{member.handle}/edit"
    assert [one.get("/me").status_code for one in (*sessions, bystander, boss)] == [303, 303, 200, 200]
    assert noted() == [("sessions.ended", admin.id, member.id)]
    assert is_signed_in(signed_in(client_for, member))


def test_whoever_is_half_signed_in_begins_anew(client_for: ClientFor) -> None:
    member = with_password()
    key, _codes = set_up(signed_in(client_for, member))
    thief = client_for(None)
    first_step(thief, member)
    client_for(make_admin()).post(f"/admin/members/{member.handle}/sign-out")
    thief.post("/sign-in/second", data={"code": code_for(key, later=30)})
    assert not is_signed_in(thief)


def test_an_admin_removes_what_somebody_has_lost_and_they_are_told(client_for: ClientFor) -> None:
    admin, member, device = make_admin(), with_password(), Authenticator()
    client = signed_in(client_for, member)
    set_up(client)
    add(client, device)
    client_for(admin).post(f"/admin/members/{member.handle}/factors/remove")
    row = reload(member)
    assert (row.tf_primary_method, row.tf_totp_secret, row.mf_recovery_codes or []) == (None, None, [])
    assert session().scalar(select(func.count()).select_from(Passkey)) == 0
    assert client.get("/me").status_code == 303
    assert noted() == [("factors.dropped", admin.id, member.id)]
    letter = mails()[-1].payload
    assert (letter["to"], letter["subject"]) == (member.email, "Your second factor was removed")
    visitor = client_for(None)
    enter(visitor, device)
    assert not is_signed_in(visitor)
    first_step(visitor, member)
    assert is_signed_in(visitor)


def test_the_only_way_in_that_somebody_has_is_not_removed(client_for: ClientFor) -> None:
    member = make_member()
    add(client_for(member), Authenticator())
    with transaction() as current:
        current.execute(update(Member).where(Member.id == member.id).values(email=None))
    answer = client_for(make_admin()).post(f"/admin/members/{member.handle}/factors/remove")
    assert answer.status_code == 409
    assert session().scalar(select(func.count()).select_from(Passkey)) == 1


def test_an_admin_who_does_it_to_themselves_signs_in_anew(client_for: ClientFor) -> None:
    admin = make_admin()
    boss = client_for(admin)
    boss.post(f"/admin/members/{admin.handle}/sign-out")
    assert boss.get("/admin").location.startswith("/sign-in")


@pytest.mark.parametrize("act", ["sign-out", "factors/remove"])
def test_nobody_else_does_it_and_admins_show_again_who_they_are(client_for: ClientFor, act: str) -> None:
    member, boss = with_password(), client_for(make_admin())
    client = signed_in(client_for, member)
    address = f"/admin/members/{member.handle}/{act}"
    assert [client_for(one).post(address).status_code for one in (make_staff(), make_member())] == [403, 403]
    make_stale(boss)
    assert boss.post(address).location.startswith("/verify?")
    assert client.get("/me").status_code == 200
