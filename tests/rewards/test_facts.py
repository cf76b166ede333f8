"""Who had which part in an idea: written from what happened, taken back with it, the same when read anew."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from ideas.accounts.models import Member
from ideas.boards.models import Audience, Board
from ideas.cocreation.models import Verdict
from ideas.cocreation.reproducing import take_back_reproduction
from ideas.cocreation.services import unchoose_fix
from ideas.core.db import session, transaction
from ideas.core.policy import VISITOR
from ideas.ideation.authorship import remove_author
from ideas.ideation.merging import undo_merge
from ideas.ideation.models import Idea, Merge
from ideas.ideation.queries import get_idea_by_id
from ideas.privacy.services import erase_member
from ideas.rewards import facts
from ideas.rewards.models import ContributionFact, FactKind
from ideas.rewards.parts import Part, facts_of
from ideas.transfer.verifying import verify
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_problem, make_staff
from tests.factories.cocreation import deliver, make_choice, make_confirmation, make_hit, make_reproduction
from tests.factories.merging import make_merge
from tests.factories.together import (
    accept,
    make_adoption,
    make_amendment,
    make_co_author,
)
from tests.factories.world import ROOT
from tests.queries import counted_queries

Found = list[tuple[FactKind, str]]


def parts(idea: Idea) -> Found:
    """Return the parts people had in an idea, as everybody reads them."""
    session().rollback()
    return [(part.kind, part.member.name) for part in read(idea)]


def read(idea: Idea) -> Sequence[Part]:
    return facts_of(VISITOR, get_idea_by_id(ROOT, idea.id))


def stored() -> list[tuple[object, ...]]:
    """Return every fact, byte for byte."""
    columns = [column for column in ContributionFact.__table__.columns if column.name != "id"]
    return [tuple(row) for row in session().execute(select(*columns).order_by(*columns))]


@pytest.fixture
def manager(app: Flask) -> Member:
    """Looks after the board."""
    return make_staff("Mo Manager")


@pytest.fixture
def board(manager: Member) -> Board:
    """The board."""
    return make_board(owner=manager)


def test_whoever_proposes_is_the_origin_and_noise_is_not_theirs(board: Board) -> None:
    mine = make_idea(board, author=make_member("Ada"))
    make_idea(board, author=make_member("Noise"))
    assert parts(mine) == [(FactKind.ORIGIN, "Ada")]


def test_a_co_author_has_a_part_until_they_leave(board: Board) -> None:
    idea = make_idea(board, author=make_member("Ada"))
    other = make_co_author(idea, make_member("Ben"))
    assert parts(idea) == [(FactKind.ORIGIN, "Ada"), (FactKind.CO_AUTHOR, "Ben")]
    with transaction():
        remove_author(get_idea_by_id(ROOT, idea.id, lock=True), other.id)
    assert parts(idea) == [(FactKind.ORIGIN, "Ada")]


def test_an_accepted_amendment_is_a_part_and_a_reworked_one_is_two(board: Board) -> None:
    author = make_member("Ada")
    idea = make_idea(board, author=author)
    taken = make_amendment(idea, by=make_member("Ben"))
    make_amendment(idea, by=make_member("Left open"), body="Something else altogether, for the day.")
    accept(taken, by=author)
    reworked = make_amendment(idea, by=make_member("Cleo"), body="Because it would help nearly all of us, always.")
    accept(reworked, by=author, changed_to="Because it would help nearly everybody.")
    assert parts(idea) == [
        (FactKind.ORIGIN, "Ada"),
        (FactKind.AMENDMENT, "Ben"),
        (FactKind.AMENDMENT_PARTLY, "Cleo"),
        (FactKind.AMENDMENT_REWORK, "Ada"),
    ]


def test_all_authors_of_a_chosen_fix_have_a_part_in_its_problem_until_it_is_not_chosen(
    board: Board, manager: Member
) -> None:
    problem = make_problem(board, author=make_member("Ada"))
    fix = make_fix(problem, author=make_member("Ben"))
    make_fix(problem, author=make_member("Not chosen"))
    make_co_author(fix, make_member("Cleo"))
    make_choice(fix, by=manager)
    make_co_author(fix, make_member("Dora"))
    assert parts(problem) == [
        (FactKind.ORIGIN, "Ada"),
        *((FactKind.FIX, name) for name in ("Ben", "Cleo", "Dora")),
    ]
    with transaction():
        unchoose_fix(actor_of(manager), get_idea_by_id(ROOT, fix.id, lock=True), reason="Another is better.")
    assert parts(problem) == [(FactKind.ORIGIN, "Ada")]


def test_reproducing_is_a_part_until_it_is_taken_back(board: Board) -> None:
    problem, ben = make_problem(board, author=make_member("Ada")), make_member("Ben")
    make_reproduction(problem, by=ben)
    assert parts(problem) == [(FactKind.ORIGIN, "Ada"), (FactKind.REPRODUCTION, "Ben")]
    with transaction():
        take_back_reproduction(actor_of(ben), get_idea_by_id(ROOT, problem.id, lock=True))
    assert parts(problem) == [(FactKind.ORIGIN, "Ada")]


def test_confirming_is_a_part_until_the_person_says_otherwise(board: Board) -> None:
    problem, ben = make_problem(board, author=make_member("Ada")), make_member("Ben")
    for member in (ben, *(make_member() for _ in range(9))):
        make_hit(problem, member)
    delivered = deliver(problem)
    make_confirmation(delivered, by=ben)
    assert (FactKind.CONFIRMATION, "Ben") in parts(problem)
    make_confirmation(delivered, by=ben, verdict=Verdict.NOT_FIXED, note="It came back this morning.")
    assert parts(problem) == [(FactKind.ORIGIN, "Ada")]


def test_who_takes_an_idea_over_joins_whoever_had_proposed_it(board: Board) -> None:
    idea = make_idea(board, author=make_member("Ada"))
    ben = make_co_author(idea, make_member("Ben"))
    make_adoption(idea, by=make_member("Cleo"))
    assert parts(idea) == [(FactKind.ORIGIN, "Ada"), (FactKind.ADOPTION, "Cleo"), (FactKind.CO_AUTHOR, "Ben")]
    make_adoption(idea, by=ben)
    assert set(parts(idea)) >= {(FactKind.ORIGIN, "Ada"), (FactKind.ADOPTION, "Cleo"), (FactKind.ADOPTION, "Ben")}
    assert not verify()


@dataclass(frozen=True, slots=True)
class Merged:
    """Two ideas that are one, and the merge."""

    origin: Idea
    target: Idea
    merge: Merge


@pytest.fixture
def merged(board: Board, manager: Member) -> Merged:
    """An idea that was merged into another, each with a co-author."""
    origin, target = make_idea(board, author=make_member("Ada")), make_idea(board, author=make_member("Ben"))
    make_co_author(origin, make_member("Cleo"))
    make_co_author(target, make_member("Dora"))
    return Merged(origin, target, make_merge(origin, target, by=manager))


def test_merging_moves_no_fact_and_its_origin_reads_as_one_of_the_target(merged: Merged) -> None:
    assert parts(merged.origin) == [(FactKind.ORIGIN, "Ada"), (FactKind.CO_AUTHOR, "Cleo")]
    assert parts(merged.target) == [
        (FactKind.ORIGIN, "Ben"),
        (FactKind.MERGED_ORIGIN, "Ada"),
        (FactKind.CO_AUTHOR, "Cleo"),
        (FactKind.CO_AUTHOR, "Dora"),
    ]
    origins = {part.member.name: part.idea_public_id for part in read(merged.target)}
    assert (origins["Cleo"], origins["Dora"]) == (merged.origin.public_id, merged.target.public_id)


def test_undoing_a_merge_leaves_every_fact_byte_for_byte(merged: Merged, manager: Member) -> None:
    before = stored()
    with transaction():
        undo_merge(actor_of(manager), session().get_one(Merge, merged.merge.id), reason="They differ after all.")
    assert stored() == before
    assert parts(merged.target) == [(FactKind.ORIGIN, "Ben"), (FactKind.CO_AUTHOR, "Dora")]


def test_parts_in_what_the_reader_may_not_see_are_not_told(merged: Merged) -> None:
    with transaction() as current:
        current.execute(
            update(Board)
            .where(Board.id == merged.origin.board_id)
            .values(audience=Audience.STAFF)
            .execution_options(synchronize_session=False)
        )
    assert parts(merged.target) == []


def test_parts_are_read_by_one_query_however_many_there_are(app: Flask, merged: Merged) -> None:
    idea = get_idea_by_id(ROOT, merged.target.id)
    with counted_queries(app) as statements:
        assert len(facts_of(VISITOR, idea)) == 4
    assert len(statements) == 1


def test_who_leaves_keeps_their_part_under_a_pseudonym(board: Board) -> None:
    ada, ben = make_member("Ada"), make_member("Ben")
    idea = make_idea(board, author=ada)
    make_co_author(idea, ben)
    make_reproduction(make_problem(board), by=ben)
    for member in (ada, ben):
        with transaction():
            erase_member(ROOT, session().get_one(Member, member.id), keeps_content=True, confirmation=member.handle)
    assert [kind for kind, _name in parts(idea)] == [FactKind.ORIGIN, FactKind.CO_AUTHOR]
    assert not {"Ada", "Ben"} & {name for _kind, name in parts(idea)}
    assert facts.wrong_totals() == []


def test_verifying_finds_and_repairs_a_fact_that_is_missing_too_much_or_of_another_moment(
    merged: Merged,
) -> None:
    before = stored()
    of_target = ContributionFact.idea_id == merged.target.id
    with transaction() as current:
        current.execute(delete(ContributionFact).where(of_target, ContributionFact.kind == FactKind.ORIGIN))
        moved = update(ContributionFact).where(of_target, ContributionFact.kind == FactKind.CO_AUTHOR)
        current.execute(moved.values(subject_id=999_999))
        early = update(ContributionFact).where(ContributionFact.idea_id == merged.origin.id)
        current.execute(early.values(happened_at=merged.merge.created_at))
    found = [difference.total for difference in verify().totals]
    assert sorted(found) == [
        *["contribution_fact.co_author"] * 3,
        *["contribution_fact.origin"] * 2,
    ]
    with transaction():
        facts.repair(idea_ids=[merged.target.id, merged.origin.id])
    assert stored() == before
    assert not verify()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(["join", "leave", "choose", "unchoose", "reproduce", "take back"]), max_size=8))
def test_whatever_happens_the_facts_are_what_the_record_says(board: Board, manager: Member, acts: list[str]) -> None:
    problem, ben = make_problem(board), make_member()
    fix = make_fix(problem)
    for act in acts:
        do(act, problem, fix, ben, manager)
    assert facts.wrong_totals() == []


def do(act: str, problem: Idea, fix: Idea, ben: Member, manager: Member) -> None:
    """Let one thing happen, where it can."""
    if act == "join":
        make_co_author(fix, ben)
    elif act == "choose":
        make_choice(fix, by=manager)
    elif act == "reproduce":
        make_reproduction(problem, by=ben)
    else:
        with transaction():
            current = get_idea_by_id(ROOT, problem.id if act == "take back" else fix.id, lock=True)
            if act == "leave":
                remove_author(current, ben.id)
            elif act == "unchoose":
                unchoose_fix(actor_of(manager), current, reason="Another is better.")
            else:
                take_back_reproduction(actor_of(ben), current)
