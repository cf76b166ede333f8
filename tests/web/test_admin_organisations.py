"""The admin pages for organisations."""

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.core.db import session
from tests.conftest import ClientFor
from tests.factories import make_admin, make_member, make_staff, reload
from tests.factories.organisations import make_organisation, move

FORM = {
    "name": "Brick & Sons",
    "plan": "enterprise",
    "annual_value": "12000.50",
    "currency": "eur",
    "external_id": "crm-7",
    "attributes": "seats = 50",
}


@pytest.fixture
def boss(app: Flask) -> Member:
    return make_admin("Bo Boss")


def test_an_organisation_is_added_once_and_read_again(boss: Member, client_for: ClientFor) -> None:
    client = client_for(boss)
    answer = client.post("/admin/organisations/new", data={**FORM, "nonce": "n1"})
    again = client.post("/admin/organisations/new", data={**FORM, "nonce": "n1"})
    assert (answer.status_code, again.location) == (303, answer.location)
    page = client.get(answer.location).text
    assert all(part in page for part in ("Brick &amp; Sons", 'value="12000.50"', 'value="EUR"', "seats = 50"))
    page = client.get("/admin/organisations?q=bric").text
    assert "€12,000.50" in page
    assert "None found" in client.get("/admin/organisations?q=nobody").text


def test_refused_input_stays_in_the_form(boss: Member, client_for: ClientFor) -> None:
    client = client_for(boss)
    for address in ("/admin/organisations/new", f"/admin/organisations/{make_organisation().id}/edit"):
        answer = client.post(address, data={**FORM, "annual_value": "12.345"})
        assert answer.status_code == 422
        assert 'value="12.345"' in answer.text
        assert 'id="f-annual_value-e"' in answer.text


def test_members_are_added_by_handle_and_taken_out(boss: Member, client_for: ClientFor) -> None:
    client, made, member = client_for(boss), make_organisation(), make_member("Ada Lovelace")
    address = f"/admin/organisations/{made.id}"
    answer = client.post(f"{address}/members", data={"handle": f"@{member.handle.upper()}"})
    assert (answer.status_code, answer.location) == (303, f"{address}/edit")
    assert "Ada Lovelace" in client.get(f"{address}/edit").text
    refused = client.post(f"{address}/members", data={"handle": "nobody-of-this-name"})
    assert (refused.status_code, 'value="nobody-of-this-name"' in refused.text) == (422, True)
    client.post(f"{address}/members/remove", data={"handle": member.handle})
    assert reload(member).organisation_id is None


def test_taking_out_leaves_members_of_other_organisations_where_they_are(boss: Member, client_for: ClientFor) -> None:
    made, other, member = make_organisation(), make_organisation(), make_member()
    move(member, other)
    client_for(boss).post(f"/admin/organisations/{made.id}/members/remove", data={"handle": member.handle})
    assert reload(member).organisation_id == other.id


def test_nobody_else_reads_or_changes_organisations(app: Flask, client_for: ClientFor) -> None:
    made, member = make_organisation("Secret Customer"), make_member()
    addresses = ["/admin/organisations", "/admin/organisations/new", f"/admin/organisations/{made.id}/edit"]
    for who in (member, make_staff()):
        for address in addresses:
            answer = client_for(who).get(address)
            assert (answer.status_code, "Secret Customer" in answer.text) == (403, False)
        sent = {"handle": member.handle}
        assert client_for(who).post(f"/admin/organisations/{made.id}/members", data=sent).status_code == 403
        assert client_for(who).post(addresses[2], data=FORM).status_code == 403
    assert [client_for(None).get(address).status_code for address in addresses] == [303] * 3
    session().expire_all()
    assert (reload(member).organisation_id, reload(made).name) == (None, "Secret Customer")


def test_a_form_without_its_token_changes_nothing(boss: Member, client_for: ClientFor) -> None:
    made = make_organisation("As It Was")
    address = f"/admin/organisations/{made.id}/edit"
    assert client_for(boss).post(address, data=FORM, sends_token=False).status_code == 403
    assert client_for(boss).post(address, data={**FORM, "source": "mine"}).status_code == 422
    assert reload(made).name == "As It Was"
