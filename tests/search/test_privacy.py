"""A word that stands only where somebody may not look does not exist for them, whichever way they ask."""

from collections.abc import Callable

import pytest
from flask import Flask

from ideas.boards.models import Audience
from ideas.core.policy import VISITOR, Actor
from ideas.search.queries import did_you_mean, search, similar
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_problem, make_staff

CANARY = "Kanarienvogel"


@pytest.fixture
def hidden(app: Flask, drain: Callable[[], int]) -> None:
    """Ideas on a staff board that bear the word, others everywhere."""
    staff_board = make_board("Back room", audience=Audience.STAFF)
    make_idea(
        staff_board,
        author=make_staff(),
        title=f"{CANARY} price for all",
        body=f"The {CANARY} costs less.",
        tags=[CANARY],
    )
    make_fix(make_problem(staff_board, author=make_staff(), title=f"{CANARY} is ill"), author=make_staff())
    make_idea(title="A price list for all seasons")
    drain()


@pytest.fixture(params=["visitor", "customer", "moderator elsewhere"])
def outsider(request: pytest.FixtureRequest, app: Flask) -> Actor:
    if request.param == "visitor":
        return VISITOR
    if request.param == "customer":
        return actor_of(make_member())
    moderator = make_member("Partner")
    make_board(moderator=moderator)
    return actor_of(moderator)


@pytest.mark.parametrize(
    "typed", [CANARY, f"{CANARY} price", f'"{CANARY} price"', f"price -{CANARY}", "kanarienvogels"]
)
@pytest.mark.usefixtures("hidden")
def test_outsiders_find_and_count_nothing_of_it(typed: str, outsider: Actor) -> None:
    found = search(outsider, typed)
    assert not found.is_degraded
    assert found.total == len(found.rows)
    assert not any(CANARY in row.title for row in found.rows)


@pytest.mark.usefixtures("hidden")
def test_outsiders_are_not_led_to_it_by_spelling(outsider: Actor) -> None:
    for typed in ("Kanarienvogl", "kanarienvogle", "Kanarienvogel", "knarienvogel", f"pirce {CANARY[:-1]}"):
        assert "kanarienvogel" not in (did_you_mean(outsider, typed) or "").split() or typed == CANARY
    assert did_you_mean(outsider, "Kanarienvogl") is None
    assert did_you_mean(outsider, "kanarienvogel") is None


@pytest.mark.usefixtures("hidden")
def test_no_beginning_of_it_leads_to_a_similar_idea(outsider: Actor) -> None:
    for length in range(3, len(CANARY) + 1):
        assert not any(CANARY in row.title for row in similar(outsider, f"{CANARY[:length]} price for all"))


@pytest.mark.usefixtures("hidden")
def test_staff_find_it_in_every_way() -> None:
    staff = actor_of(make_staff())
    assert search(staff, CANARY).total == 2
    assert did_you_mean(staff, "Kanarienvogl") == "kanarienvogel"
    assert CANARY in similar(staff, f"{CANARY} price")[0].title


@pytest.mark.usefixtures("hidden")
def test_a_visible_neighbour_is_suggested_though_a_hidden_one_is_nearer() -> None:
    assert did_you_mean(VISITOR, "pricce sesons") == "price seasons"
