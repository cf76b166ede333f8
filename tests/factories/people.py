"""Makers of members."""

from itertools import count

from ideas.accounts.models import Member, MemberKind
from ideas.accounts.services import create_member
from ideas.core.db import transaction

_number = count(1)


def make_member(
    name: str | None = None, *, kind: MemberKind = MemberKind.CUSTOMER, organisation: str | None = None
) -> Member:
    """Return a new customer with an address."""
    n = next(_number)
    with transaction():
        return create_member(
            name=name or f"Member Number{n}", email=f"member{n}@example.org", kind=kind, organisation=organisation
        )


def make_staff(name: str | None = None) -> Member:
    """Return a new member of the company's staff, without any role."""
    return make_member(name, kind=MemberKind.STAFF)


def make_admin(name: str | None = None) -> Member:
    """Return a new admin of the site."""
    n = next(_number)
    with transaction():
        return create_member(
            name=name or f"Admin Number{n}", email=f"admin{n}@example.org", kind=MemberKind.STAFF, is_admin=True
        )
