"""Makers of organisations."""

from itertools import count

from ideas.accounts.models import Member, Organisation
from ideas.accounts.organisations import OrganisationDraft, open_organisation, put_into_organisation
from ideas.core.db import transaction
from tests.factories.people import make_admin
from tests.factories.world import actor_of

_number = count(1)


def make_organisation(
    name: str | None = None, *, plan: str = "", annual_value: str = "", currency: str = "EUR", attributes: str = ""
) -> Organisation:
    """Return a new organisation."""
    draft = OrganisationDraft(
        name=name or f"Customer Number{next(_number)}",
        plan=plan,
        annual_value=annual_value,
        currency=currency,
        attributes=attributes,
    )
    boss = actor_of(make_admin())
    with transaction():
        return open_organisation(boss, draft)


def move(member: Member, organisation: Organisation | None) -> None:
    """Put a member into an organisation, or out of the one they are in."""
    boss = actor_of(make_admin())
    with transaction():
        put_into_organisation(boss, member, organisation)
