"""Merging while others act at the same moment: nothing is counted twice or lost; who comes second is told why."""

import threading
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from ideas.accounts.models import Member
from ideas.core import db as core_db
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, DomainError, Invalid
from ideas.core.policy import Actor
from ideas.ideation import recount as ideation_recount
from ideas.ideation.merging import merge_ideas, undo_merge
from ideas.ideation.models import Idea, Merge
from ideas.ideation.queries import get_idea_by_id
from ideas.privacy.services import leave
from ideas.voting import recount as voting_recount
from ideas.voting.groups import supporters_of
from ideas.voting.merging import hold_voice_back
from ideas.voting.models import Support
from ideas.voting.services import cast_support, set_support_aside, take_back_support
from tests.factories import make_admin, make_board, make_idea, make_member
from tests.factories.merging import make_merge
from tests.factories.world import ROOT

VOTERS = 20
TRIES = 6
WAIT_SECONDS = 60
PATIENCE_SECONDS = 30

Step = Callable[[], object]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty clicks share the connections of one pool; waiting for one is not what is tested here."""
    monkeypatch.setattr(core_db, "POOL_WAIT_SECONDS", PATIENCE_SECONDS)


def keeper() -> Actor:
    return Actor(member_id=make_admin().id, is_staff=True, is_admin=True)


def at_once(app: Flask, *steps: Step) -> Sequence[BaseException | None]:
    """Take all steps at the same moment, each in a transaction of its own; return what each raised, in their order."""
    session().rollback()
    raised: list[BaseException | None] = [None] * len(steps)
    start = threading.Barrier(len(steps))

    def act(number: int) -> None:
        with app.app_context():
            start.wait(WAIT_SECONDS)
            try:
                patiently(steps[number])
            except Exception as error:
                raised[number] = error

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session().rollback()
    return raised


def patiently(step: Step) -> None:
    """Take a step in a transaction; where SQLite kept it waiting for too long, again, as a person would."""
    for _ in range(TRIES):
        try:
            with transaction():
                step()
                return
        except OperationalError as error:
            if "database is locked" not in str(error):
                raise
    raise TimeoutError


def locked(idea_id: int) -> Idea:
    return get_idea_by_id(ROOT, idea_id, lock=True)


def merging(actor: Actor, origin: Idea, target: Idea) -> Step:
    # Threads share no rows, only keys.
    ids = (origin.id, target.id)
    return lambda: merge_ideas(actor, *(get_idea_by_id(ROOT, idea_id) for idea_id in ids), reason="They say the same.")


def voting(member: Member, idea: Idea) -> Step:
    who, idea_id = Actor(member_id=member.id), idea.id
    # As a click does: the page locks the idea first.
    return lambda: cast_support(who, locked(idea_id))


def count_supports(*ideas: Idea) -> int:
    query = select(func.count()).select_from(Support).where(Support.idea_id.in_([idea.id for idea in ideas]))
    return session().scalar(query) or 0


def is_sound() -> bool:
    return not voting_recount.wrong_totals() and not ideation_recount.wrong_totals()


def test_twenty_people_vote_for_both_while_they_are_merged_and_each_counts_once(app: Flask) -> None:
    board, who = make_board(), keeper()
    origin, target = make_idea(board), make_idea(board)
    people = [make_member() for _ in range(VOTERS)]
    votes = [voting(member, idea) for member in people for idea in (target, origin)][: VOTERS * 2]
    raised = at_once(app, merging(who, origin, target), *votes[:VOTERS])
    refused = [error for error in raised if error is not None]
    assert raised[0] is None
    assert all(isinstance(error, Conflict) for error in refused), refused
    assert count_supports(origin, target) == 2 + VOTERS - len(refused)
    stored = session().scalar(select(Idea.support_count).where(Idea.id == target.id))
    assert stored == len(supporters_of(target.id))
    # Of those ten each voted for both ideas; whoever was too late for the one counts by the other.
    assert {member.id for member in people[: VOTERS // 2]} <= supporters_of(target.id)
    assert is_sound()


def test_votes_setting_aside_saying_no_and_leaving_race_with_undoing(app: Flask) -> None:
    board, who = make_board(), keeper()
    origin, target = make_idea(board), make_idea(board)
    people = [make_member() for _ in range(8)]
    for member in people:
        with transaction():
            cast_support(Actor(member_id=member.id), locked(origin.id))
    merge_id, origin_id, target_id = make_merge(origin, target).id, origin.id, target.id

    def fresh() -> Merge:
        return session().scalars(select(Merge).where(Merge.id == merge_id)).one()

    own = [Actor(member_id=member.id) for member in people]
    set_aside, handle = people[4].id, people[5].handle
    raised = at_once(
        app,
        lambda: undo_merge(who, fresh(), reason="They differ."),
        lambda: hold_voice_back(own[0], fresh()),
        lambda: hold_voice_back(own[1], fresh()),
        lambda: take_back_support(own[2], locked(target_id)),
        lambda: cast_support(own[3], locked(target_id)),
        lambda: set_support_aside(who, locked(origin_id), member_id=set_aside),
        lambda: leave(own[5], keeps_content=True, confirmation=handle),
        voting(people[6], target),
    )
    assert raised[0] is None
    assert all(error is None or isinstance(error, Conflict) for error in raised), raised
    assert is_sound()
    count = session().scalar(select(Idea.support_count).where(Idea.id == target.id)) or 0
    carried = session().scalar(select(Idea.carried_count).where(Idea.id == target.id)) or 0
    assert count == len(supporters_of(target.id)) + carried
    assert people[7].id not in supporters_of(target.id)


def test_of_two_moderators_who_merge_in_opposite_directions_the_second_reads_why_not(app: Flask) -> None:
    board, first, second = make_board(), keeper(), keeper()
    one, other = make_idea(board), make_idea(board)
    for _ in range(3):
        raised = [error for error in at_once(app, merging(first, one, other), merging(second, other, one)) if error]
        assert len(raised) == 1
        assert isinstance(raised[0], Invalid | Conflict)
        assert "merged into" in words_of(raised[0])
        standing = session().scalars(select(Merge).where(Merge.undone_at.is_(None))).one()
        assert is_sound()
        with transaction():
            undo_merge(first, standing, reason="Once more.")


def test_three_merges_in_a_ring_leave_no_ring(app: Flask) -> None:
    board, who = make_board(), [keeper() for _ in range(3)]
    ideas = [make_idea(board) for _ in range(3)]
    raised = at_once(app, *(merging(who[n], ideas[n], ideas[(n + 1) % 3]) for n in range(3)))
    assert all(error is None or isinstance(error, DomainError) for error in raised), raised
    tops = session().scalars(select(Idea.id).where(Idea.merged_into_id.is_(None))).all()
    assert len(tops) == 1
    assert len(supporters_of(tops[0])) == 3
    assert is_sound()


def test_the_same_merge_twice_at_once_is_made_once(app: Flask) -> None:
    board, who = make_board(), keeper()
    one, other = make_idea(board), make_idea(board)
    raised = at_once(app, *[merging(who, one, other)] * 4)
    assert sum(error is None for error in raised) == 1
    assert all(error is None or isinstance(error, Conflict) for error in raised), raised
    assert session().scalar(select(Idea.origin_count).where(Idea.id == other.id)) == 1
    assert is_sound()


def words_of(error: BaseException) -> str:
    assert isinstance(error, DomainError)
    return " ".join(map(str, error.errors.values())) if isinstance(error, Invalid) else str(error.message)
