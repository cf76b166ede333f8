"""Whatever several people do in whatever order: the stored number is what can be recounted."""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from ideas.accounts.models import Member
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict
from ideas.core.policy import Actor
from ideas.ideation.keeping import hide_idea, restore_idea, set_status
from ideas.ideation.models import Idea, StatusCause
from ideas.ideation.queries import get_idea_by_id, get_status, initial_status
from ideas.voting.models import Support
from ideas.voting.recount import wrong_totals
from ideas.voting.services import (
    cast_support,
    describe_support,
    restore_support,
    set_support_aside,
    take_back_support,
)
from tests.factories import make_idea, make_member

KEEPER = Actor(is_staff=True, is_admin=True)
PEOPLE = 4


def of(member: Member) -> Actor:
    return Actor(member_id=member.id)


def move(idea: Idea, *, is_closed: bool) -> None:
    status = get_status("delivered") if is_closed else initial_status()
    set_status(KEEPER, idea, status, cause=StatusCause.RESPONSE)


#: What can happen, each with one of the people.
STEPS: Mapping[str, Callable[[Idea, Member], object]] = {
    "cast": lambda idea, member: cast_support(of(member), idea),
    "describe": lambda idea, member: describe_support(of(member), idea, need="For this."),
    "take back": lambda idea, member: take_back_support(of(member), idea),
    "set aside": lambda idea, member: set_support_aside(KEEPER, idea, member_id=member.id),
    "restore support": lambda idea, member: restore_support(KEEPER, idea, member_id=member.id),
    "close": lambda idea, _member: move(idea, is_closed=True),
    "reopen": lambda idea, _member: move(idea, is_closed=False),
    "hide": lambda idea, _member: hide_idea(KEEPER, idea, reason="Not for here."),
    "restore": lambda idea, _member: restore_idea(KEEPER, idea),
}


def take_step(idea_id: int, step: str, member: Member) -> None:
    with suppress(Conflict), transaction():
        STEPS[step](get_idea_by_id(KEEPER, idea_id, lock=True), member)


def is_recountable(idea_id: int) -> bool:
    session().rollback()
    query = select(Idea.support_count, Idea.carried_count, Idea.trend).where(Idea.id == idea_id)
    stored, carried, trend = session().execute(query).one()
    live = select(func.count()).where(Support.idea_id == idea_id, Support.quarantined_at.is_(None))
    return stored == carried + (session().scalar(live) or 0) and math.isfinite(trend)


@pytest.mark.parametrize("carried", [0, 3])
def test_the_stored_number_is_what_can_be_recounted_after_each_step(app: Flask, carried: int) -> None:
    people = [make_member() for _ in range(PEOPLE)]

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, PEOPLE - 1)), max_size=25))
    def holds(steps: list[tuple[str, int]]) -> None:
        idea_id = make_idea(author=people[0]).id
        with transaction():
            values = {"carried_count": carried, "support_count": Idea.support_count + carried}
            session().execute(update(Idea).where(Idea.id == idea_id).values(values))
        for step, person in steps:
            take_step(idea_id, step, people[person])
            assert is_recountable(idea_id)

    holds()
    assert wrong_totals() == []


def test_every_step_can_change_something(app: Flask) -> None:
    member, idea = make_member(), make_idea()
    seen = []
    for step in ("cast", "set aside", "restore support", "close", "reopen", "hide", "restore", "take back", "describe"):
        take_step(idea.id, step, member)
        session().rollback()
        query = select(Idea.support_count, Idea.category, Idea.hidden_at).where(Idea.id == idea.id)
        seen.append(session().execute(query).one())
    assert all(before != after for before, after in pairwise(seen))
