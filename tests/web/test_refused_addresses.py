"""What admins and owners see of addresses that a mail server refused, and how mails go there again."""

from collections.abc import Callable

import pytest
from flask import Flask

from ideas.accounts.models import AuditEntry, Member
from ideas.core.db import session, transaction
from ideas.core.mail_counts import Outcome, count_mail
from ideas.core.suppression import find_suppressed, suppress
from tests.factories import make_admin, make_member
from tests.web.client import Client

ClientFor = Callable[[Member | None], Client]
WHY = "550 5.1.1 <b>No such user</b>"
TITLE = "Mails to you came back"


@pytest.fixture
def owner(app: Flask) -> Member:
    """Somebody whose address was refused, beside somebody else and an address of nobody's."""
    member, other = make_member(), make_member()
    with transaction():
        suppress(str(member.email), reason=WHY)
        suppress("nobody@example.org", reason="550 Unknown")
        count_mail(Outcome.NO_SUCH_ADDRESS)
        count_mail(Outcome.EXPIRED)
        count_mail(Outcome.EXPIRED)
    assert other.email
    return member


def row_of(member: Member) -> str:
    found = find_suppressed(str(member.email))
    assert found is not None
    return str(found.id)


def test_admins_see_who_why_and_how_many_mails(owner: Member, client_for: ClientFor) -> None:
    page = client_for(make_admin()).get("/admin/mails").text
    assert str(owner.email) in page
    assert f"/people/{owner.handle}" in page
    assert "nobody@example.org" in page
    assert "&lt;b&gt;No such user" in page
    assert "<b>No such user" not in page
    dropped = page.split("would have come too late")[1]
    assert dropped.split('class="num">')[1].startswith("2<")


def test_an_admin_lets_an_address_be_tried_again_and_that_is_on_record(owner: Member, client_for: ClientFor) -> None:
    admin = make_admin()
    answer = client_for(admin).post("/admin/mails/again", data={"row": row_of(owner)})
    assert (answer.status_code, answer.location) == (303, "/admin/mails")
    session().rollback()
    assert find_suppressed(str(owner.email)) is None
    assert find_suppressed("nobody@example.org") is not None
    entry = session().query(AuditEntry).filter_by(act="address.tried_again").one()
    assert (entry.actor_id, entry.member_id) == (admin.id, owner.id)
    assert str(owner.email) not in str(entry.before) + str(entry.after)
    assert "Refused address tried again" in client_for(admin).get("/admin/record").text


@pytest.mark.parametrize("row", ["", "0", "x", "²", "9" * 30, "999999"])
def test_what_is_not_on_the_list_changes_nothing(owner: Member, client_for: ClientFor, row: str) -> None:
    client = client_for(make_admin())
    assert client.post("/admin/mails/again", data={"row": row}).location == "/admin/mails"
    assert "not on the list any more" in client.get("/admin/mails").text
    session().rollback()
    assert find_suppressed(str(owner.email)) is not None
    assert session().query(AuditEntry).filter_by(act="address.tried_again").count() == 0


def test_members_learn_nothing_of_others(owner: Member, client_for: ClientFor) -> None:
    stranger = client_for(make_member())
    assert stranger.get("/admin/mails").status_code == 403
    assert stranger.post("/admin/mails/again", data={"row": row_of(owner)}).status_code == 403
    assert TITLE not in stranger.get("/me/settings").text
    assert stranger.post("/me/settings/mail-again").status_code == 303
    session().rollback()
    assert find_suppressed(str(owner.email)) is not None


def test_the_owner_reads_that_mails_came_back_and_lets_them_be_tried_again(
    owner: Member, client_for: ClientFor
) -> None:
    client = client_for(owner)
    page = client.get("/me/settings").text
    assert TITLE in page
    assert "&lt;b&gt;No such user" in page
    assert client.get("/me/settings/mail-again").status_code == 405
    answer = client.post("/me/settings/mail-again")
    assert (answer.status_code, answer.location) == (303, "/me/settings")
    session().rollback()
    assert find_suppressed(str(owner.email)) is None
    assert TITLE not in client.get("/me/settings").text


def test_leaving_forgets_that_the_address_was_refused(owner: Member, client_for: ClientFor) -> None:
    address, admin = str(owner.email), make_admin()
    form = {"confirmation": owner.handle, "content": "leave"}
    answer = client_for(admin).post(f"/admin/members/{owner.handle}/erase", data=form)
    assert answer.status_code == 303, answer.text
    session().rollback()
    assert find_suppressed(address) is None
