"""The totals of confirmations always are what can be recounted."""

import random

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ideas.cocreation.confirming import confirm
from ideas.cocreation.models import Verdict
from ideas.cocreation.recount import repair, wrong_totals
from ideas.cocreation.services import unchoose_fix
from ideas.core.db import transaction
from ideas.core.errors import Forbidden
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from tests.factories import actor_of, make_fix, make_member, make_problem, reload
from tests.factories.cocreation import deliver, make_choice, make_confirmation, make_hit
from tests.factories.world import ROOT


def test_spoiled_totals_are_found_and_mended(app: Flask) -> None:
    author = make_member()
    problem, sound = make_problem(author=author), make_problem(author=author)
    fix = make_fix(problem)
    make_choice(fix, by=author)
    deliver(problem), deliver(sound)
    make_confirmation(problem, by=author), make_confirmation(sound, by=author)
    assert wrong_totals() == []
    with transaction() as current:
        current.get_one(Idea, problem.id).fixed_count = 7
        current.get_one(Idea, fix.id).chosen_at = None
    assert {(found.total, found.subject) for found in wrong_totals()} == {
        ("idea.fixed_count", str(problem.id)),
        ("idea.chosen_at", str(fix.id)),
    }
    with transaction():
        repair()
    assert wrong_totals() == []
    assert reload(problem).fixed_count == 1


@pytest.mark.parametrize("seed", range(2))
def test_taking_choices_back_keeps_the_time_of_choice_right(app: Flask, seed: int) -> None:
    author, order = make_member(), random.Random(seed)
    fixes = [make_fix(problem := make_problem(author=author)), make_fix(problem)]
    for _ in range(8):
        fix = order.choice(fixes)
        if reload(fix).chosen_at is None:
            make_choice(fix, by=author)
        else:
            with transaction():
                unchoose_fix(actor_of(author), get_idea_by_id(ROOT, fix.id), reason="Changed our minds.")
        assert wrong_totals() == []


steps = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(list(Verdict)), st.booleans()), max_size=10)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=steps)
def test_whatever_reporters_say_in_whatever_order_the_totals_can_be_recounted(
    app: Flask, said: list[tuple[int, Verdict, bool]]
) -> None:
    problem = make_problem()
    members = [make_hit(problem) for _ in range(4)]
    deliver(problem)
    for index, verdict, redelivers in said:
        try:
            with transaction():
                confirm(actor_of(members[index]), problem, verdict=verdict, note="What I saw today.")
        except Forbidden:
            assert reload(problem).category != "delivered"
        if redelivers:
            deliver(problem)
        assert wrong_totals() == []
