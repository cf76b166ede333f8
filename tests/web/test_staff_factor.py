"""Where the site wants a second factor of its staff, they do nothing before they have shown one."""

import pytest
from flask import Flask, url_for
from sqlalchemy import select, update

from ideas.accounts.models import AuditEntry, Member
from ideas.boards.models import Site
from ideas.core.db import session, transaction
from tests.conftest import ClientFor
from tests.factories import make_admin, make_board, make_member, make_staff
from tests.web.authenticator import Authenticator
from tests.web.client import HTMX, Client
from tests.web.test_factors import signed_in
from tests.web.test_passkeys import add, enter, question_of
from tests.web.test_second_factor import set_up
from tests.web.test_security import security_hash

NEEDED = "/me/security/app/needed"
#: What is open without: the ways to a second factor, and out.
OPEN = {"factors", "passkeys", "second_factor", "security", "sign_in_link", "sign_in_with", "sso"}
OPEN_PAGES = {"home.health", "preferences.theme"}
#: Whoever asks for these is nobody; the key of one's own feed is asked for the second factor by itself.
OF_NOBODY = {"feeds.board", "feeds.idea", "feeds.search", "feeds.site", "own_feed.show"}


def want_factor(*, is_wanted: bool = True) -> None:
    with transaction() as current:
        current.execute(update(Site).values(staff_need_second_factor=is_wanted))


def with_hash(member: Member) -> Member:
    with transaction() as current:
        current.execute(update(Member).where(Member.id == member.id).values(password=security_hash()))
    return member


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """Return endpoint, method and address of every route; the parts of addresses name nothing that is there."""
    with app.test_request_context():
        return [
            (rule.endpoint, method, url_for(rule.endpoint, **dict.fromkeys(rule.arguments, 1)))  # type: ignore[arg-type]
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        ]


def is_open(endpoint: str) -> bool:
    return endpoint.partition(".")[0] in OPEN or endpoint in OPEN_PAGES | OF_NOBODY


@pytest.mark.parametrize("make", [make_staff, make_admin])
def test_without_a_factor_every_route_leads_the_staff_to_one(app: Flask, client_for: ClientFor, make: type) -> None:
    want_factor()
    client = client_for(make())
    wrong = [
        (endpoint, method)
        for endpoint, method, address in addresses(app)
        if not is_open(endpoint) and client.open(address, method=method).headers.get("Location") != NEEDED
    ]
    assert wrong == []
    assert client.get(NEEDED).status_code == 200
    assert client.get("/me/security").status_code == 200


def test_nothing_of_the_staffs_is_among_what_stays_open(app: Flask, client_for: ClientFor) -> None:
    kept = {endpoint for endpoint, _method, _address in addresses(app) if is_open(endpoint)}
    assert {one.partition(".")[0] for one in kept} == OPEN | {"home", "preferences", "feeds", "own_feed"}
    assert not [one for one in kept if one.startswith(("admin.", "desk.", "moderation.", "responding."))]


def test_a_part_of_a_page_leads_there_too(client_for: ClientFor) -> None:
    want_factor()
    answer = client_for(make_staff()).get("/desk", headers=HTMX)
    assert answer.headers["HX-Redirect"] == NEEDED


def test_customers_go_on_as_before_also_where_they_moderate(client_for: ClientFor) -> None:
    want_factor()
    member = make_member()
    make_board(moderator=member)
    client = client_for(member)
    assert [client.get(path).status_code for path in ("/boards", "/moderation")] == [200, 200]


def test_with_codes_of_an_app_the_staff_goes_on(client_for: ClientFor) -> None:
    want_factor()
    client = signed_in(client_for, with_hash(make_admin()))
    set_up(client)
    assert client.get("/admin").status_code == 200


def test_with_a_passkey_the_staff_goes_on_where_it_was_shown(client_for: ClientFor) -> None:
    staff, device = with_hash(make_admin()), Authenticator()
    add(client_for(staff), device)
    want_factor()
    by_passkey, by_password = client_for(None), signed_in(client_for, staff)
    enter(by_passkey, device)
    assert by_passkey.get("/admin").status_code == 200
    assert by_password.get("/admin").location == NEEDED
    assert "Show your passkey" in by_password.get(NEEDED).text
    shown = device.show(question_of(by_password, "/verify/passkey"))
    by_password.post("/verify/passkey", data={"credential": shown})
    assert by_password.get("/admin").status_code == 200


def test_adding_a_passkey_is_showing_it(client_for: ClientFor) -> None:
    want_factor()
    client = client_for(make_admin())
    add(client, Authenticator())
    assert client.get("/admin").status_code == 200


def test_turning_the_factor_on_ends_the_sessions_begun_without_it(client_for: ClientFor) -> None:
    staff = with_hash(make_admin())
    here, there = signed_in(client_for, staff), signed_in(client_for, staff)
    set_up(here)
    assert [one.get("/admin").status_code for one in (here, there)] == [200, 303]
    assert there.get("/admin").location.startswith("/sign-in")


def switch(client: Client, *, is_needed: bool) -> int:
    return client.post("/admin/staff-sign-in", data={"is_needed": "y"} if is_needed else {}).status_code


def is_wanted() -> bool:
    session().rollback()
    return session().scalars(select(Site.staff_need_second_factor)).one()


def test_an_admin_with_a_factor_of_their_own_switches_it_on_and_off(client_for: ClientFor) -> None:
    client = signed_in(client_for, with_hash(make_admin()))
    set_up(client)
    assert (switch(client, is_needed=True), is_wanted()) == (303, True)
    assert (switch(client, is_needed=True), is_wanted()) == (303, True)
    assert (switch(client, is_needed=False), is_wanted()) == (303, False)
    entries = (
        session()
        .scalars(select(AuditEntry).where(AuditEntry.act == "staff_factor.changed").order_by(AuditEntry.id))
        .all()
    )
    assert [(one.before, one.after) for one in entries] == [
        ({"is_needed": False}, {"is_needed": True}),
        ({"is_needed": True}, {"is_needed": False}),
    ]


def test_an_admin_without_one_cannot_shut_themselves_out(client_for: ClientFor) -> None:
    client = client_for(make_admin())
    answer = client.post("/admin/staff-sign-in", data={"is_needed": "y"})
    assert (answer.status_code, is_wanted()) == (422, False)
    assert "of your own first" in answer.text
    assert 'href="/me/security"' in answer.text


def test_only_admins_switch_it(client_for: ClientFor) -> None:
    assert [switch(client_for(one), is_needed=False) for one in (make_staff(), make_member())] == [403, 403]


def test_the_page_says_how_many_of_the_staff_have_none(client_for: ClientFor) -> None:
    make_staff()
    make_member()
    client = signed_in(client_for, with_hash(make_admin()))
    assert "2 of 2 of the staff have none yet" in client.get("/admin/staff-sign-in").text
    set_up(client)
    assert "1 of 2 of the staff have none yet" in client.get("/admin/staff-sign-in").text
