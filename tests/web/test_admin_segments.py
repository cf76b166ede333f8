"""The admin pages for segments, without JavaScript."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member, Segment
from ideas.accounts.segments import list_in_segment
from ideas.core.db import session
from tests.conftest import ClientFor
from tests.factories import actor_of, make_admin, make_member, make_staff, reload
from tests.factories.segments import make_ruled_segment

FORM = {
    "name": "Big customers",
    "description": "Whom we call.",
    "combination": "any",
    "attribute_0": "organisation.name",
    "comparison_0": "contains",
    "value_0": "mill",
    "attribute_1": "",
    "comparison_1": "is",
    "value_1": "",
    "action": "save",
}


@pytest.fixture
def boss(app: Flask) -> Member:
    return make_admin("Bo Boss")


def test_a_segment_is_added_once_and_chooses_at_once(boss: Member, client_for: ClientFor) -> None:
    member = make_member("Ada Lovelace", organisation="Old Mill")
    client = client_for(boss)
    answer = client.post("/admin/segments/new", data={**FORM, "nonce": "n1"})
    assert client.post("/admin/segments/new", data={**FORM, "nonce": "n1"}).location == answer.location
    page = client.get(answer.location).text
    assert all(part in page for part in ("Ada Lovelace", "by the rules", "1 member", 'value="mill"'))
    segment = session().scalars(select(Segment)).one()
    assert [one.id for one in list_in_segment(actor_of(boss), segment).items] == [member.id]
    assert "Big customers" in client.get("/admin/segments").text


def test_a_row_more_is_drawn_with_what_was_typed_and_nothing_is_saved(boss: Member, client_for: ClientFor) -> None:
    fresh = client_for(boss).get("/admin/segments/new").text
    answer = client_for(boss).post("/admin/segments/new", data={**FORM, "attribute_2": "", "action": "add"})
    assert (answer.status_code, fresh.count("<legend"), answer.text.count("<legend")) == (200, 4, 5)
    assert 'value="mill"' in answer.text
    assert session().scalar(select(Segment.id)) is None


def test_the_preview_says_how_many_fit_and_saves_nothing(boss: Member, client_for: ClientFor) -> None:
    make_member(organisation="Old Mill")
    make_member(organisation="New Mill")
    make_member(organisation="Bakery")
    answer = client_for(boss).post("/admin/segments/new", data={**FORM, "action": "preview"})
    assert "2 members fit these rules." in answer.text
    assert session().scalar(select(Segment.id)) is None
    wrong = client_for(boss).post("/admin/segments/new", data={**FORM, "value_0": "", "action": "preview"})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"combination": "none"},
        {"attribute_0": "member.password"},
        {"comparison_0": "like"},
        {"action": "explode"},
        {"attribute_20": "member.kind"},
        {"slug": "mine"},
    ],
)
def test_refused_input_changes_nothing(boss: Member, client_for: ClientFor, wrong: dict[str, str]) -> None:
    segment = make_ruled_segment()
    for address in ("/admin/segments/new", f"/admin/segments/{segment.slug}/edit"):
        answer = client_for(boss).post(address, data={**FORM, **wrong})
        assert answer.status_code == 422
    assert session().scalars(select(Segment.name)).all() == [segment.name]


def test_members_are_put_in_by_hand_and_taken_out(boss: Member, client_for: ClientFor) -> None:
    client, member, segment = client_for(boss), make_member("Ada Lovelace"), make_ruled_segment()
    address = f"/admin/segments/{segment.slug}"
    assert client.post(f"{address}/members", data={"handle": member.handle}).location == f"{address}/edit"
    assert "by hand" in client.get(f"{address}/edit").text
    assert client.post(f"{address}/members", data={"handle": "nobody-here"}).status_code == 422
    assert reload(segment).member_count == 1
    client.post(f"{address}/members/remove", data={"handle": member.handle})
    assert reload(segment).member_count == 0


def test_nobody_else_reads_or_changes_segments(app: Flask, client_for: ClientFor) -> None:
    segment, member = make_ruled_segment(), make_member()
    address = f"/admin/segments/{segment.slug}"
    for who in (member, make_staff()):
        client = client_for(who)
        pages = [client.get(path).status_code for path in ("/admin/segments", "/admin/segments/new", f"{address}/edit")]
        assert pages == [403] * 3
        assert client.post(f"{address}/edit", data=FORM).status_code == 403
        assert client.post(f"{address}/members", data={"handle": member.handle}).status_code == 403
    assert client_for(None).get(f"{address}/edit").status_code == 303
    boss = client_for(make_admin())
    assert boss.post(f"{address}/edit", data=FORM, sends_token=False).status_code == 403
    assert reload(segment).member_count == 0
