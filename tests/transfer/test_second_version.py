"""What version 2 of the format brought: organisations, segments, what staff entered; version 1 is still read."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from ideas.accounts.models import Member, Organisation, Segment, SegmentMember
from ideas.accounts.recount import wrong_totals
from ideas.core.db import session
from ideas.ideation.models import Channel, Idea
from ideas.transfer.loading import import_file
from ideas.transfer.reading import check
from ideas.voting.models import Support, SupportSource
from tests.factories.organisations import make_organisation
from tests.transfer.made import ANNA, BEN, BOARD, HEADER, IDEA, SMALL_FILE, at, line
from tests.transfer.places import FULL_FILE, exported, written

FIRST_HEADER = json.dumps(json.loads(HEADER) | {"version": 1})
ENTERED = {"by": "ben", "via": "call"}
SUPPORT = line("support", idea="i1", member="anna", at=at(4), entered=ENTERED)


@pytest.mark.usefixtures("empty_place")
def test_who_entered_what_where_it_was_heard_and_whose_it_is_now_arrive(tmp_path: Path) -> None:
    import_file(written(tmp_path, FULL_FILE))
    idea = session().scalars(select(Idea).where(Idea.external_id == "e1")).one()
    ben = session().scalars(select(Member.id).where(Member.external_id == "ben")).one()
    assert (idea.entered_by_id, idea.entered_via) == (ben, Channel.TICKET)
    assert idea.entered_from == "https://tickets.example/17"
    columns = (Support.source, Support.entered_by_id, Support.entered_via, Support.entered_from)
    rows = session().execute(select(*columns).where(Support.idea_id == idea.id).order_by(Support.created_at)).all()
    assert rows == [
        (SupportSource.STAFF, ben, Channel.TICKET, None),
        (SupportSource.SELF, None, Channel.EVENT, "fair"),
    ]
    others = set(session().scalars(select(Support.source).where(Support.idea_id != idea.id)))
    assert others == {SupportSource.IMPORT}


@pytest.mark.usefixtures("empty_place")
def test_organisations_arrive_with_what_is_known_and_segments_choose_by_it(tmp_path: Path) -> None:
    import_file(written(tmp_path, FULL_FILE))
    found = session().scalars(select(Organisation).where(Organisation.name == "Ömer & Co")).one()
    assert (found.plan, found.annual_value, found.currency) == ("gold", 1_250_050, "EUR")
    assert (found.source, found.external_id) == ("company", "O 17")
    assert found.attributes == {"region": "north", "seats": "12"}
    inside = (
        select(Member.external_id, SegmentMember.is_by_hand)
        .join(SegmentMember, SegmentMember.member_id == Member.id)
        .order_by(Member.external_id)
    )
    assert session().execute(inside).all() == [("anna", True), ("cleo", False)]
    assert session().scalars(select(Segment.member_count).order_by(Segment.slug)).all() == [2, 0]
    assert wrong_totals() == []


@pytest.mark.usefixtures("empty_place")
def test_a_file_of_the_first_version_is_read_and_written_again_as_the_second(tmp_path: Path) -> None:
    import_file(written(tmp_path, [FIRST_HEADER, *SMALL_FILE[1:]]))
    header, *records = exported(tmp_path).decode().splitlines()
    assert json.loads(header)["version"] == 2
    assert len(records) >= len(SMALL_FILE) - 1


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (line("organisation", name="Kettle Club"), None),
        (line("segment", slug="keen", name="Keen"), None),
        (SUPPORT, "entered"),
        (line("idea", external_id="e", board="b1", title="T", created_at=at(1), entered=ENTERED), "entered"),
    ],
)
def test_what_the_second_version_brought_is_refused_in_a_file_of_the_first(record: str, field: str | None) -> None:
    before = [BOARD, ANNA, BEN, IDEA]
    assert check([HEADER, *before, record]) == []
    assert [(error.line, error.field) for error in check([FIRST_HEADER, *before, record])] == [(6, field)]


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (line("support", idea="i1", member="anna", at=at(4), own=True), "own"),
        (line("support", idea="i1", member="anna", at=at(4), entered={"by": "nobody", "via": "call"}), "entered.by"),
        (line("support", idea="i1", member="anna", at=at(4), entered={"via": "rumour"}), "entered.via"),
        (line("segment", slug="keen", name="Keen", by_hand=[{"member": "nobody"}]), "by_hand[0].member"),
        (line("segment", slug="keen", name="Keen", rules=[{"attribute": "shoe", "value": "9"}]), "rules[0]"),
        (line("organisation", name="Kettle Club", currency="eur"), "currency"),
        (line("organisation", name="Kettle Club", annual_value=-1), "annual_value"),
        (line("organisation", name="Kettle Club", attributes=[{"name": "Big", "value": "1"}]), "attributes[0].name"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_field(record: str, field: str) -> None:
    assert [error.field for error in check([HEADER, BOARD, ANNA, BEN, IDEA, record])] == [field]


def test_an_organisation_stands_once_and_before_those_who_name_it() -> None:
    club = line("organisation", name="Kettle Club")
    cleo = line("member", external_id="cleo", name="Cleo", organisation="Kettle Club", created_at=at(0))
    assert check([HEADER, club, cleo]) == []
    assert [error.line for error in check([HEADER, cleo, club])] == [3]
    assert [error.line for error in check([HEADER, club, club])] == [3]


@pytest.mark.usefixtures("empty_place")
def test_what_is_here_already_stays_and_a_taken_key_is_left_out(tmp_path: Path) -> None:
    here = make_organisation("Kettle Club", plan="small")
    lines = [
        HEADER,
        line("organisation", name="Kettle Club", plan="gold"),
        line("organisation", name="Other Club", key="K1", key_from="company"),
        line("organisation", name="Third Club", key="K1", key_from="company"),
    ]
    account = import_file(written(tmp_path, lines))
    assert (account.new, account.known) == ({"organisation": 2}, {"organisation": 1})
    assert session().scalar(select(Organisation.plan).where(Organisation.id == here.id)) == "small"
    keyed = session().scalars(select(Organisation.name).where(Organisation.external_id == "K1")).all()
    assert keyed == ["Other Club"]
