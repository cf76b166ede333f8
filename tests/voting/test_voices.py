"""Who stands behind an idea: people, organisations and value side by side, never summed across currencies."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member, Segment, SegmentMember
from ideas.boards.models import Board
from ideas.core import clock
from ideas.core.db import session, transaction
from ideas.core.errors import Invalid, NotFound
from ideas.ideation.models import Idea, Merge
from ideas.voting.merging import hold_voice_back
from ideas.voting.models import SupportSource
from ideas.voting.voices import (
    NAMED,
    Weight,
    can_see_voices,
    list_voices,
    supporter_id,
    wanted_by,
    weight_of,
    weights_of,
)
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member, make_staff, reload
from tests.factories.customers import enter
from tests.factories.merging import make_merge, unmake_merge
from tests.factories.organisations import make_organisation, move
from tests.factories.segments import make_ruled_segment
from tests.factories.voting import make_support, quarantine
from tests.queries import counted_queries


def people_of(idea: Idea, number: int, **known: str) -> str:
    """Let so many people of a new organisation support the idea; return the organisation's name."""
    organisation = make_organisation(**known)
    for _ in range(number):
        member = make_member()
        move(member, organisation)
        make_support(idea, by=member)
    return organisation.name


@pytest.fixture
def idea(app: Flask) -> Idea:
    """An idea of somebody without organisation, beside another one that a rich one supports."""
    people_of(make_idea(), 2, annual_value="999", currency="EUR")
    return make_idea()


def test_organisations_stand_with_their_people_and_value_most_people_first(idea: Idea) -> None:
    small = people_of(idea, 1, plan="crew", annual_value="100", currency="EUR")
    large = people_of(idea, 2, plan="fleet", annual_value="2000.50", currency="EUR")
    unknown = people_of(idea, 1)
    weight = weight_of(idea.id)
    assert [(one.name, one.people) for one in weight.accounts] == [(large, 2), *sorted([(small, 1), (unknown, 1)])]
    first = weight.accounts[0]
    assert (first.plan, first.annual_value, first.currency) == ("fleet", 200_050, "EUR")
    assert (weight.organisations, weight.people, weight.alone) == (3, 4, 1)


def test_each_currency_has_a_sum_of_its_own(idea: Idea) -> None:
    for value, currency in (("100", "EUR"), ("0.50", "EUR"), ("300", "JPY"), ("7", "GBP")):
        people_of(idea, 2, annual_value=value, currency=currency)
    expected = {"EUR": 10_050, "GBP": 700, "JPY": 300}
    assert weight_of(idea.id).values == expected
    assert weights_of([idea.id])[idea.id].values == expected
    assert weights_of([idea.id])[idea.id].organisations == 4


def test_those_who_are_not_named_are_in_the_sums(idea: Idea) -> None:
    for _ in range(NAMED + 2):
        people_of(idea, 1, annual_value="1", currency="EUR")
    weight = weight_of(idea.id)
    assert (len(weight.accounts), weight.organisations) == (NAMED, NAMED + 2)
    assert weight.values == {"EUR": (NAMED + 2) * 100}


def test_a_quarantined_voice_has_no_weight(idea: Idea) -> None:
    member = make_member()
    move(member, make_organisation(annual_value="5"))
    make_support(idea, by=member)
    quarantine(idea, of=member)
    assert weight_of(idea.id) == Weight(accounts=[], alone=1)
    assert weights_of([idea.id]) == {idea.id: Weight()}
    assert [voice.handle for voice in list_voices(idea).items] != [member.handle]


def test_every_id_that_is_asked_has_an_answer_in_one_query(app: Flask, idea: Idea) -> None:
    other = make_idea()
    people_of(other, 1, annual_value="3", currency="EUR")
    asked = [idea.id, other.id]
    with counted_queries(app) as statements:
        found = weights_of(asked)
    assert [found[idea_id].organisations for idea_id in asked] == [0, 1]
    assert len(statements) == 1
    assert weights_of([]) == {}


def test_voices_are_listed_newest_first_page_by_page_with_where_they_came_from(idea: Idea) -> None:
    manager, customer = make_admin("Rita Rung"), make_member("Elodie Weiss")
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        enter(idea, of=customer, by=manager, need="One hand only.")
    first = list_voices(idea, size=1)
    (voice,) = first.items
    assert (voice.name, voice.source, voice.entered_by) == ("Elodie Weiss", SupportSource.STAFF, "Rita Rung")
    assert (voice.via, voice.where, voice.need) == ("call", "call of 3 May", "One hand only.")
    (author,) = list_voices(idea, after=first.next_cursor).items
    assert (author.source, author.entered_by, author.via) == (SupportSource.SELF, None, None)
    with pytest.raises(Invalid):
        list_voices(idea, after="abc")


def test_only_a_supporter_is_found_by_their_handle(idea: Idea) -> None:
    supporter, stranger = make_member(), make_member()
    make_support(idea, by=supporter)
    assert supporter_id(idea, handle=supporter.handle.upper()) == supporter.id
    with pytest.raises(NotFound):
        supporter_id(idea, handle=stranger.handle)


def test_voices_are_for_staff_alone(app: Flask) -> None:
    board = make_board(moderator=make_member())
    moderator: Member = make_member()
    assert can_see_voices(actor_of(make_staff()), board.id)
    assert can_see_voices(actor_of(make_admin()), board.id)
    assert not can_see_voices(actor_of(moderator), board.id)
    make_board(moderator=moderator)
    assert not can_see_voices(actor_of(moderator), board.id)


def test_who_stands_behind_what_was_merged_stands_behind_the_target_each_person_once(idea: Idea) -> None:
    origin, both, declined = make_idea(session().get_one(Board, idea.board_id)), make_member(), make_member()
    firm = people_of(origin, 2, annual_value="100", currency="EUR")
    for member in (both, declined):
        make_support(origin, by=member)
    make_support(idea, by=both)
    merge = make_merge(origin, idea)
    with transaction():
        hold_voice_back(actor_of(declined), session().get_one(Merge, merge.id))
    weight = weight_of(idea.id)
    # Two of the firm; the two authors and who supports both.
    assert ([(one.name, one.people) for one in weight.accounts], weight.people, weight.alone) == ([(firm, 2)], 2, 3)
    assert weights_of([idea.id])[idea.id].values == {"EUR": 10_000}
    voices = list_voices(idea).items
    assert len(voices) == reload(idea).support_count == 5
    assert [voice.idea_id for voice in voices if voice.handle == both.handle] == [idea.id]
    assert sorted(voice.idea_id == idea.id for voice in voices) == [False, False, False, True, True]
    unmake_merge(merge)
    assert (weight_of(idea.id).people, len(list_voices(idea).items)) == (0, 2)


def test_what_a_segment_wants_is_found_where_it_was_merged_into(idea: Idea) -> None:
    origin, member, held_back = make_idea(session().get_one(Board, idea.board_id)), make_member(), make_member()
    segments = [make_ruled_segment(), make_ruled_segment()]
    for who, segment in zip((member, held_back), segments, strict=True):
        make_support(origin, by=who)
        with transaction() as current:
            current.add(SegmentMember(segment_id=segment.id, member_id=who.id))

    def wanted(segment: Segment) -> set[int]:
        return set(session().scalars(select(Idea.id).where(wanted_by(segment.id))))

    assert wanted(segments[0]) == wanted(segments[1]) == {origin.id}
    merge = make_merge(origin, idea)
    with transaction():
        hold_voice_back(actor_of(held_back), session().get_one(Merge, merge.id))
    assert (wanted(segments[0]), wanted(segments[1])) == ({origin.id, idea.id}, {origin.id})
    unmake_merge(merge)
    assert wanted(segments[0]) == {origin.id}
