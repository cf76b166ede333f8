"""The page of an idea: what it shows, to whom, and at what cost."""

import re

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.boards.models import Board
from ideas.cocreation.confirming import confirm
from ideas.cocreation.models import Verdict
from ideas.cocreation.services import choose_fix
from ideas.core.db import transaction
from ideas.ideation.keeping import retitle_idea, set_status, tag_idea
from ideas.ideation.models import Idea, StatusCause
from ideas.ideation.queries import get_idea_by_id, get_status
from ideas.voting.services import cast_support
from tests.conftest import ClientFor
from tests.factories import (
    actor_of,
    make_board,
    make_comment,
    make_fix,
    make_idea,
    make_member,
    make_problem,
    make_staff,
)
from tests.factories.cocreation import make_confirmation, make_hit
from tests.factories.responding import make_response
from tests.queries import counted_queries

MOST_QUERIES = 22


@pytest.fixture
def manager(app: Flask) -> Member:
    """The product manager."""
    return make_staff()


@pytest.fixture
def board(manager: Member) -> Board:
    """Their board."""
    return make_board(owner=manager)


def make_full_problem(board: Board, manager: Member, author: Member, *, size: int) -> Idea:
    """Return a delivered problem with everything a page can show, `size` of each."""
    problem, boss = make_problem(board, author=author), actor_of(manager)
    fixes = [make_fix(problem) for _ in range(size)]
    tops = [make_comment(problem) for _ in range(size)]
    for top in tops:
        make_comment(parent=top)
    with transaction():
        tag_idea(boss, get_idea_by_id(boss, problem.id), ["one", "two"])
        retitle_idea(boss, get_idea_by_id(boss, problem.id), title="A much clearer title", note="Clearer.")
        choose_fix(boss, get_idea_by_id(boss, fixes[0].id), note="It lasts.")
    hit = [actor_of(make_member()) for _ in range(size)]
    with transaction():
        for actor in hit:
            cast_support(actor, get_idea_by_id(actor, problem.id), version="1")
        set_status(boss, get_idea_by_id(boss, problem.id), get_status("delivered"), cause=StatusCause.RESPONSE)
    with transaction():
        for actor in hit:
            confirm(actor, get_idea_by_id(actor, problem.id, lock=True), verdict=Verdict.FIXED, note="It works again.")
    return problem


@pytest.mark.parametrize("size", [1, 8])
def test_it_takes_at_most_twenty_two_queries_whatever_stands_on_it(
    app: Flask, client_for: ClientFor, board: Board, manager: Member, size: int
) -> None:
    author = make_member()
    problem = make_full_problem(board, manager, author, size=size)
    for person in (None, make_member(), author, manager):
        client = client_for(person)
        with counted_queries(app) as statements:
            answer = client.get(f"/ideas/{problem.public_id}")
        assert answer.status_code == 200
        assert len(statements) <= MOST_QUERIES, (person, statements)


def test_it_shows_the_parts_of_a_delivered_problem(client_for: ClientFor, board: Board, manager: Member) -> None:
    problem = make_full_problem(board, manager, make_member(), size=2)
    page = client_for(None).get(f"/ideas/{problem.public_id}").text
    for words in ("A much clearer title", "It lasts.", "Fixed for me: 2 of 3", "#one".lstrip("#"), "Delivered"):
        assert words in page


def test_a_reopening_stands_between_the_answers_in_its_time(
    app: Flask, client_for: ClientFor, board: Board, manager: Member
) -> None:
    problem, hit, other = make_problem(board), make_member(), make_member()
    make_hit(problem, hit)
    make_hit(problem, other)
    for person, words in ((hit, "Still twice in one shop."), (other, "Still <b>once</b> in mine.")):
        make_response(problem, by=manager, status="delivered", body="It is repaired now, we think.")
        make_confirmation(problem, by=person, verdict=Verdict.NOT_FIXED, note=words)
    make_response(problem, by=manager, body="We are looking at it a third time.")
    client = client_for(manager)
    with counted_queries(app) as statements:
        page = client.get(f"/ideas/{problem.public_id}").text
    assert len(statements) <= MOST_QUERIES
    timeline = page[page.index('<ol class="timeline">') :]
    heads = re.findall(r"<h3>([^<]+)</h3><span class=\"meta\"><time", timeline)
    reopened = "Reopened: 1 person said it is not fixed for them"
    assert heads == [
        "Open, now Delivered",
        reopened,
        "In progress, now Delivered",
        reopened,
        "Answered, still In progress",
    ]
    assert "Still twice in one shop." in timeline
    assert "Still &lt;b&gt;once&lt;/b&gt; in mine." in timeline
    assert "3 from us" in page


def test_an_idea_asks_nothing_about_reopenings(app: Flask, client_for: ClientFor, board: Board) -> None:
    idea, client = make_idea(board), client_for(None)
    with counted_queries(app) as statements:
        client.get(f"/ideas/{idea.public_id}")
    assert [one for one in statements if "reopening" in one] == []


def test_tags_with_odd_names_are_shown_whole(app: Flask, client_for: ClientFor, board: Board, manager: Member) -> None:
    problem, boss = make_problem(board), actor_of(manager)
    with transaction():
        tag_idea(boss, get_idea_by_id(boss, problem.id), ["größer, aber leiser", "a|b;c", "日本語"])
    page = client_for(None).get(f"/ideas/{problem.public_id}").text
    for name in ("größer, aber leiser", "a|b;c", "日本語"):
        assert name in page


def test_a_missing_idea_is_not_found(app: Flask, client_for: ClientFor) -> None:
    assert client_for(None).get("/ideas/nothere").status_code == 404
