"""Leaving on the page, and erasing somebody on the page of admins."""

import pytest

from ideas.core.db import transaction
from ideas.privacy.services import leave
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_idea, make_member, reload
from tests.web.test_factors import make_stale

pytestmark = pytest.mark.usefixtures("app")


def test_a_member_leaves_on_the_page_and_is_signed_out(client_for: ClientFor) -> None:
    make_admin()
    member = make_member()
    client = client_for(member)
    assert client.get("/me/data/leave").status_code == 200
    refused = client.post("/me/data/leave", data={"content": "remove", "confirmation": "wrong"})
    assert refused.status_code == 422
    left = client.post("/me/data/leave", data={"content": "remove", "confirmation": member.handle})
    assert left.status_code == 303
    assert reload(member).erased_at is not None
    assert client.get("/me/data").headers["Location"].startswith("/sign-in")


def test_leaving_asks_again_who_one_is(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(member)
    make_stale(client)
    asked = client.post("/me/data/leave", data={"content": "remove", "confirmation": member.handle})
    assert asked.status_code == 303
    assert reload(member).erased_at is None


def test_the_links_beside_what_somebody_left_lead_to_the_pseudonym_alone(client_for: ClientFor) -> None:
    member = make_member("Once Here")
    idea, former = make_idea(author=member), member.handle
    with transaction():
        leave(actor_of(member), keeps_content=True, confirmation=former)
    visitor, handle = client_for(None), reload(member).handle
    assert f'href="/people/{handle}"' in visitor.get(f"/ideas/{idea.public_id}").text
    page = visitor.get(f"/people/{handle}").text
    assert idea.title in page
    assert "Has left" in page
    assert "Here since" not in page
    assert visitor.get(f"/people/{former}").status_code == 404


def test_an_admin_erases_on_the_page(client_for: ClientFor) -> None:
    member = make_member()
    client = client_for(make_admin())
    address = f"/admin/members/{member.handle}/erase"
    assert member.handle in client.get(address).text
    client.post(address, data={"content": "leave", "confirmation": member.handle})
    assert reload(member).name == "Former member"
