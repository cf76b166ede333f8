"""Whatever is merged, undone, voted on, split and left, in whatever order: each counts once, and undoing restores.

Two thousand examples of each on each database, in shards, so that processes can share them.
"""

import math
from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ideas.core.db import session
from ideas.following.queries import followers_of
from ideas.ideation import recount as ideation_recount
from ideas.ideation.models import Idea
from ideas.voting import recount as voting_recount
from ideas.voting.groups import supporters_of
from tests.voting.merging_world import (
    IDEAS,
    PEOPLE,
    STEPS,
    World,
    actor_of,
    counted_by_hand,
    example,
    make_world,
    only_counting,
    rows_of,
    shown,
    take,
    what_is_seen,
)

EXAMPLES, SHARDS = 2_000, 8
SHARD = pytest.mark.parametrize("shard", range(SHARDS))

#: Merging and voting come often; leaving and splitting seldom, they cost most.
OFTEN = ["support", "support", "take back", "merge", "merge", "merge", "undo", "hold back", "let through"]
NAMES = st.sampled_from([*OFTEN, *OFTEN, "set aside", "restore", "erase", "split"])
STEP = st.tuples(NAMES, st.integers(0, PEOPLE - 1), st.integers(0, IDEAS))


IN_SHARDS = settings(
    max_examples=EXAMPLES // SHARDS, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(autouse=True)
def counting() -> Iterator[None]:
    """Let events be heard by those alone who count."""
    with only_counting():
        yield


@SHARD
def test_the_number_shown_is_the_number_of_distinct_people(app: Flask, shard: int) -> None:
    world = make_world()

    @seed(shard)
    @IN_SHARDS
    @given(st.lists(STEP, max_size=12))
    def holds(steps: list[tuple[str, int, int]]) -> None:
        with example(world) as here:
            for step, first, second in steps:
                is_taken = take(here, step, first, second)
                assert shown() == counted_by_hand(), (step, first, second)
                if is_taken:
                    is_as_wanted(here, step, first, second)

    holds()


def is_as_wanted(world: World, step: str, first: int, second: int) -> None:
    """Look at who counts after a support or its taking back: whatever way their voice came."""
    if step not in {"support", "take back"} or world.member(first).id in world.gone:
        return
    counts = world.member(first).id in supporters_of(world.idea(second).id)
    is_set_aside = any(
        row.member_id == world.member(first).id and row.quarantined_at for row in rows_of(world.idea(second).id)
    )
    assert counts == (step == "support") or is_set_aside


@SHARD
def test_undoing_a_merge_restores_all_that_people_see_byte_for_byte(app: Flask, shard: int) -> None:
    world = make_world()

    @seed(shard)
    @IN_SHARDS
    @given(
        before=st.lists(STEP, max_size=6),
        pair=st.tuples(st.integers(0, IDEAS), st.integers(0, IDEAS)),
        choices=st.lists(
            st.tuples(st.sampled_from(["hold back", "let through"]), st.integers(0, PEOPLE - 1), st.integers(0, 3)),
            max_size=3,
        ),
    )
    def holds(before: list[tuple[str, int, int]], pair: tuple[int, int], choices: list[tuple[str, int, int]]) -> None:
        with example(world) as here:
            for step in before:
                take(here, *step)
            seen = what_is_seen()
            people = {idea_id: (supporters_of(idea_id), followers_of(idea_id)) for idea_id in here.ideas}
            if not take(here, "merge", *pair):
                assert what_is_seen() == seen
                return
            newest = here.number_of_merge(here.idea(pair[0]).id)
            for choice, member, _merge in choices:
                take(here, choice, member, newest)
            assert take(here, "undo", newest, 0)
            assert what_is_seen() == seen
            assert {one: (supporters_of(one), followers_of(one)) for one in here.ideas} == people
            assert all(math.isfinite(trend) for trend in trends_of())

    holds()


def test_votes_cast_while_ideas_are_merged_stay_where_they_were_cast_when_that_is_undone(app: Flask) -> None:
    world = make_world()
    votes = st.tuples(st.sampled_from(["support", "take back"]), st.integers(0, PEOPLE - 1))

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        before=st.lists(STEP.filter(lambda step: step[0] in {"support", "take back"}), max_size=5),
        between=st.lists(votes, min_size=1, max_size=6),
    )
    def holds(before: list[tuple[str, int, int]], between: list[tuple[str, int]]) -> None:
        with example(world) as here:
            for step in before:
                take(here, *step)
            origin, target = here.ideas[0], here.ideas[1]
            kept, there = rows_of(origin), supporters_of(target)
            assert take(here, "merge", 0, 1)
            for name, member in between:
                assert take(here, name, member, 1)
                assert (here.member(member).id in supporters_of(target)) == (name == "support")
            assert take(here, "undo", 0, 0)
            assert rows_of(origin) == kept
            assert shown() == counted_by_hand()
            last = {here.member(member).id: name for name, member in between}
            assert supporters_of(target) <= there | {one for one, name in last.items() if name == "support"}
            assert not supporters_of(target) & {one for one, name in last.items() if name == "take back"}

    holds()


def test_each_step_is_taken_and_changes_what_the_recount_finds_right(app: Flask) -> None:
    world = make_world()
    steps = [
        ("support", 2, 0),
        ("support", 3, 0),
        ("merge", 0, 1),
        ("hold back", 2, 0),
        ("let through", 2, 0),
        ("set aside", 3, 0),
        ("restore", 3, 0),
        ("support", 2, 1),
        ("take back", 2, 1),
        ("merge", 1, 2),
        ("erase", 3, 0),
        ("erase", 0, 1),
        ("split", 2, 0),
        ("undo", 0, 0),
    ]
    with example(world) as here:
        for step in steps:
            before = (what_is_seen(), shown(), declines())
            assert take(here, *step), step
            assert (what_is_seen(), shown(), declines()) != before, step
            assert shown() == counted_by_hand(), step
            assert not voting_recount.wrong_totals()
            assert not [one for one in ideation_recount.wrong_totals() if "tally" not in one.total]
    assert {step[0] for step in steps} == set(STEPS)


def test_repairing_counts_groups_anew(app: Flask) -> None:
    world = make_world()
    with example(world) as here:
        assert take(here, "merge", 0, 1)
        right = shown()
        here.idea(1).support_count, here.idea(3).support_count = 77, 78
        session().flush()
        wrong = {int(one.subject): one.counted for one in voting_recount.wrong_totals()}
        assert wrong == {here.ideas[1]: right[here.ideas[1]], here.ideas[3]: right[here.ideas[3]]}
        voting_recount.repair(idea_ids=[here.ideas[3]])
        assert [int(one.subject) for one in voting_recount.wrong_totals()] == [here.ideas[1]]
        voting_recount.repair()
        assert shown() == right


def trends_of() -> Sequence[float]:
    return session().scalars(select(Idea.trend)).all()


def declines() -> int:
    return sum(len(supporters_of(idea_id)) for idea_id in shown())


def test_a_stranger_decides_nothing(app: Flask) -> None:
    world = make_world()
    with example(world) as here:
        stranger = World(keeper=actor_of(here.member(3)), board=here.board, people=here.people, ideas=here.ideas)
        assert not take(stranger, "merge", 0, 1)
        assert take(here, "merge", 0, 1)
        assert not take(stranger, "undo", 0, 0)
