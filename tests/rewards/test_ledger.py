"""The book of points: append-only, adding up, and told apart from a tampered one."""

from itertools import count

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from ideas.core.db import session, transaction
from ideas.rewards.ledger import book, credit_key, verify_ledger
from ideas.rewards.models import Account, Contribution, ContributionKind, LedgerEntry
from ideas.rewards.queries import count_points
from tests.factories import make_idea, make_member
from tests.factories.cocreation import deliver
from tests.factories.rewards import make_helped, make_settlement

_number = count(1)


def balances() -> dict[int | None, int]:
    return {row.member_id: row.balance for row in session().execute(select(Account.member_id, Account.balance))}


def book_some(member_id: int, amount: int, *, key: str | None = None) -> bool:
    key = key or f"test:{next(_number)}"
    with transaction():
        return book(key=key, member_id=member_id, amount=amount, idea_id=None, actor_id=None)


def test_an_entry_moves_points_from_the_issuing_account_to_the_member(app: Flask) -> None:
    member, noise = make_member(), make_member()
    book_some(noise.id, 7)
    book_some(member.id, 30)
    book_some(member.id, 12)
    assert balances() == {None: -49, noise.id: 7, member.id: 42}
    assert count_points() == 49


def test_the_same_key_is_booked_once(app: Flask) -> None:
    member = make_member()
    assert [book_some(member.id, 30, key="credit:once"), book_some(member.id, 30, key="credit:once")] == [True, False]
    assert balances() == {None: -30, member.id: 30}


@pytest.mark.parametrize(
    "change", [update(LedgerEntry).values(amount=1), delete(LedgerEntry)], ids=["update", "delete"]
)
def test_the_database_refuses_to_change_or_delete_an_entry(app: Flask, change: object) -> None:
    member = make_member()
    book_some(member.id, 30)
    with pytest.raises(DBAPIError, match="never changed"), transaction() as current:
        current.execute(change)  # type: ignore[call-overload]
    assert session().scalars(select(LedgerEntry.amount)).all() == [30]


@pytest.mark.parametrize("amount", [0, -5])
def test_the_database_refuses_amounts_that_are_not_above_zero(app: Flask, amount: int) -> None:
    member = make_member()
    with pytest.raises(DBAPIError):
        book_some(member.id, amount)
    assert balances() == {}


def test_there_is_one_issuing_account_only(app: Flask) -> None:
    book_some(make_member().id, 5)
    with pytest.raises(DBAPIError), transaction() as current:
        current.execute(text("INSERT INTO account (kind, balance) VALUES ('issued', 0)"))


def test_an_untouched_ledger_has_nothing_to_tell(app: Flask) -> None:
    assert verify_ledger() == []


def test_a_changed_balance_is_found(app: Flask) -> None:
    member = make_member()
    book_some(member.id, 30)
    with transaction() as current:
        current.execute(update(Account).where(Account.member_id == member.id).values(balance=31))
    account = session().scalars(select(Account.id).where(Account.member_id == member.id)).one()
    assert verify_ledger() == [
        f"balance of account {account}: stored 31, its entries give 30",
        "all balances together give 1 instead of 0",
    ]


def test_credit_without_an_entry_and_an_entry_without_credit_are_found(app: Flask) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager)
    idea, author, fixer = helped.problem.id, helped.author.id, helped.fixer.id
    with transaction() as current:
        current.execute(update(Contribution).where(Contribution.member_id == author).values(points=51))
        current.execute(delete(Contribution).where(Contribution.member_id == fixer))
    assert verify_ledger() == [
        f"entry {credit_key(idea, author, 'origin')}: credited 51 to member {author}, booked 50 to member {author}",
        f"entry {credit_key(idea, fixer, 'fix')}: credited nothing, booked 40 to member {fixer}",
    ]


def test_contributions_without_a_settlement_are_found(app: Flask) -> None:
    idea, member = deliver(make_idea()), make_member()
    with transaction() as current:
        current.add(Contribution(idea_id=idea.id, member_id=member.id, kind=ContributionKind.ORIGIN, points=0))
    assert verify_ledger() == [f"contributions of idea {idea.id}: there is no settlement"]


bookings = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 1_000), st.integers(0, 6)), max_size=12)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(booked=bookings)
def test_whatever_is_booked_in_whatever_order_balances_are_the_sums_of_entries(
    app: Flask, booked: list[tuple[int, int, int]]
) -> None:
    run, members = next(_number), [make_member().id for _ in range(4)]
    wanted = dict.fromkeys(members, 0)
    seen: set[int] = set()
    for index, amount, key in booked:
        is_new = book_some(members[index], amount, key=f"run:{run}:{key}")
        assert is_new == (key not in seen)
        seen.add(key)
        wanted[members[index]] += amount if is_new else 0
    stored = balances()
    assert {member: stored.get(member, 0) for member in members} == wanted
    assert sum(stored.values()) == 0
    assert verify_ledger() == []


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dropped=st.sets(st.integers(0, 4)), points=st.lists(st.integers(0, 1_000), min_size=5, max_size=5))
def test_random_settlements_keep_the_ledger_in_balance(app: Flask, dropped: set[int], points: list[int]) -> None:
    helped = make_helped()
    make_settlement(helped.problem, by=helped.manager, points=points, dropped=dropped)
    assert verify_ledger() == []
    assert session().scalar(select(func.sum(Account.balance))) in {0, None}
    kept = sum(points[index] for index in range(5) if index not in dropped)
    credited = session().scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(LedgerEntry.idea_id == helped.problem.id)
    )
    assert credited == kept
