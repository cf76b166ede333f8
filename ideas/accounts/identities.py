"""People who come in by the word of somebody else: the company's own app, or a provider of identities.

Who they are is (issuer, subject) alone. An e-mail address joins them to an account that is here already only where
it is proven on both sides; else whoever writes an address into a claim would own the account of its owner.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from email_validator import EmailNotValidError, validate_email
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select

from ideas.accounts.audit import note
from ideas.accounts.events import MemberChanged, OrganisationChanged
from ideas.accounts.lent import lend, take_back
from ideas.accounts.models import NAME_MAX, ORGANISATION_MAX, Identity, Member, Organisation, Passkey
from ideas.accounts.services import create_member
from ideas.accounts.sessions import end_sessions, rotate_sessions
from ideas.core import clock
from ideas.core.db import session
from ideas.core.errors import Forbidden, Invalid
from ideas.core.events import publish
from ideas.core.policy import VISITOR, Actor
from ideas.core.text import Refused, clean_line
from ideas.core.versions import SITE, touch

#: Shown where the other side knows no name that could be.
NAMELESS = "Member"
PLAN_MAX = 40
EMAIL_MAX = 254

#: Says why no account is made for somebody new with this proven address (None: without one); None where one is.
Rule: TypeAlias = Callable[[str | None], LazyString | str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationClaim:
    """What the other side says of the organisation somebody belongs to."""

    name: str
    #: How the other side calls it; None: by its name.
    external_id: str | None = None
    #: None: nothing is said of it.
    plan: str | None = None
    #: Whether it holds for people who belong to an organisation already.
    is_binding: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody at the door, as the other side describes them; every word of it is vouched for by its signature."""

    issuer: str
    subject: str
    #: Whose word it is, as `source` of organisations and `via` of sessions.
    source: str
    name: str = ""
    email: str | None = None
    is_email_verified: bool = False
    organisation: OrganisationClaim | None = None
    #: Whether the other side says that they work for the company.
    is_staff: bool = False

    @property
    def proven_email(self) -> str | None:
        """Their address, where the other side has proven it."""
        return self.email if self.is_email_verified else None


def plain_address(text: str) -> str | None:
    """Return an address as it is stored; None for what is none.

    Only of plain letters: some others turn into those of somebody else's address when they are made small.
    """
    text = text.strip()
    if not text.isascii() or len(text) > EMAIL_MAX:
        return None
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def find_match(actor: Actor, arrival: Arrival, *, takes_staff: bool) -> Member | None:
    """Return the member who comes, or None where they are new.

    `takes_staff`: whether accounts of staff and admins may come this way at all. Raises Forbidden, with words, where
    the account may not, or is not yet proven to be theirs.
    """
    tie = find_tie(arrival.issuer, arrival.subject)
    if tie is not None:
        known = session().get_one(Member, tie.member_id)
        _require_welcome(known, takes_staff=takes_staff)
        return known
    member = _by_address(arrival.email)
    if member is None:
        return None
    is_company = member.is_staff or member.is_admin
    if is_company:
        _require_welcome(member, takes_staff=takes_staff)
    if arrival.is_email_verified and actor.member_id == member.id:
        return member
    if not arrival.is_email_verified and not is_company:
        return None
    if is_company or _has_own_key(member):
        raise Forbidden(_("There is an account with this address already. Sign in to it first, then come again."))
    _require_welcome(member, takes_staff=takes_staff)
    return member


def admit(actor: Actor, arrival: Arrival, *, takes_staff: bool, refuses_new: Rule) -> Member:
    """Return the member who comes, made where they are new, tied to their identity. Raises Forbidden, with words.

    Being staff by a group is given and taken back here; nobody becomes an admin by this.
    """
    member = find_match(actor, arrival, takes_staff=takes_staff)
    if member is None:
        refusal = refuses_new(arrival.proven_email)
        if refusal is not None:
            raise Forbidden(refusal)
        member = _create(arrival)
    before = _facts(member)
    identity = _tie(member, arrival)
    _fill_in(member, arrival)
    if takes_staff:
        (lend if arrival.is_staff else take_back)(member, identity)
    if arrival.organisation is not None:
        _place(member, arrival.source, arrival.organisation)
    session().flush()
    _announce(member, before)
    return member


def find_tie(issuer: str, subject: str) -> Identity | None:
    """Return what ties a member to the name under which somebody knows them, or None."""
    return session().scalar(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject))


def _facts(member: Member) -> tuple[object, ...]:
    """Return by what segments choose, and what decides on rights."""
    return member.email, member.kind, member.organisation_id


def _announce(member: Member, before: tuple[object, ...]) -> None:
    after = _facts(member)
    if after == before:
        return
    if after[1:] != before[1:]:
        rotate_sessions(member.id)
    publish(MemberChanged(actor_id=None, member_id=member.id))


def _by_address(email: str | None) -> Member | None:
    return session().scalar(select(Member).where(Member.email == email)) if email else None


def _has_own_key(member: Member) -> bool:
    """Tell whether they have a way to sign in already, so that a word about their address is not enough.

    Somebody else's word is one too: else a provider of one customer could speak for the people of another.
    """
    if member.password is not None or member.tf_primary_method is not None:
        return True
    passkeys = select(Passkey.id).where(Passkey.user_id == member.id).limit(1)
    ties = select(Identity.id).where(Identity.member_id == member.id).limit(1)
    return session().scalar(passkeys) is not None or session().scalar(ties) is not None


def _require_welcome(member: Member, *, takes_staff: bool) -> None:
    if not member.active or member.erased_at is not None:
        raise Forbidden(_("This account is closed. Ask whoever runs this place."))
    if not takes_staff and (member.is_staff or member.is_admin):
        raise Forbidden(_("This account belongs to the company's staff. It cannot come in from an app; sign in here."))


def _create(arrival: Arrival) -> Member:
    # An address nobody has proven is not kept: it would stand in the way of its owner.
    email = arrival.proven_email
    try:
        member = create_member(name=_name_of(arrival), email=email, is_self_named=not arrival.is_staff)
    except Invalid:
        # Our own word for them, whoever else may be called so.
        member = create_member(name=NAMELESS, email=email, is_self_named=False)
    if email is not None:
        member.confirmed_at = clock.now()
    return member


def _name_of(arrival: Arrival) -> str:
    try:
        return clean_line(arrival.name, least=2, most=NAME_MAX)
    except Refused:
        return NAMELESS


def _fill_in(member: Member, arrival: Arrival) -> None:
    """Take a proven address for somebody who has none, and let nobody in any more who had not proven it."""
    proven = arrival.proven_email
    if proven is None:
        return
    if member.email is None and _by_address(proven) is None:
        member.email, member.confirmed_at = proven, clock.now()
    if member.email == proven and member.confirmed_at is None:
        # Whoever wrote the address down before may have been somebody else.
        end_sessions(member.id)
        member.confirmed_at = clock.now()


def _tie(member: Member, arrival: Arrival) -> Identity:
    found = find_tie(arrival.issuer, arrival.subject)
    if found is not None:
        return found
    identity = Identity(member_id=member.id, issuer=arrival.issuer, subject=arrival.subject)
    session().add(identity)
    session().flush()
    after = {"issuer": arrival.issuer}
    note(VISITOR, "identity.tied", member_id=member.id, subject="identity", subject_id=identity.id, after=after)
    return identity


def _place(member: Member, source: str, claim: OrganisationClaim) -> None:
    if member.organisation_id is not None and not claim.is_binding:
        return
    organisation = _organisation_of(source, claim)
    if claim.plan is not None and organisation.plan != claim.plan:
        organisation.plan = claim.plan
        session().flush()
        publish(OrganisationChanged(actor_id=None, organisation_id=organisation.id))
    former = member.organisation_id
    if former == organisation.id:
        return
    member.organisation_id = organisation.id
    touch(SITE)
    note(
        VISITOR,
        "organisation.member_moved",
        member_id=member.id,
        subject="organisation",
        subject_id=organisation.id,
        before={"organisation": former},
        after={"organisation": organisation.id, "source": source},
    )


def _organisation_of(source: str, claim: OrganisationClaim) -> Organisation:
    if claim.external_id is None:
        return _named(claim.name) or _add(claim.name)
    known = or_(Organisation.source == source, Organisation.source.is_(None))
    found = session().scalar(
        select(Organisation)
        .where(Organisation.external_id == claim.external_id, known)
        .order_by(Organisation.source.is_(None), Organisation.id)
        .limit(1)
    )
    return found or _adopt(source, claim.external_id, claim.name)


def _adopt(source: str, external_id: str, name: str) -> Organisation:
    """Return the organisation of this name that no other id names, or a new one."""
    same = _named(name)
    if same is not None and same.external_id is None:
        same.source, same.external_id = source, external_id
        return same
    free = name if same is None else f"{name[: ORGANISATION_MAX - 40]} ({external_id[:30]})"
    return _add(free, source=source, external_id=external_id)


def _named(name: str) -> Organisation | None:
    return session().scalar(select(Organisation).where(Organisation.name == name))


def _add(name: str, *, source: str | None = None, external_id: str | None = None) -> Organisation:
    organisation = Organisation(name=name, source=source, external_id=external_id)
    session().add(organisation)
    session().flush()
    return organisation
