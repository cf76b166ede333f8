"""What follows when people and organisations change: who belongs to which segment."""

from sqlalchemy import select

from ideas.accounts.events import MemberChanged, OrganisationChanged
from ideas.accounts.membership import recompute
from ideas.accounts.models import Member
from ideas.core.db import session


def on_member_changed(event: MemberChanged) -> None:
    """The segments look at them anew."""
    recompute(member_ids=[event.member_id])


def on_organisation_changed(event: OrganisationChanged) -> None:
    """The segments look at all its members anew."""
    belonging = select(Member.id).where(Member.organisation_id == event.organisation_id)
    recompute(member_ids=list(session().scalars(belonging)))
