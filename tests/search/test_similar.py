"""What is suggested while somebody types a title, and for a mistyped word."""

from collections.abc import Callable

import pytest
from flask import Flask

from ideas.core.db import transaction
from ideas.core.policy import VISITOR
from ideas.ideation.keeping import hide_idea, set_status
from ideas.ideation.models import Category, StatusCause
from ideas.ideation.queries import get_idea, get_status, list_statuses
from ideas.search.queries import did_you_mean, similar
from tests.factories import actor_of, make_admin, make_board, make_idea

Drain = Callable[[], int]


@pytest.fixture
def van(app: Flask) -> str:
    for title in ("Bigger labels for rye bread", "Print the round on one sheet", "Weekly invoice by mail"):
        make_idea(title=title)
    return make_idea(title="Let customers follow the delivery van on a map").title


def test_the_idea_most_alike_comes_first_though_the_words_differ(van: str, drain: Drain) -> None:
    make_idea(title="Map of all bakeries in town")
    drain()
    assert next(row.title for row in similar(VISITOR, "Show our customer where the vans are on maps")) == van


def test_two_words_written_as_one_in_the_idea_are_found(van: str, drain: Drain) -> None:
    idea = make_idea(title="Tidetables for the chartplotter")
    drain()
    assert similar(VISITOR, "tide tables please")[0].title == idea.title


def test_declined_and_delivered_ideas_are_suggested_too(van: str, drain: Drain) -> None:
    admin = actor_of(make_admin())
    closed = {status.slug for status in list_statuses() if status.category in {Category.DECLINED, Category.DELIVERED}}
    for slug in closed:
        idea = make_idea(title=f"Croissant counter {slug}")
        with transaction():
            one = get_idea(admin, idea.public_id, lock=True)
            set_status(admin, one, get_status(slug), cause=StatusCause.RESPONSE)
    drain()
    assert len(similar(VISITOR, "count croissants")) == len(closed) > 1


def test_an_idea_of_the_chosen_board_is_favoured_among_equals(van: str, drain: Drain) -> None:
    here, there = make_board(), make_board()
    make_idea(there, title="Gluten free marking on labels")
    chosen = make_idea(here, title="Gluten free marking on labels")
    drain()
    assert similar(VISITOR, "mark gluten free", board_id=here.id)[0].id == chosen.id
    assert len(similar(VISITOR, "mark gluten free", board_id=here.id)) == 2


def test_a_hidden_idea_is_not_suggested_even_before_the_index_hears_of_it(van: str, drain: Drain) -> None:
    admin = actor_of(make_admin())
    idea = make_idea(title="Brioche subscription for offices")
    drain()
    assert similar(VISITOR, "brioche subscriptions")
    with transaction():
        hide_idea(admin, get_idea(admin, idea.public_id, lock=True), reason="Advertising")
    assert similar(VISITOR, "brioche subscriptions") == []
    assert similar(admin, "brioche subscriptions") == []


@pytest.mark.parametrize("title", ["", "   ", "the of and", "!?", "zzzzqqq"])
def test_a_title_that_tells_nothing_is_like_nothing(title: str, van: str, drain: Drain) -> None:
    drain()
    assert similar(VISITOR, title) == []


def test_a_mistyped_word_is_mended_and_right_ones_stay(van: str, drain: Drain) -> None:
    drain()
    assert did_you_mean(VISITOR, "customrs van") == "customers van"
    assert did_you_mean(VISITOR, '"delivery vam" -bread') is None
    assert did_you_mean(VISITOR, '"delivrey van" -bread') == '"delivery van" -bread'
    assert did_you_mean(VISITOR, "customers van") is None
    assert did_you_mean(VISITOR, "qqqqqqqq") is None
