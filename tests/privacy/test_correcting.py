"""Whatever is known of a person by name can be put right: by themselves where a page leads there, or by staff."""

from collections.abc import Mapping

import pytest

from ideas.privacy.marks import What
from ideas.privacy.registry import REGISTRY
from tests.conftest import ClientFor
from tests.factories import make_admin, make_member, reload
from tests.factories.organisations import make_organisation

pytestmark = pytest.mark.usefixtures("app")

#: Column of the member -> the page on which they correct it themselves.
OWN: Mapping[str, str] = {"name": "/me/settings", "bio": "/me/settings", "email": "/me/security/address"}
#: What staff correct, on the page of the member.
BY_STAFF = {"organisation_id"}
#: What nobody corrects, and why.
FIXED = {
    "public_id": "It is a number made by chance.",
    "handle": "It stands in what others wrote, where it leads to the person.",
    "source": "It says from where an import brought them.",
    "external_id": "It says under which number an import knows them.",
    "us_phone_number": "The library has it; nothing writes it.",
}


def test_every_column_that_says_who_somebody_is_can_be_corrected_or_has_a_reason() -> None:
    told = {name for name, mark in REGISTRY["member"].items() if mark.what in {What.IDENTITY, What.CONTACT}}
    assert told == set(OWN) | BY_STAFF | set(FIXED)


def test_the_page_of_ones_data_leads_to_where_it_is_corrected(client_for: ClientFor) -> None:
    client = client_for(make_member())
    page = client.get("/me/data").text
    for address in set(OWN.values()):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


def test_a_member_corrects_what_they_say_of_themselves(client_for: ClientFor) -> None:
    member = make_member()
    sent = {"name": "Corrected Name", "bio": "I repair boats."}
    client_for(member).post("/me/settings", data=sent)
    changed = reload(member)
    assert (changed.name, changed.bio) == ("Corrected Name", "I repair boats.")


def test_staff_correct_the_organisation_of_a_member(client_for: ClientFor) -> None:
    member, organisation = make_member(), make_organisation()
    client = client_for(make_admin())
    client.post(f"/admin/organisations/{organisation.id}/members", data={"handle": member.handle})
    assert reload(member).organisation_id == organisation.id
