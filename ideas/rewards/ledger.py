"""The append-only book of points. Every entry moves points from one account to another.

Balances change with the entries, by statements that add: nobody reads a balance in order to write it. The
database itself refuses to change or delete an entry; what was wrong is put right by another entry.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import case, func, select, update

from ideas.core import clock
from ideas.core.db import session
from ideas.core.sql import insert_or_skip
from ideas.rewards.models import ISSUED_ID, Account, AccountKind, Contribution, LedgerEntry, Settlement


def credit_key(idea_id: int, member_id: int, kind: str) -> str:
    """Return the key under which the credit of one contribution is booked, once."""
    return f"credit:{idea_id}:{member_id}:{kind}"


def book(
    *,
    key: str,
    member_id: int,
    amount: int,
    idea_id: int | None,
    actor_id: int | None,
    note: str = "",
    moment: datetime | None = None,
) -> bool:
    """Issue `amount` points (more than 0) to a member. Returns whether it was booked now; a key is booked once.

    `moment`: when it was decided, by default now. The caller holds the transaction. All bookings change the
    issuing account first, so that two of them cannot wait for each other.
    """
    member_account = _member_account(member_id)
    _issuing_account()
    values = {
        "key": key,
        "debit_account_id": ISSUED_ID,
        "credit_account_id": member_account,
        "amount": amount,
        "idea_id": idea_id,
        "actor_id": actor_id,
        "note": note,
        "created_at": moment or clock.now(),
    }
    if not insert_or_skip(LedgerEntry, values, unique=["key"]):
        return False
    _add(ISSUED_ID, -amount)
    _add(member_account, +amount)
    return True


def verify_ledger() -> list[str]:
    """Return what does not add up in the ledger, in words with keys; empty where all is well. Mends nothing."""
    return [*_wrong_balances(), *_wrong_sum(), *_wrong_credits(), *_unsettled()]


def _member_account(member_id: int) -> int:
    chosen = select(Account.id).where(Account.member_id == member_id)
    found = session().scalar(chosen)
    if found is None:
        values = {"kind": AccountKind.MEMBER, "member_id": member_id, "balance": 0}
        insert_or_skip(Account, values, unique=["member_id"])
        found = session().scalars(chosen).one()
    return found


def _issuing_account() -> None:
    values = {"id": ISSUED_ID, "kind": AccountKind.ISSUED, "member_id": None, "balance": 0}
    insert_or_skip(Account, values, unique=["id"])


def _add(account_id: int, amount: int) -> None:
    statement = update(Account).where(Account.id == account_id).values(balance=Account.balance + amount)
    # An account held by the session would be stale; balances are always read anew.
    session().execute(statement.execution_options(synchronize_session=False))


def _wrong_balances() -> Iterator[str]:
    moved = func.coalesce(
        func.sum(case((LedgerEntry.credit_account_id == Account.id, LedgerEntry.amount), else_=-LedgerEntry.amount)), 0
    )
    touches = (LedgerEntry.credit_account_id == Account.id) | (LedgerEntry.debit_account_id == Account.id)
    rows = session().execute(
        select(Account.id, Account.balance, moved.label("moved"))
        .outerjoin(LedgerEntry, touches)
        .group_by(Account.id, Account.balance)
        .having(Account.balance != moved)
        .order_by(Account.id)
    )
    for row in rows:
        yield f"balance of account {row.id}: stored {row.balance}, its entries give {row.moved}"


def _wrong_sum() -> Iterator[str]:
    total = session().scalar(select(func.coalesce(func.sum(Account.balance), 0)))
    if total:
        yield f"all balances together give {total} instead of 0"


def _wrong_credits() -> Iterator[str]:
    credited = _credited()
    booked = _booked()
    for key in sorted(credited.keys() | booked.keys()):
        if credited.get(key) != booked.get(key):
            yield f"entry {key}: credited {credited.get(key, 'nothing')}, booked {booked.get(key, 'nothing')}"


def _credited() -> dict[str, str]:
    """Return what each contribution must have moved, by key; contributions of 0 points move nothing."""
    rows = session().execute(
        select(Contribution.idea_id, Contribution.member_id, Contribution.kind, Contribution.points).where(
            Contribution.points > 0
        )
    )
    return {credit_key(row.idea_id, row.member_id, row.kind): f"{row.points} to member {row.member_id}" for row in rows}


def _booked() -> dict[str, str]:
    rows = session().execute(
        select(LedgerEntry.key, LedgerEntry.amount, Account.member_id)
        .join(Account, Account.id == LedgerEntry.credit_account_id)
        .where(LedgerEntry.key.startswith("credit:"))
    )
    return {row.key: f"{row.amount} to member {row.member_id}" for row in rows}


def _unsettled() -> Iterator[str]:
    settled = select(Settlement.idea_id)
    query = select(Contribution.idea_id).where(Contribution.idea_id.not_in(settled)).distinct()
    for idea_id in session().scalars(query.order_by(Contribution.idea_id)):
        yield f"contributions of idea {idea_id}: there is no settlement"
