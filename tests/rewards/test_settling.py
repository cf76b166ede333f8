"""Confirming credit: who may, what is booked, and that it happens once."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.accounts.models import Member
from ideas.accounts.services import create_member
from ideas.boards.models import Audience, Role
from ideas.boards.services import grant_role
from ideas.core.db import session, transaction
from ideas.core.errors import Conflict, Forbidden, Invalid, NotFound, SignInNeeded
from ideas.core.events import Event
from ideas.core.policy import VISITOR
from ideas.ideation.models import Category
from ideas.ideation.queries import get_idea_by_id
from ideas.rewards.events import CreditSettled
from ideas.rewards.ledger import verify_ledger
from ideas.rewards.models import Contribution, ContributionKind, LedgerEntry, Settlement
from ideas.rewards.queries import contributions_of, find_settlement, points_of
from ideas.rewards.rule import VERSION
from ideas.rewards.services import CreditLine, proposals_for, settle_credit
from tests.factories import actor_of, make_board, make_fix, make_idea, make_member, make_staff
from tests.factories.cocreation import deliver, move_to
from tests.factories.rewards import make_helped, make_settlement
from tests.factories.world import ROOT


def rows() -> tuple[int, int, int]:
    return tuple(  # type: ignore[return-value]
        session().scalar(select(func.count()).select_from(table)) for table in (Settlement, Contribution, LedgerEntry)
    )


def test_the_product_manager_settles_and_everybody_has_their_points(app: Flask) -> None:
    helped = make_helped()
    settlement = make_settlement(helped.problem, by=helped.manager)
    assert (settlement.actor_id, settlement.rule_version) == (helped.manager.id, VERSION)
    ids = [helped.author.id, helped.fixer.id, helped.hit.id, helped.witness.id, helped.noise[0].id]
    assert list(points_of(ids).values()) == [50, 40, 15, 10, 0]
    assert [credited.points for credited in contributions_of(helped.problem.id)] == [50, 40, 10, 10, 5]
    assert verify_ledger() == []


def test_points_can_be_changed_and_lines_left_out(app: Flask) -> None:
    helped = make_helped()
    lines = [
        CreditLine(helped.author.id, ContributionKind.ORIGIN, 80, "Found it, and how to see it."),
        CreditLine(helped.hit.id, ContributionKind.CONFIRMATION, 0),
    ]
    with transaction():
        settle_credit(actor_of(helped.manager), helped.problem, lines=lines)
    credited = contributions_of(helped.problem.id)
    assert [(one.member.id, one.points, one.note) for one in credited] == [
        (helped.author.id, 80, "Found it, and how to see it."),
        (helped.hit.id, 0, ""),
    ]
    assert points_of([helped.author.id, helped.hit.id, helped.fixer.id]) == {
        helped.author.id: 80, helped.hit.id: 0, helped.fixer.id: 0,
    }  # fmt: skip
    assert rows() == (1, 2, 1)
    assert verify_ledger() == []


def test_it_is_announced_with_everybody_credited_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    helped, heard = make_helped(), list[Event]()
    monkeypatch.setattr("ideas.rewards.services.publish", heard.append)
    settlement = make_settlement(helped.problem, by=helped.manager)
    credited = (helped.author.id, helped.fixer.id, helped.hit.id, helped.witness.id)
    assert heard == [
        CreditSettled(
            actor_id=helped.manager.id,
            idea_id=helped.problem.id,
            settlement_id=settlement.id,
            member_ids=tuple(sorted(credited)),
        )
    ]


def test_credit_is_settled_once(app: Flask) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    with pytest.raises(Conflict):
        make_settlement(helped.problem, by=helped.manager)
    assert rows() == (1, 5, 5)


def test_nobody_to_credit_still_settles(app: Flask) -> None:
    owner = make_staff()
    idea = deliver(make_idea(make_board(owner=owner), author=owner))
    make_settlement(idea, by=owner)
    assert find_settlement(idea.id) is not None
    assert contributions_of(idea.id) == []


def test_nobody_grants_points_to_themselves(app: Flask) -> None:
    with transaction():
        manager = create_member(name="An admin who is a customer", email=None, is_admin=True)
    idea = deliver(make_idea(author=manager))
    assert proposals_for(actor_of(manager), idea) == []
    assert [one.member.id for one in proposals_for(ROOT, idea)] == [manager.id]
    with pytest.raises(Forbidden), transaction():
        settle_credit(actor_of(manager), idea, lines=[CreditLine(manager.id, ContributionKind.ORIGIN, 50)])
    assert rows() == (0, 0, 0)


@pytest.mark.parametrize("who", ["author", "fixer", "stranger", "moderator", "staff without a role", "other manager"])
def test_others_may_not_settle(app: Flask, who: str) -> None:
    helped, other = make_helped(), make_staff()
    make_board(owner=other)
    people: dict[str, Member] = {
        "author": helped.author,
        "fixer": helped.fixer,
        "stranger": make_member(),
        "moderator": make_member(),
        "staff without a role": make_staff(),
        "other manager": other,
    }
    with transaction():
        grant_role(ROOT, board=helped.board, member_id=people["moderator"].id, role=Role.MODERATOR)
    actor = actor_of(people[who])
    with pytest.raises(Forbidden), transaction():
        settle_credit(actor, helped.problem, lines=[])
    assert rows() == (0, 0, 0)


def test_a_visitor_is_asked_to_sign_in(app: Flask) -> None:
    idea = deliver(make_idea())
    with pytest.raises(SignInNeeded), transaction():
        settle_credit(VISITOR, idea, lines=[])


def test_a_board_for_staff_does_not_exist_for_customers(app: Flask) -> None:
    staff = make_staff()
    idea = deliver(make_idea(make_board(audience=Audience.STAFF), author=staff))
    customer = actor_of(make_member())
    with pytest.raises(NotFound):
        get_idea_by_id(customer, idea.id)
    with pytest.raises(Forbidden), transaction():
        settle_credit(customer, idea, lines=[])


@pytest.mark.parametrize("category", [each for each in Category if each is not Category.DELIVERED])
def test_only_delivered_ideas_are_settled(app: Flask, category: Category) -> None:
    idea = make_idea()
    if category is not Category.OPEN:
        move_to(idea, category)
    with pytest.raises(Conflict), transaction():
        settle_credit(ROOT, idea, lines=[])
    assert rows() == (0, 0, 0)


def test_a_fix_is_credited_with_its_problem(app: Flask) -> None:
    fix = deliver(make_fix())
    with pytest.raises(Conflict), transaction():
        settle_credit(ROOT, fix, lines=[])


def test_only_what_the_record_proposes_is_credited(app: Flask) -> None:
    helped = make_helped()
    manager = actor_of(helped.manager)
    idle, author = helped.noise[0].id, helped.author.id
    for lines in (
        [CreditLine(idle, ContributionKind.ORIGIN, 50)],
        [CreditLine(author, ContributionKind.FIX, 40)],
        [CreditLine(author, ContributionKind.ORIGIN, 50)] * 2,
        [CreditLine(10**9, ContributionKind.ORIGIN, 50)],
    ):
        with pytest.raises(Invalid) as refused, transaction():
            settle_credit(manager, helped.problem, lines=lines)
        assert set(refused.value.errors) == {"lines"}
    assert rows() == (0, 0, 0)


@pytest.mark.parametrize("points", [-1, 1_001, 10**30])
def test_points_out_of_range_are_refused(app: Flask, points: int) -> None:
    helped = make_helped()
    line = CreditLine(helped.author.id, ContributionKind.ORIGIN, points)
    with pytest.raises(Invalid) as refused, transaction():
        settle_credit(actor_of(helped.manager), helped.problem, lines=[line])
    assert set(refused.value.errors) == {f"points-origin-{helped.author.id}"}
    assert rows() == (0, 0, 0)
