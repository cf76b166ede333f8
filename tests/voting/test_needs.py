"""Telling what an idea is needed for, and reading it."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from ideas.boards.models import Audience
from ideas.core.clock import frozen
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.pages import encode_cursor
from ideas.core.policy import VISITOR
from ideas.ideation.models import CIRCUMSTANCE_MAX
from ideas.ideation.queries import get_idea
from ideas.voting.models import NEED_MAX, Strength
from ideas.voting.queries import find_support, list_needs
from ideas.voting.services import describe_support
from tests.factories import actor_of, make_board, make_idea, make_member, make_problem, make_staff, reload
from tests.factories.voting import make_support, quarantine

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_describing_without_a_support_casts_it(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    with transaction():
        describe_support(actor_of(member), idea, need="For the winter.", strength="critical")
    support = find_support(actor_of(member), idea.id)
    assert support is not None
    assert (support.need, support.strength) == ("For the winter.", Strength.CRITICAL)
    assert reload(idea).support_count == 2


def test_describing_again_replaces_what_was_told_by_this_person_only(app: Flask) -> None:
    idea, member, other = make_idea(), make_member(), make_member()
    make_support(idea, by=other, need="Another's words.", strength="nice")
    make_support(idea, by=member, need="Old words.", strength="nice")
    with transaction():
        describe_support(actor_of(member), idea, need="New words.")
    mine, theirs = find_support(actor_of(member), idea.id), find_support(actor_of(other), idea.id)
    assert mine is not None
    assert theirs is not None
    assert (mine.need, mine.strength, theirs.need) == ("New words.", None, "Another's words.")
    assert reload(idea).support_count == 3


def test_a_problem_keeps_the_circumstances(app: Flask) -> None:
    problem, member = make_problem(), make_member()
    make_support(problem, by=member, version=" 2.7.1 ", environment="Network\ncable")
    support = find_support(actor_of(member), problem.id)
    assert support is not None
    assert (support.version, support.environment) == ("2.7.1", "Network cable")


def test_circumstances_are_refused_on_an_idea(app: Flask) -> None:
    idea, actor = make_idea(), actor_of(make_member())
    with pytest.raises(Invalid) as refused, transaction():
        describe_support(actor, idea, version="2", environment="Home")
    assert set(refused.value.errors) == {"version", "environment"}


def test_all_refused_details_are_named_and_nothing_is_cast(app: Flask) -> None:
    problem, actor = make_problem(), actor_of(make_member())
    long, longer = "x" * (CIRCUMSTANCE_MAX + 1), "x" * (NEED_MAX + 1)
    with pytest.raises(Invalid) as refused, transaction():
        describe_support(actor, problem, strength="enormous", need=longer, version=long, environment=long)
    assert set(refused.value.errors) == {"strength", "need", "version", "environment"}
    assert reload(problem).support_count == 1


def test_white_space_and_direction_signs_alone_are_no_need(app: Flask) -> None:
    idea = make_idea()
    make_support(idea, need=" \u202e\n\t ")
    assert list_needs(VISITOR, idea).items == []


def test_needs_are_listed_newest_first_with_who_and_how_much(app: Flask) -> None:
    idea, noise = make_idea(), make_idea()
    writer = make_member("Ada Miller", organisation="Mill & Sons")
    make_support(noise, need="Elsewhere.")
    make_support(idea)
    with frozen(START):
        make_support(idea, need="First.")
    with frozen(START + timedelta(days=1)):
        make_support(idea, by=writer, need="Second.", strength="important")
    needs = list_needs(VISITOR, idea).items
    assert [need.text for need in needs] == ["Second.", "First."]
    assert (needs[0].person.name, needs[0].person.organisation) == ("Ada Miller", "Mill & Sons")
    assert (needs[0].strength, needs[1].strength) == (Strength.IMPORTANT, None)


def test_circumstances_alone_are_listed_too(app: Flask) -> None:
    problem = make_problem()
    make_support(problem, environment="On the ferry")
    assert [(need.text, need.environment) for need in list_needs(VISITOR, problem).items] == [("", "On the ferry")]


def test_needs_are_paged_without_gaps_also_where_many_came_at_once(app: Flask) -> None:
    idea = make_idea()
    with frozen(START):
        for number in range(5):
            make_support(idea, need=f"Need {number}.")
    seen, after = [], None
    for _ in range(3):
        page = list_needs(VISITOR, idea, after=after, size=2)
        seen += [need.text for need in page.items]
        after = page.next_cursor
    assert seen == [f"Need {number}." for number in reversed(range(5))]
    assert after is None


@pytest.mark.parametrize(
    "cursor", ["x", encode_cursor(("yesterday", 1)), encode_cursor(("2026-03-02T09:00:00", 1)), encode_cursor((1, 1))]
)
def test_a_cursor_of_somebody_elses_making_is_refused(app: Flask, cursor: str) -> None:
    with pytest.raises(Invalid):
        list_needs(VISITOR, make_idea(), after=cursor)


def test_a_quarantined_need_is_not_listed(app: Flask) -> None:
    idea, member = make_idea(), make_member()
    make_support(idea, by=member, need="Buy my boots.")
    quarantine(idea, of=member)
    assert list_needs(VISITOR, idea).items == []


def test_strangers_read_no_needs_of_a_staff_board(app: Flask) -> None:
    author = make_staff()
    idea = make_idea(make_board(audience=Audience.STAFF), author=author)
    with transaction():
        describe_support(actor_of(author), idea, need="Secret plans.")
    assert list_needs(actor_of(make_member()), idea).items == []


def test_a_need_told_by_the_author_joins_their_own_support(app: Flask) -> None:
    author = make_member()
    idea = make_idea(author=author)
    with transaction():
        describe_support(actor_of(author), get_idea(VISITOR, idea.public_id, lock=True), need="My own words.")
    assert [need.person.id for need in list_needs(VISITOR, idea).items] == [author.id]
    assert reload(idea).support_count == 1
