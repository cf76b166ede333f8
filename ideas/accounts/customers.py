"""Customers as those of the staff find them who enter something in their name, and accounts opened for them.

Who may do so on which board is for the floors above to say.
"""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError

from ideas.accounts.audit import note
from ideas.accounts.directory import SEARCH_MAX, begins_with, waits_for_owner
from ideas.accounts.models import NAME_MAX, Member, MemberKind, Organisation
from ideas.accounts.names import normal_name, refuse_look_alikes
from ideas.accounts.queries import find_member_by_email
from ideas.accounts.services import create_member
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Conflict, Invalid
from ideas.core.fields import Fields
from ideas.core.policy import Actor
from ideas.core.text import clean_line

#: So many are offered; whoever is not among them is found by typing more.
OFFERED = 8
#: One letter names nobody.
LEAST_TYPED = 2
ADDRESS_MAX = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A customer who may be meant, as staff see them."""

    handle: str
    name: str
    email: str | None
    organisation: str | None
    #: Somebody of the staff opened the account, and its owner has not come in yet.
    is_entered: bool


def find_customers(typed: str, *, size: int = OFFERED) -> list[Candidate]:
    """Return active customers whose name, handle or address begins so, by name; empty where too little is typed.

    Mail addresses are part of it: the caller has seen that staff ask.
    """
    wanted = clean_line(typed[:SEARCH_MAX], least=0, most=SEARCH_MAX)
    if len(wanted) < LEAST_TYPED:
        return []
    query = (
        select(
            Member.handle,
            Member.name,
            Member.email,
            Organisation.name.label("organisation"),
            waits_for_owner().label("is_entered"),
        )
        .outerjoin(Organisation, Organisation.id == Member.organisation_id)
        .where(begins_with(wanted), *_customers())
        .order_by(Member.name, Member.id)
        .limit(size)
    )
    return [Candidate(**row._mapping) for row in session().execute(query)]  # noqa: SLF001 - public by its documentation


def get_customer(handle: str) -> Member:
    """Return the customer with this handle. Raises Invalid (customer) where there is none, or they are staff."""
    wanted = handle.strip().lstrip("@").lower()
    found = session().scalar(select(Member).where(Member.handle == wanted)) if wanted else None
    if found is None or found.erased_at is not None:
        raise Invalid({"customer": _("Choose one of the customers, or enter a new one.")})
    return _welcome(found)


def enter_customer(actor: Actor, *, name: str, email: str) -> Member:
    """Return the customer with this address, with a new account where nobody has it yet.

    Nobody can sign in to a new account but by a code or link that is mailed to the address. Whoever calls has asked
    whether the actor may. Raises Invalid (new_name, new_email).
    """
    address = _checked(name, email)
    known = find_member_by_email(address)
    if known is not None:
        return _welcome(known, field="new_email")
    try:
        with session().begin_nested():
            member = create_member(name=name, email=address)
    except IntegrityError:
        # Somebody else has entered the same address at this moment.
        known = find_member_by_email(address)
        if known is None:
            raise Conflict from None
        return _welcome(known, field="new_email")
    member.entered_by_id = actor.member_id
    session().flush()
    note(actor, "customer.entered", member_id=member.id, subject="member", subject_id=member.id)
    return member


def confirm_entered(member_id: int) -> None:
    """Note that the owner of an account that staff opened has come in; nothing where that is known."""
    waiting = (Member.id == member_id, Member.entered_by_id.is_not(None), Member.confirmed_at.is_(None))
    session().execute(update(Member).where(*waiting).values(confirmed_at=clock.now()))


def _checked(name: str, email: str) -> str:
    fields = Fields()
    refuse_look_alikes(fields, fields.line("new_name", normal_name(name), least=2, most=NAME_MAX), field="new_name")
    address = ""
    try:
        address = validate_email(email.strip()[:ADDRESS_MAX], check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        fields.refuse("new_email", _("This is no mail address."))
    fields.done()
    return address


def _welcome(member: Member, *, field: str = "customer") -> Member:
    """Return the member where something may be entered in their name. Raises Invalid beside the field."""
    if member.kind is MemberKind.STAFF or member.is_admin:
        raise Invalid({field: _("They work for the company and speak for themselves.")})
    if not member.active:
        raise Invalid({field: _("This account is closed.")})
    return member


def _customers() -> tuple[ColumnElement[bool], ...]:
    return (
        Member.kind != MemberKind.STAFF,
        Member.is_admin.is_(False),
        Member.active.is_(True),
        Member.erased_at.is_(None),
    )
