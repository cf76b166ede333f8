"""Customers, staff and those who leave, in whatever order and at the same moment: one voice a person, right totals."""

import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from ideas.accounts.customers import enter_customer
from ideas.accounts.erasing import departure_of
from ideas.accounts.models import AuditEntry, Member
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea_by_id
from ideas.voting.entering import enter_support, take_back_entered
from ideas.voting.erasing import erase
from ideas.voting.models import Support, SupportSource
from ideas.voting.recount import wrong_totals
from ideas.voting.services import cast_support, take_back_support
from tests.factories import actor_of, make_admin, make_board, make_idea, make_member
from tests.factories.customers import CALL

THREADS = 20
WAIT_SECONDS = 60
NONE, OWN, ENTERED, GONE = "none", "own", "entered", "gone"
STEPS = ("support", "enter", "take back", "take entered back", "leave")


def follow(state: str, step: str) -> str:
    """Say where a person stands after a step, by the rules alone."""
    if state == GONE:
        return GONE
    after = {
        "support": {NONE: OWN, ENTERED: OWN},
        "enter": {NONE: ENTERED},
        "take back": {OWN: NONE, ENTERED: NONE},
        "take entered back": {ENTERED: NONE},
        "leave": {NONE: GONE, OWN: GONE, ENTERED: GONE},
    }
    return after[step].get(state, state)


def take_step(boss: Actor, idea_id: int, step: str, member: Member) -> None:
    """Let it happen, as the services do it."""
    own = Actor(member_id=member.id)
    with suppress(Conflict), transaction():
        idea = get_idea_by_id(boss, idea_id, lock=True)
        if step == "support":
            cast_support(own, idea)
        elif step == "enter":
            enter_support(boss, idea, member, heard=CALL)
        elif step == "take back":
            take_back_support(own, idea)
        elif step == "take entered back":
            take_back_entered(boss, idea, member_id=member.id)
        else:
            erase(departure_of(member, keeps_content=True))


def standing(idea_id: int) -> tuple[dict[int, str], int, int]:
    """Return who stands how by the rows, and the stored numbers: carried and all."""
    session().rollback()
    rows = session().execute(select(Support.member_id, Support.source).where(Support.idea_id == idea_id)).all()
    assert len({row.member_id for row in rows}) == len(rows)
    carried, count = session().execute(select(Idea.carried_count, Idea.support_count).where(Idea.id == idea_id)).one()
    return {row.member_id: ENTERED if row.source is SupportSource.STAFF else OWN for row in rows}, carried, count


def test_any_order_of_own_and_entered_supports_keeps_one_row_a_person_and_right_totals(app: Flask) -> None:
    boss, board, author = actor_of(make_admin()), make_board(), make_member()
    people = [make_member() for _ in range(3)]
    noise = make_idea(board)
    seen: Counter[str] = Counter()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2)), max_size=20))
    def holds(steps: list[tuple[str, int]]) -> None:
        idea_id = make_idea(board, author=author).id
        states = dict.fromkeys(range(3), NONE)
        carried = 0
        for step, person in steps:
            # Whoever has left does nothing any more; for the next example they are there again.
            if states[person] == GONE:
                continue
            before, states[person] = states[person], follow(states[person], step)
            carried += states[person] == GONE and before != NONE
            take_step(boss, idea_id, step, people[person])
            seen[step] += 1
            rows, stored_carried, stored = standing(idea_id)
            meant = {people[n].id: state for n, state in states.items() if state in {OWN, ENTERED}}
            assert rows == {author.id: OWN, **meant}
            assert (stored_carried, stored) == (carried, carried + len(rows))

    holds()
    assert set(seen) == set(STEPS)
    assert standing(noise.id)[2] == 1
    assert wrong_totals() == []


def race(app: Flask, act: Callable[[], object]) -> list[object]:
    """Do the same in many threads at once, each with a connection of its own; return what came of it."""
    start, found = threading.Barrier(THREADS), []

    def run() -> None:
        with app.app_context():
            start.wait(WAIT_SECONDS)
            try:
                with transaction():
                    found.append(act())
            except Conflict as error:
                found.append(error)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_twenty_who_enter_for_the_same_customer_at_once_leave_one_row(app: Flask) -> None:
    boss, customer, idea = actor_of(make_admin()), make_member(), make_idea()
    make_idea(author=customer)
    idea_id, customer_id = idea.id, customer.id
    session().rollback()

    def act() -> bool:
        seen = get_idea_by_id(boss, idea_id)
        return enter_support(boss, seen, session().get_one(Member, customer_id), heard=CALL)

    assert Counter(race(app, act)) == {True: 1, False: THREADS - 1}
    rows, _carried, stored = standing(idea_id)
    assert rows[customer_id] == ENTERED
    assert stored == len(rows) == 2
    entries = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "support.entered")
    assert session().scalar(entries) == THREADS


def test_twenty_who_enter_the_same_new_customer_at_once_open_one_account(app: Flask) -> None:
    boss, idea = actor_of(make_admin()), make_idea()
    idea_id = idea.id
    session().rollback()

    def act() -> bool:
        customer = enter_customer(boss, name="Elodie Weiss", email="Elodie@weiss.example")
        return enter_support(boss, get_idea_by_id(boss, idea_id), customer, heard=CALL)

    outcomes = race(app, act)
    assert outcomes.count(True) == 1
    assert len(outcomes) == THREADS
    session().rollback()
    accounts = session().scalars(select(Member).where(Member.email == "elodie@weiss.example")).all()
    assert [account.entered_by_id for account in accounts] == [boss.member_id]
    rows, _carried, stored = standing(idea_id)
    assert stored == len(rows) == 2
