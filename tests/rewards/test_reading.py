"""Statements, points and the list of people."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.boards.models import Audience, Board
from ideas.core.db import transaction
from ideas.core.errors import Invalid
from ideas.core.policy import VISITOR
from ideas.rewards.ledger import book
from ideas.rewards.models import ContributionKind
from ideas.rewards.queries import (
    contributions_of,
    count_credits,
    count_points,
    find_settled_credit,
    list_people,
    list_statement,
    points_of,
)
from tests.factories import actor_of, make_idea, make_member
from tests.factories.rewards import make_helped, make_settlement


def give(member_id: int, amount: int, key: str) -> None:
    with transaction():
        book(key=key, member_id=member_id, amount=amount, idea_id=None, actor_id=None)


def test_a_statement_lists_the_newest_entry_first_with_its_idea(app: Flask) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    give(helped.hit.id, 3, "gift:1")
    lines = list_statement(actor_of(helped.hit), helped.hit.id).items
    assert [(line.amount, line.kind, line.idea_title) for line in lines] == [
        (3, None, None),
        (5, ContributionKind.CONFIRMATION, helped.problem.title),
        (10, ContributionKind.CIRCUMSTANCES, helped.problem.title),
    ]


def test_a_statement_hides_ideas_that_are_not_for_the_reader(app: Flask) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    with transaction() as current:
        current.scalars(select(Board).where(Board.id == helped.board.id)).one().audience = Audience.STAFF
    (line,) = list_statement(VISITOR, helped.author.id).items
    assert (line.amount, line.idea_title, line.idea_public_id) == (50, None, None)
    (seen,) = list_statement(actor_of(helped.manager), helped.author.id).items
    assert seen.idea_title == helped.problem.title


def test_a_statement_is_read_page_by_page_without_gap_or_double(app: Flask) -> None:
    member, noise = make_member(), make_member()
    for number in range(5):
        give(member.id, number + 1, f"gift:{number}")
        give(noise.id, 1, f"noise:{number}")
    amounts, after = [], None
    while True:
        page = list_statement(VISITOR, member.id, after=after, size=2)
        amounts += [line.amount for line in page.items]
        after = page.next_cursor
        if after is None:
            break
    assert amounts == [5, 4, 3, 2, 1]


def test_a_member_without_an_account_has_an_empty_statement_and_no_points(app: Flask) -> None:
    member = make_member()
    assert list(list_statement(VISITOR, member.id).items) == []
    assert points_of([member.id]) == {member.id: 0}


def test_people_are_listed_by_points_and_pages_go_on(app: Flask) -> None:
    members = [make_member() for _ in range(5)]
    for number, (member, points) in enumerate(zip(members, [10, 30, 30, 20, 0], strict=True)):
        if points:
            give(member.id, points, f"gift:{number}")
    first = list_people(size=3)
    second = list_people(after=first.next_cursor, size=3)
    assert [one.person.id for one in first.items] == [members[1].id, members[2].id, members[3].id]
    assert [(one.person.id, one.points) for one in second.items] == [(members[0].id, 10)]
    assert second.next_cursor is None


def test_inactive_people_are_not_listed(app: Flask) -> None:
    member = make_member()
    give(member.id, 10, "gift")
    with transaction() as current:
        current.merge(member).active = False
    assert list(list_people().items) == []


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "WyJhIiwiYiJd"])
def test_a_cursor_that_is_not_ours_is_refused(app: Flask, cursor: str) -> None:
    with pytest.raises(Invalid):
        list_people(after=cursor)


def test_the_site_counts_credits_and_points(app: Flask) -> None:
    assert (count_credits(), count_points()) == (0, 0)
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    assert (count_credits(), count_points()) == (5, 115)


def test_an_unsettled_idea_has_no_credit(app: Flask) -> None:
    idea = make_idea()
    assert (find_settled_credit(idea.id), contributions_of(idea.id)) == (None, [])
