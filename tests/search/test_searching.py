"""Finding ideas by their words, as somebody."""

from collections.abc import Callable

import pytest
from flask import Flask

from ideas.boards.models import Board
from ideas.core.db import transaction
from ideas.core.policy import VISITOR, Actor
from ideas.ideation.keeping import hide_idea, restore_idea, set_status, tag_idea
from ideas.ideation.models import Idea, Kind, StatusCause
from ideas.ideation.queries import get_idea, get_status
from ideas.ideation.services import edit_idea, withdraw_idea
from ideas.search.index import SearchIndex
from ideas.search.queries import Wanted, search
from tests.factories import actor_of, make_admin, make_board, make_fix, make_idea, make_member, make_problem

Drain = Callable[[], int]


@pytest.fixture
def board(app: Flask) -> Board:
    make_idea(title="Quiet propeller for canals and lakes")
    return make_board()


def titles(typed: str, actor: Actor = VISITOR, wanted: Wanted | None = None) -> list[str]:
    found = search(actor, typed, wanted=wanted)
    assert not found.is_degraded
    assert found.total == len(found.rows)
    return [row.title for row in found.rows]


def change(idea: Idea, does: Callable[[Actor, Idea], object], actor: Actor) -> None:
    with transaction():
        does(actor, get_idea(actor, idea.public_id, lock=True))


def test_all_words_must_occur_in_title_body_or_tags(board: Board, drain: Drain) -> None:
    idea = make_idea(board, title="Show tides on the chart", body="Without a **network**.", tags=["navigation"])
    make_idea(board, title="Show depth on the chart")
    drain()
    assert titles("tide networks navigating") == [idea.title]
    assert titles("tide depth") == []


def test_a_phrase_must_stand_together_and_a_minus_leaves_out(board: Board, drain: Drain) -> None:
    make_idea(board, title="Charge the battery at night")
    make_idea(board, title="Battery charge by the sun")
    drain()
    assert titles('"battery charge"') == ["Battery charge by the sun"]
    assert titles("battery -night") == ["Battery charge by the sun"]


def test_words_of_other_languages_are_found_without_their_accents(board: Board, drain: Drain) -> None:
    spanish = make_idea(board, title="Más carriles para bicicletas en la ciudad")
    german = make_idea(board, title="Größere Anzeige für die Gezeiten")
    drain()
    assert titles("CIUDAD mas") == [spanish.title]
    assert titles("grossere gezeiten") == [german.title]
    assert titles("größere") == [german.title]


def test_the_title_tells_more_than_the_body(board: Board, drain: Drain) -> None:
    make_idea(board, title="A thing of quite another kind", body="It has an anchor somewhere.")
    make_idea(board, title="Anchor alarm on the phone", body="It wakes the crew.")
    drain()
    assert titles("anchor")[0] == "Anchor alarm on the phone"


def test_results_can_be_narrowed_by_board_kind_and_status(board: Board, drain: Drain) -> None:
    admin = actor_of(make_admin())
    idea, problem = make_idea(board, title="Anchor alarm for all"), make_problem(board, title="Anchor chain is stuck")
    make_idea(title="Anchor elsewhere on the map")
    fix = make_fix(problem)
    planned = get_status("planned")
    change(idea, lambda actor, one: set_status(actor, one, planned, cause=StatusCause.RESPONSE), admin)
    drain()
    assert set(titles("anchor", wanted=Wanted(board_id=board.id))) == {idea.title, problem.title}
    assert titles("anchor", wanted=Wanted(kind=Kind.PROBLEM)) == [problem.title]
    assert titles("anchor", wanted=Wanted(status="planned")) == [idea.title]
    assert titles(fix.title, wanted=Wanted(kind=Kind.FIX)) == [fix.title]


def test_pages_follow_one_another_and_the_total_stays(board: Board, drain: Drain) -> None:
    for number in range(7):
        make_idea(board, title=f"Lantern of colour number {number}")
    drain()
    pages = [search(VISITOR, "lantern", offset=offset, size=3) for offset in (0, 3, 6)]
    assert [len(page.rows) for page in pages] == [3, 3, 1]
    assert {page.total for page in pages} == {7}
    assert len({row.id for page in pages for row in page.rows}) == 7


def test_an_edited_or_tagged_idea_is_found_by_its_new_words_only(board: Board, drain: Drain) -> None:
    author, admin = make_member(), actor_of(make_admin())
    idea = make_idea(board, author=author, title="Rudder made of bronze")
    drain()

    def edit(actor: Actor, one: Idea) -> object:
        return edit_idea(actor, one, title="Rudder made of oak", body="Wood.", note="", seen_revision=1)

    change(idea, edit, actor_of(author))
    change(idea, lambda actor, one: tag_idea(actor, one, ["carpentry"]), admin)
    drain()
    assert titles("bronze") == []
    assert titles("oak carpentry") == ["Rudder made of oak"]


def test_a_hidden_idea_is_gone_at_once_and_its_words_after_the_index_heard_of_it(
    board: Board, drain: Drain, place: SearchIndex
) -> None:
    admin = actor_of(make_admin())
    problem = make_problem(board, title="Zanzibar cable is broken")
    make_fix(problem)
    drain()
    before = place.ask(lambda searcher: searcher.doc_count())
    change(problem, lambda actor, one: hide_idea(actor, one, reason="Advertising"), admin)
    assert titles("zanzibar") == []
    drain()
    assert place.ask(lambda searcher: searcher.doc_count()) == before - 2
    assert titles("zanzibar", admin) == []
    change(problem, restore_idea, admin)
    drain()
    assert titles("zanzibar") == [problem.title]
    assert place.ask(lambda searcher: searcher.doc_count()) == before


def test_a_withdrawn_idea_is_found_no_longer(board: Board, drain: Drain) -> None:
    author = make_member()
    idea = make_idea(board, author=author, title="Zeppelin mooring on deck")
    drain()
    change(idea, lambda actor, one: withdraw_idea(actor, one, reason="I was wrong."), actor_of(author))
    assert titles("zeppelin") == []
    drain()
    assert titles("zeppelin", actor_of(author)) == []


def test_nothing_asked_finds_nothing(board: Board, drain: Drain) -> None:
    drain()
    assert [search(VISITOR, typed).total for typed in ("", "   ", "-canals", "\u200b", "!?")] == [0] * 5
