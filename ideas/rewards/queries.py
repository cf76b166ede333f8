"""Reading credit: of an idea, of members, and the statement of one member."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, true

from ideas.accounts.models import Member, Organisation
from ideas.accounts.queries import Person, person_columns, person_in
from ideas.core.db import session
from ideas.core.pages import PAGE_SIZE, Page, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.ideation.models import Idea
from ideas.ideation.queries import visible_to
from ideas.rewards.models import ISSUED_ID, Account, Contribution, ContributionKind, LedgerEntry, Settlement

_PERSON = person_columns()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """One contribution with its points."""

    member: Person
    kind: ContributionKind
    points: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledCredit:
    """The credit of an idea as it was confirmed; `contributions` is empty where nobody was credited."""

    settled_at: datetime
    rule_version: int
    contributions: Sequence[Credited]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One entry in a member's account. Title and address are None where the idea is not for the reader."""

    entry_id: int
    #: Points; above zero received, below zero given.
    amount: int
    #: None for entries that are no credit.
    kind: ContributionKind | None
    note: str
    booked_at: datetime
    idea_title: str | None
    idea_public_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPoints:
    """A member with the points they hold."""

    person: Person
    points: int


def find_settlement(idea_id: int) -> Settlement | None:
    """Return the settlement of an idea, or None."""
    return session().scalar(select(Settlement).where(Settlement.idea_id == idea_id))


def contributions_of(idea_id: int) -> list[Credited]:
    """Return the credited contributions of an idea, most points first; empty before credit is confirmed."""
    settled = find_settled_credit(idea_id)
    return list(settled.contributions) if settled else []


def find_settled_credit(idea_id: int) -> SettledCredit | None:
    """Return the confirmed credit of an idea, most points first, or None; in one query."""
    rows = session().execute(
        select(
            Settlement.created_at.label("settled_at"), Settlement.rule_version,
            Contribution.kind, Contribution.points, Contribution.note, *_PERSON,
        )
        .outerjoin(Contribution, Contribution.idea_id == Settlement.idea_id)
        .outerjoin(Member, Member.id == Contribution.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Settlement.idea_id == idea_id)
        .order_by(Contribution.points.desc(), Contribution.id)
    ).all()  # fmt: skip
    if not rows:
        return None
    credited = [
        Credited(member=person_in(row), kind=row.kind, points=row.points, note=row.note)
        for row in rows
        if row.member_id is not None
    ]
    return SettledCredit(settled_at=rows[0].settled_at, rule_version=rows[0].rule_version, contributions=credited)


def points_of(member_ids: Collection[int]) -> Mapping[int, int]:
    """Return the points each of the given members holds; those without any hold 0."""
    points = dict.fromkeys(member_ids, 0)
    if points:
        rows = session().execute(
            select(Account.member_id, Account.balance).where(Account.member_id.in_(set(member_ids)))
        )
        points |= {row.member_id: row.balance for row in rows if row.member_id is not None}
    return points


def list_statement(
    actor: Actor, member_id: int, *, after: str | None = None, size: int = PAGE_SIZE
) -> Page[StatementLine]:
    """Return the entries in a member's account, newest first, with the ideas that exist for the actor.

    Two queries. Whose account may be read is for the caller to decide. Raises Invalid for a cursor that is not ours.
    """
    account = select(Account.id).where(Account.member_id == member_id).scalar_subquery()
    received = LedgerEntry.credit_account_id == account
    query = (
        select(LedgerEntry, case((received, LedgerEntry.amount), else_=-LedgerEntry.amount).label("moved"))
        .where(received | (LedgerEntry.debit_account_id == account))
        .order_by(LedgerEntry.id.desc())
        .limit(size + 1)
    )
    if after:
        (last_id,) = decode_cursor(after, int)
        query = query.where(LedgerEntry.id < last_id)
    page = page_of(session().execute(query).all(), size=size, key=lambda row: (row.LedgerEntry.id,))
    seen = _seen_ideas(actor, {row.LedgerEntry.idea_id for row in page.items})
    return Page([_line(row.LedgerEntry, row.moved, seen) for row in page.items], page.next_cursor)


def list_people(*, after: str | None = None, size: int = PAGE_SIZE) -> Page[PersonPoints]:
    """Return the active members who hold points, most points first, then by who joined first.

    Raises Invalid for a cursor that is not ours.
    """
    query = (
        select(Account.balance, *_PERSON)
        .join(Member, Member.id == Account.member_id)
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Account.balance > 0, Member.active.is_(true()))
        .order_by(Account.balance.desc(), Member.id)
        .limit(size + 1)
    )
    if after:
        points, last_id = decode_cursor(after, int, int)
        query = query.where((Account.balance < points) | ((Account.balance == points) & (Member.id > last_id)))
    people = [PersonPoints(person=person_in(row), points=row.balance) for row in session().execute(query)]
    return page_of(people, size=size, key=lambda one: (one.points, one.person.id))


def count_credits() -> int:
    """Return how many contributions were credited on the whole site."""
    return session().scalar(select(func.count()).select_from(Contribution)) or 0


def count_points() -> int:
    """Return how many points were issued on the whole site."""
    issued = session().scalar(select(Account.balance).where(Account.id == ISSUED_ID))
    return -(issued or 0)


def _seen_ideas(actor: Actor, idea_ids: Collection[int | None]) -> Mapping[int | None, tuple[str, str]]:
    """Return title and public id of those of the given ideas that exist for the actor."""
    if not idea_ids:
        return {}
    rows = session().execute(
        select(Idea.id, Idea.title, Idea.public_id).join(Idea.board).where(Idea.id.in_(idea_ids), visible_to(actor))
    )
    return {row.id: (row.title, row.public_id) for row in rows}


def _line(entry: LedgerEntry, moved: int, seen: Mapping[int | None, tuple[str, str]]) -> StatementLine:
    title, public_id = seen.get(entry.idea_id, (None, None))
    return StatementLine(
        entry_id=entry.id,
        amount=moved,
        kind=ContributionKind(entry.key.rsplit(":", 1)[1]) if entry.key.startswith("credit:") else None,
        note=entry.note,
        booked_at=entry.created_at,
        idea_title=title,
        idea_public_id=public_id,
    )
