"""The page of an idea with all that people made of it costs no more queries than one with one of each."""

import pytest
from flask import Flask
from sqlalchemy import select

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.ideation.models import Idea
from ideas.transfer.verifying import verify
from tests.conftest import ClientFor
from tests.factories import make_board, make_idea, make_member, make_problem, make_staff
from tests.load.heavy import HEAVY, LIGHT, Weight, make_heavy
from tests.queries import counted_queries

#: Of a page with something of everything; each part has a fixed number.
MOST = 24
#: Of a page with nothing but its text.
MOST_PLAIN = 13


@pytest.fixture
def people(app: Flask) -> list[Member]:
    """Author, co-author, manager, and those who do the rest."""
    return [make_member(f"Person {number}") for number in range(12)]


def weighed(people: list[Member], manager: Member, weight: Weight) -> Idea:
    """Return a problem of the first, with others' work of that weight on it."""
    problem = make_problem(make_board(owner=manager), author=people[0])
    with transaction():
        make_heavy(problem.id, [person.id for person in people[1:]], weight)
    return problem


def queries(app: Flask, client_for: ClientFor, reader: Member | None, idea: Idea) -> int:
    """Return how many queries the page takes, once what is kept of it is warm."""
    client = client_for(reader)
    client.get(f"/ideas/{idea.public_id}")
    with counted_queries(app) as statements:
        assert client.get(f"/ideas/{idea.public_id}").status_code == 200
    return len(statements)


def test_forty_versions_thirty_amendments_twelve_fixes_and_five_hundred_comments_take_as_many_queries_as_one(
    app: Flask, client_for: ClientFor, people: list[Member]
) -> None:
    manager = make_staff()
    light, heavy = weighed(people, manager, LIGHT), weighed(people, manager, HEAVY)
    for reader in (None, make_member(), people[0], people[1], manager):
        cost = queries(app, client_for, reader, light)
        assert queries(app, client_for, reader, heavy) == cost, reader
        assert cost <= MOST, reader


def test_a_page_with_nothing_but_its_text_asks_for_little_more_than_that(app: Flask, client_for: ClientFor) -> None:
    idea = make_idea()
    for reader in (None, make_member()):
        assert queries(app, client_for, reader, idea) <= MOST_PLAIN


def test_what_is_measured_stands_as_the_real_acts_would_leave_it(people: list[Member]) -> None:
    problem = weighed(people, make_staff(), HEAVY)
    counts = (Idea.revision_count, Idea.open_amendment_count, Idea.fix_count, Idea.comment_count, Idea.origin_count)
    row = session().execute(select(*counts).where(Idea.id == problem.id)).one()
    assert tuple(row) == (40, 30, 12, 500, 8)
    assert verify().totals == []


@pytest.mark.once
def test_the_heavy_page_names_every_way_and_stays_readable(client_for: ClientFor, people: list[Member]) -> None:
    page = client_for(None).get(f"/ideas/{weighed(people, make_staff(), HEAVY).public_id}").text
    for number, name in ((12, "Fixes"), (30, "Proposed changes"), (500, "Discussion"), (40, "Versions")):
        assert f"{name} <span>{number}</span>" in page
    assert page.count("<h1") == 1
    assert len(page) < 120_000
