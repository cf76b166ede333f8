"""Addresses to which nothing is sent because a mail server refused them: who reads of it, and who lets it be tried."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ideas.accounts.audit import note
from ideas.accounts.models import Member
from ideas.accounts.policy import require_admin
from ideas.core import suppression
from ideas.core.db import session
from ideas.core.pages import PAGE_SIZE, Page, decode_cursor, page_of
from ideas.core.policy import Actor
from ideas.core.suppression import SuppressedAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A refused address, and the member whose it is; None: nobody's here."""

    id: int
    address: str
    reason: str
    refused_at: datetime
    times: int
    name: str | None = None
    handle: str | None = None


def list_refused(actor: Actor, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Refused]:
    """Return a page of refused addresses, the latest ones first. Raises Forbidden, Invalid for a foreign cursor."""
    require_admin(actor)
    query = (
        select(SuppressedAddress, Member.name, Member.handle)
        .outerjoin(Member, Member.email == SuppressedAddress.address)
        .order_by(SuppressedAddress.id.desc())
        .limit(size + 1)
    )
    if after:
        (last_id,) = decode_cursor(after, int)
        query = query.where(SuppressedAddress.id < last_id)
    rows = [_refused(row, name=name, handle=handle) for row, name, handle in session().execute(query)]
    return page_of(rows, size=size, key=lambda one: (one.id,))


def find_own_refusal(actor: Actor) -> Refused | None:
    """Return what is known of the actor's own address, or None where mails arrive. Raises SignInNeeded."""
    address = _own_address(actor)
    row = suppression.find_suppressed(address) if address else None
    return _refused(row) if row is not None else None


def try_refused_again(actor: Actor, refused_id: int) -> bool:
    """Send to a refused address again; it is on record. Returns False where it is not refused. Raises Forbidden."""
    require_admin(actor)
    row = session().get(SuppressedAddress, refused_id)
    if row is None:
        return False
    member_id = session().scalar(select(Member.id).where(Member.email == row.address))
    note(actor, "address.tried_again", member_id=member_id, subject="suppressed_address", subject_id=row.id)
    suppression.lift(row.address)
    return True


def try_own_again(actor: Actor) -> None:
    """Send to the actor's own address again; harmless where mails arrive. Raises SignInNeeded."""
    address = _own_address(actor)
    if address:
        suppression.lift(address)


def _own_address(actor: Actor) -> str | None:
    return session().scalar(select(Member.email).where(Member.id == actor.require_member()))


def _refused(row: SuppressedAddress, *, name: str | None = None, handle: str | None = None) -> Refused:
    return Refused(
        id=row.id,
        address=row.address,
        reason=row.reason,
        refused_at=row.refused_at,
        times=row.times,
        name=name,
        handle=handle,
    )
