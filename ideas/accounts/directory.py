"""Looking members up, as those do who run the site: with their e-mail addresses, also inactive ones."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from ideas.accounts.models import Member, MemberKind, Organisation
from ideas.accounts.policy import require_admin
from ideas.core.db import session
from ideas.core.errors import NotFound
from ideas.core.pages import PAGE_SIZE, Page, after_name, page_of
from ideas.core.policy import Actor
from ideas.core.text import clean_line

SEARCH_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A member as admins see them."""

    id: int
    name: str
    handle: str
    email: str | None
    kind: MemberKind
    is_admin: bool
    is_active: bool
    organisation: str | None
    joined_at: datetime
    #: Somebody of the staff opened the account, and its owner has not come in yet.
    is_entered: bool


def get_entry(actor: Actor, handle: str) -> Member:
    """Return the member with this handle, also an inactive one. Raises SignInNeeded, Forbidden, NotFound."""
    require_admin(actor)
    member: Member | None = session().scalar(select(Member).where(Member.handle == handle.lower()))
    if member is None:
        raise NotFound
    return member


def list_entries(actor: Actor, *, begins: str = "", after: str | None = None, size: int = PAGE_SIZE) -> Page[Entry]:
    """Return a page of members by name.

    `begins`: how one of the words of the name, the handle or the e-mail address begins; empty: all of them.
    Raises SignInNeeded, Forbidden, Invalid for a cursor that is not ours.
    """
    require_admin(actor)
    query = (
        select(
            Member.id,
            Member.name,
            Member.handle,
            Member.email,
            Member.kind,
            Member.is_admin,
            Member.active.label("is_active"),
            Organisation.name.label("organisation"),
            Member.created_at.label("joined_at"),
            waits_for_owner().label("is_entered"),
        )
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .order_by(Member.name, Member.id)
        .limit(size + 1)
    )
    wanted = clean_line(begins[:SEARCH_MAX], least=0, most=SEARCH_MAX)
    if wanted:
        query = query.where(begins_with(wanted))
    if after:
        query = query.where(after_name(Member.name, Member.id, after))
    rows = [Entry(**row._mapping) for row in session().execute(query)]  # noqa: SLF001 - public by its documentation
    return page_of(rows, size=size, key=lambda entry: (entry.name, entry.id))


def waits_for_owner() -> ColumnElement[bool]:
    """Return whether somebody of the staff opened the account and its owner has not come in yet."""
    return and_(Member.entered_by_id.is_not(None), Member.confirmed_at.is_(None))


def begins_with(wanted: str) -> ColumnElement[bool]:
    """Return the condition that a word of a member's name, their handle or their address begins so."""
    return or_(is_named(wanted), Member.email.startswith(wanted.lower(), autoescape=True))


def is_named(wanted: str) -> ColumnElement[bool]:
    """Return the condition that a word of a member's name or their handle begins so; the address plays no part."""
    # One engine folds the case of ASCII only; so the text is looked for as typed, too.
    folded, name = wanted.lower(), func.lower(Member.name)
    return or_(
        name.startswith(folded, autoescape=True),
        name.contains(f" {folded}", autoescape=True),
        Member.name.startswith(wanted, autoescape=True),
        Member.name.contains(f" {wanted}", autoescape=True),
        Member.handle.startswith(folded.lstrip("@"), autoescape=True),
    )
