"""People who come in by the word of somebody else: the company's own app, or a provider of identities.

Who they are is (issuer, subject) alone. An e-mail address joins them to an account that is here already only where
it is proven on both sides; else whoever writes an address into a claim would own the account of its owner.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select

from ideas.accounts.audit import note
from ideas.accounts.events import MemberChanged, OrganisationChanged
from ideas.accounts.models import NAME_MAX, ORGANISATION_MAX, Identity, Member, MemberKind, Organisation
from ideas.accounts.services import create_member
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Forbidden, Invalid
from ideas.core.events import publish
from ideas.core.policy import VISITOR, Actor
from ideas.core.text import Refused, clean_line

#: Shown where the other side knows no name that could be.
NAMELESS = "Member"
PLAN_MAX = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationClaim:
    """What the company's own app says of the organisation somebody belongs to."""

    external_id: str
    name: str
    plan: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody at the door, as the other side describes them; every word of it is vouched for by its signature."""

    issuer: str
    subject: str
    #: Whose word it is, as `source` of organisations.
    source: str
    name: str = ""
    email: str | None = None
    is_email_verified: bool = False
    organisation: OrganisationClaim | None = None
    #: Whether the other side says that they work for the company.
    is_staff: bool = False


def find_match(actor: Actor, arrival: Arrival, *, takes_staff: bool) -> Member | None:
    """Return the member who comes, or None where they are new.

    `takes_staff`: whether accounts of staff and admins may come this way at all. Raises Forbidden, with words, where
    the account may not, or is not yet proven to be theirs.
    """
    member = _known(arrival)
    if member is not None:
        _require_welcome(member, takes_staff=takes_staff)
        return member
    member = _by_address(arrival)
    if member is None:
        return None
    is_company = member.is_staff or member.is_admin
    if is_company:
        _require_welcome(member, takes_staff=takes_staff)
    if arrival.is_email_verified and actor.member_id == member.id:
        return member
    if not arrival.is_email_verified and not is_company:
        return None
    if is_company or member.password is not None or _has_identity(member, arrival.issuer):
        raise Forbidden(_("There is an account with this address already. Sign in to it first, then come again."))
    _require_welcome(member, takes_staff=takes_staff)
    return member


def admit(actor: Actor, arrival: Arrival, *, takes_staff: bool, creates: bool = True) -> Member:
    """Return the member who comes, made where they are new, tied to their identity. Raises Forbidden, with words.

    Nobody becomes an admin by this.
    """
    member = find_match(actor, arrival, takes_staff=takes_staff)
    if member is None:
        if not creates:
            raise Forbidden(_("Nobody here is known by that account. Ask to be invited."))
        member = _create(arrival)
    _tie(member, arrival)
    if arrival.is_staff and takes_staff:
        _make_staff(member, arrival)
    if arrival.organisation is not None:
        _place(member, _organisation_of(arrival.source, arrival.organisation))
    session().flush()
    publish(MemberChanged(actor_id=None, member_id=member.id))
    return member


def _place(member: Member, organisation: Organisation) -> None:
    member.organisation_id = organisation.id
    if session().is_modified(organisation):
        session().flush()
        publish(OrganisationChanged(actor_id=None, organisation_id=organisation.id))


def _known(arrival: Arrival) -> Member | None:
    same = (Identity.issuer == arrival.issuer) & (Identity.subject == arrival.subject)
    return session().scalar(select(Member).join(Identity, Identity.member_id == Member.id).where(same))


def _by_address(arrival: Arrival) -> Member | None:
    if not arrival.email:
        return None
    return session().scalar(select(Member).where(Member.email == arrival.email))


def _has_identity(member: Member, issuer: str) -> bool:
    theirs = (Identity.member_id == member.id) & (Identity.issuer == issuer)
    return session().scalar(select(Identity.id).where(theirs)) is not None


def _require_welcome(member: Member, *, takes_staff: bool) -> None:
    if not member.active or member.erased_at is not None:
        raise Forbidden(_("This account is closed. Ask whoever runs this place."))
    if not takes_staff and (member.is_staff or member.is_admin):
        raise Forbidden(_("This account belongs to the company's staff. It cannot come in from an app; sign in here."))


def _create(arrival: Arrival) -> Member:
    # An address nobody has proven is not kept: it would stand in the way of its owner.
    email = arrival.email if arrival.is_email_verified else None
    try:
        member = create_member(name=_name_of(arrival), email=email, is_self_named=not arrival.is_staff)
    except Invalid:
        member = create_member(name=NAMELESS, email=email)
    if email is not None:
        member.confirmed_at = clock.now()
    return member


def _name_of(arrival: Arrival) -> str:
    try:
        return clean_line(arrival.name, least=2, most=NAME_MAX)
    except Refused:
        return NAMELESS


def _tie(member: Member, arrival: Arrival) -> None:
    if _known(arrival) is not None:
        return
    identity = Identity(member_id=member.id, issuer=arrival.issuer, subject=arrival.subject)
    session().add(identity)
    session().flush()
    after = {"issuer": arrival.issuer}
    note(VISITOR, "identity.tied", member_id=member.id, subject="identity", subject_id=identity.id, after=after)


def _make_staff(member: Member, arrival: Arrival) -> None:
    if member.is_staff:
        return
    before, member.kind = member.kind, MemberKind.STAFF
    note(
        VISITOR,
        "standing.changed",
        member_id=member.id,
        before={"kind": before},
        after={"kind": member.kind, "issuer": arrival.issuer},
    )


def _organisation_of(source: str, claim: OrganisationClaim) -> Organisation:
    known = or_(Organisation.source == source, Organisation.source.is_(None))
    found = session().scalar(
        select(Organisation)
        .where(Organisation.external_id == claim.external_id, known)
        .order_by(Organisation.source.is_(None), Organisation.id)
        .limit(1)
    )
    if found is None:
        found = _adopt(source, claim)
    found.plan = claim.plan
    return found


def _adopt(source: str, claim: OrganisationClaim) -> Organisation:
    """Return the organisation of this name that no other id names, or a new one."""
    same = session().scalar(select(Organisation).where(Organisation.name == claim.name))
    if same is not None and same.external_id is None:
        same.source, same.external_id = source, claim.external_id
        return same
    name = claim.name if same is None else f"{claim.name[: ORGANISATION_MAX - 40]} ({claim.external_id[:30]})"
    organisation = Organisation(name=name, source=source, external_id=claim.external_id)
    session().add(organisation)
    session().flush()
    return organisation
