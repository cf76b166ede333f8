"""Reading members."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ideas.accounts.models import Member, MemberKind, Organisation
from ideas.core.db import session
from ideas.core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How a member is shown to everybody: never the e-mail address."""

    id: int
    name: str
    handle: str
    is_staff: bool
    organisation: str | None

    @property
    def initials(self) -> str:
        """First letters of the first and the last word of the name."""
        return initials_of(self.name)


def initials_of(name: str) -> str:
    """Return up to two capital letters for an avatar; empty for an empty name."""
    words = name.split()
    return "".join(word[0] for word in (words if len(words) < 2 else [words[0], words[-1]])).upper()


def person_columns() -> tuple[Any, ...]:
    """Return the columns that `person_in` reads. The query joins the member, and Organisation for the last of them."""
    return (
        Member.id.label("member_id"),
        Member.name.label("member_name"),
        Member.handle,
        Member.kind.label("member_kind"),
        Organisation.name.label("organisation"),
    )


def person_in(row: Any) -> Person:
    """Return the person in a row with the columns of `person_columns`; the caller has seen that there is one."""
    return Person(
        id=row.member_id,
        name=row.member_name,
        handle=row.handle,
        is_staff=row.member_kind is MemberKind.STAFF,
        organisation=row.organisation,
    )


def people_of(ids: Collection[int]) -> Mapping[int, Person]:
    """Return the people with the given ids by id; unknown ids are absent."""
    if not ids:
        return {}
    rows = session().execute(
        select(Member.id, Member.name, Member.handle, Member.kind, Organisation.name.label("organisation"))
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(Member.id.in_(set(ids)))
    )
    return {
        row.id: Person(
            id=row.id,
            name=row.name,
            handle=row.handle,
            is_staff=row.kind is MemberKind.STAFF,
            organisation=row.organisation,
        )
        for row in rows
    }


def get_member_by_handle(handle: str) -> Member:
    """Return the active member with this handle. Raises NotFound."""
    query = select(Member).where(Member.handle == handle.lower(), Member.active.is_(True))
    member: Member | None = session().scalar(query)
    if member is None:
        raise NotFound
    return member


def find_member_by_email(email: str) -> Member | None:
    """Return the member with this address, whatever its case, or None."""
    found: Member | None = session().scalar(select(Member).where(Member.email == email.strip().lower()))
    return found
