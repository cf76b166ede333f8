"""The admin pages for members, the words of the site, and the mail written to files."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from ideas.accounts.models import Member, MemberKind
from ideas.boards.queries import load_frame
from ideas.core.db import session, transaction
from ideas.core.mail import queue_mail
from ideas.core.settings import Environment
from tests.conftest import ClientFor
from tests.factories import make_admin, make_board, make_member, make_staff, reload

SITE = {"name": "Millrace", "tagline": "Bread on time.", "footer": "Since 1911.", "hue": "rust", "registration": "open"}


@pytest.fixture
def boss(app: Flask) -> Member:
    return make_admin("Bo Boss")


@pytest.fixture
def mail_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for the mail of the test."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], mail_url=f"file://{tmp_path}"))
    return tmp_path


def test_members_are_looked_up(boss: Member, client_for: ClientFor) -> None:
    make_member("Ada Lovelace")
    make_member("Grace Hopper")
    page = client_for(boss).get("/admin/members?q=love").text
    assert ("Ada Lovelace" in page, "Grace Hopper" in page, 'value="love"' in page) == (True, False, True)
    assert "Nobody found" in client_for(boss).get("/admin/members?q=nobody").text
    assert client_for(boss).get("/admin/members?after=nonsense").status_code == 422
    assert client_for(boss).get("/admin/members?q=" + "%00" * 500).status_code == 200


def test_looking_up_keeps_the_words_over_pages(boss: Member, client_for: ClientFor) -> None:
    for _ in range(27):
        make_member("Many Members")
    page = client_for(boss).get("/admin/members?q=many").text
    assert "/admin/members?q=many&amp;after=" in page


def test_a_member_becomes_staff(boss: Member, client_for: ClientFor) -> None:
    member = make_member()
    address = f"/admin/members/{member.handle}/edit"
    assert 'value="customer" checked' in client_for(boss).get(address).text
    answer = client_for(boss).post(address, data={"kind": "staff", "is_active": "y"})
    assert (answer.status_code, answer.location) == (303, "/admin/members")
    assert (reload(member).kind, member.is_admin, member.active) == (MemberKind.STAFF, False, True)


def test_only_admins_change_members(boss: Member, client_for: ClientFor) -> None:
    member = make_member()
    address = f"/admin/members/{member.handle}/edit"
    data = {"kind": "staff", "is_admin": "y", "is_active": "y"}
    for stranger in (member, make_staff()):
        assert client_for(stranger).get(address).status_code == 403
        assert client_for(stranger).post(address, data=data).status_code == 403
    assert client_for(boss).post(address, data=data, sends_token=False).status_code == 403
    assert client_for(boss).post(address, data={**data, "email": "mine@example.org"}).status_code == 422
    assert client_for(None).get(address).status_code == 303
    assert (reload(member).kind, member.is_admin) == (MemberKind.CUSTOMER, False)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"kind": "staff", "is_active": "y"}, "is_admin"),
        ({"kind": "staff", "is_admin": "y"}, "is_active"),
        ({"kind": "friend", "is_admin": "y", "is_active": "y"}, "kind"),
    ],
)
def test_a_refused_change_says_why_and_keeps_what_was_ticked(
    boss: Member, client_for: ClientFor, data: dict[str, str], field: str
) -> None:
    answer = client_for(boss).post(f"/admin/members/{boss.handle}/edit", data=data)
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in answer.text
    for box in ("is_admin", "is_active"):
        assert (f'name="{box}" value="y" checked' in answer.text) == (box in data)
    assert (reload(boss).is_admin, boss.active) == (True, True)


def test_the_owner_of_a_board_is_named_as_the_reason(boss: Member, client_for: ClientFor) -> None:
    owner = make_staff()
    make_board("Harbour", owner=owner)
    answer = client_for(boss).post(f"/admin/members/{owner.handle}/edit", data={"kind": "customer", "is_active": "y"})
    assert answer.status_code == 422
    assert "They look after Harbour." in answer.text


def test_who_may_not_come_in_any_more_is_out_with_the_next_request(boss: Member, client_for: ClientFor) -> None:
    staff = make_admin()
    client = client_for(staff)
    assert client.get("/admin").status_code == 200
    client_for(boss).post(f"/admin/members/{staff.handle}/edit", data={"kind": "staff", "is_admin": "y"})
    assert client.get("/admin").status_code == 303


def test_an_admin_who_gives_it_up_is_not_left_before_a_closed_door(boss: Member, client_for: ClientFor) -> None:
    make_admin()
    answer = client_for(boss).post(f"/admin/members/{boss.handle}/edit", data={"kind": "staff", "is_active": "y"})
    assert answer.status_code == 303
    assert not answer.location.startswith("/admin")
    assert not reload(boss).is_admin


def test_the_words_of_the_site_are_changed_for_everybody(boss: Member, client_for: ClientFor) -> None:
    client = client_for(boss)
    assert client.post("/admin/site", data=SITE).status_code == 303
    session().rollback()
    frame = load_frame(None)
    assert {
        "name": frame.name,
        "tagline": frame.tagline,
        "footer": frame.footer,
        "hue": frame.hue,
    }.items() <= SITE.items()
    assert "Millrace" in client.get("/admin").text


@pytest.mark.parametrize(("wrong", "field"), [({"name": "x"}, "name"), ({"hue": "grey"}, "hue")])
def test_refused_words_are_kept(boss: Member, client_for: ClientFor, wrong: dict[str, str], field: str) -> None:
    answer = client_for(boss).post("/admin/site", data={**SITE, **wrong})
    assert answer.status_code == 422
    assert f'id="f-{field}-e"' in answer.text
    assert "Bread on time." in answer.text
    assert load_frame(None).name == "Testers"


def test_mail_written_to_files_is_listed_newest_first_and_shown(
    boss: Member, client_for: ClientFor, mail_folder: Path
) -> None:
    for day, subject in ((1, "Older"), (2, "Grüße <b>"), (3, "Newest")):
        source = f"Subject: {subject}\nTo: a@example.org\nContent-Type: text/plain; charset=utf-8\n\nCode 123456\n"
        (mail_folder / f"2026010{day}-1.eml").write_bytes(source.encode())
    client = client_for(boss)
    page = client.get("/admin/mail").text
    assert page.index("Newest") < page.index("Older")
    assert "&lt;b&gt;" in page
    assert "Code 123456" in client.get("/admin/mail/20260103-1.eml").text


def test_mail_sent_in_development_can_be_read(boss: Member, client_for: ClientFor, drain: object, app: Flask) -> None:
    with transaction():
        queue_mail(to="a@example.org", subject="A code for you", text="See http://localhost/x?a=1&b=2")
    assert callable(drain)
    drain()
    page = client_for(boss).get("/admin/mail").text
    assert "A code for you" in page
    address = page.split("/admin/mail/")[1].split('"')[0]
    assert 'href="http://localhost/x?a=1&amp;b=2"' in client_for(boss).get(f"/admin/mail/{address}").text


@pytest.mark.parametrize("name", ["absent.eml", "..%2Fideas.db", "%2Fetc%2Fpasswd", "notes.txt", "%00"])
def test_nothing_outside_of_the_mail_is_shown(
    boss: Member, client_for: ClientFor, mail_folder: Path, name: str
) -> None:
    (mail_folder / "notes.txt").write_text("secret")
    assert client_for(boss).get(f"/admin/mail/{name}").status_code == 404


def test_production_shows_no_mail(
    boss: Member, client_for: ClientFor, app: Flask, mail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mail_folder / "1.eml").write_bytes(b"Subject: Secret\n\nCode\n")
    production = replace(app.extensions["settings"], environment=Environment.PRODUCTION)
    monkeypatch.setitem(app.extensions, "settings", production)
    assert client_for(boss).get("/admin/mail").status_code == 404
    assert client_for(boss).get("/admin/mail/1.eml").status_code == 404
    assert "/admin/mail" not in client_for(boss).get("/admin").text


def test_where_a_server_sends_mail_the_page_says_so(
    boss: Member, client_for: ClientFor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(app.extensions["settings"], mail_url="smtp://mail.example.org")
    monkeypatch.setitem(app.extensions, "settings", settings)
    assert "Mail is sent by a server" in client_for(boss).get("/admin/mail").text
