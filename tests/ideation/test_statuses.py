"""Adding and rewording statuses."""

import pytest
from flask import Flask

from ideas.core.db import transaction
from ideas.core.errors import Forbidden, Invalid
from ideas.core.policy import Actor
from ideas.ideation.models import Category, Status
from ideas.ideation.queries import get_status, initial_status, list_statuses
from ideas.ideation.statuses import add_status, change_status
from tests.factories import actor_of, make_admin, make_staff, reload


@pytest.fixture
def boss(app: Flask) -> Actor:
    return actor_of(make_admin())


def add(actor: Actor, name: str = "Needs details", *, position: int = 1) -> Status:
    with transaction():
        return add_status(
            actor, name=name, category=Category.OPEN, meaning="We ask you.", owes_answer=False, position=position
        )


def test_a_new_status_stands_in_its_place_and_is_not_where_ideas_begin(boss: Actor) -> None:
    before = initial_status().id
    status = add(boss, position=1)
    assert (status.slug, status.category, status.is_initial) == ("needs-details", Category.OPEN, False)
    assert [one.slug for one in list_statuses()][1:3] == ["planned", "needs-details"]
    assert initial_status().id == before


def test_a_name_without_latin_letters_still_gets_an_address(boss: Actor) -> None:
    assert [add(boss, "進行中").slug, add(boss, "完了").slug] == ["status", "status-2"]


def test_a_name_is_used_once_whatever_its_case(boss: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        add(boss, "oPEN")
    assert set(refused.value.errors) == {"name"}


def test_all_refused_fields_are_named_at_once(boss: Actor) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        add_status(boss, name=" ", category=Category.OPEN, meaning="", owes_answer=True, position=-1)
    assert set(refused.value.errors) == {"name", "meaning", "position"}


def test_rewording_keeps_address_and_category(boss: Actor) -> None:
    with transaction():
        change_status(
            boss, get_status("planned"), name="On our list", meaning="We will do it.", owes_answer=False, position=7
        )
    status = reload(get_status("planned"))
    assert (status.name, status.category, status.owes_answer, status.position) == (
        "On our list",
        Category.PLANNED,
        False,
        7,
    )


def test_a_status_may_keep_its_own_name(boss: Actor) -> None:
    with transaction():
        change_status(boss, get_status("open"), name="Open", meaning="We read it.", owes_answer=True, position=0)
    assert reload(get_status("open")).meaning == "We read it."


def test_only_admins_touch_statuses(app: Flask) -> None:
    stranger = actor_of(make_staff())
    with pytest.raises(Forbidden):
        add(stranger)
    with pytest.raises(Forbidden), transaction():
        change_status(stranger, get_status("open"), name="Mine", meaning="All mine.", owes_answer=True, position=0)
    assert reload(get_status("open")).name == "Open"
