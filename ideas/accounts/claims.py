"""What checked claims of a provider mean here: who comes, whether they may, and what they are to the company."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from ideas.accounts.events import MemberChanged
from ideas.accounts.identities import Arrival, OrganisationClaim, Rule, admit, find_match, find_tie, plain_address
from ideas.accounts.lent import take_back
from ideas.accounts.models import ORGANISATION_MAX, Member, Provider
from ideas.accounts.providers import domains_of, lines_of, organisations_of, via_of
from ideas.accounts.sessions import end_sessions_via
from ideas.core.db import session
from ideas.core.errors import Forbidden
from ideas.core.events import publish
from ideas.core.policy import Actor
from ideas.core.text import Refused, clean_line

EXTERNAL_ID_MAX = 128


class NotOfThem(Forbidden):
    """By the provider's rules, whoever comes is not of the people who may; what was lent to them ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What would happen if somebody came in with these claims."""

    #: Why they would not get in; None where they would.
    refusal: LazyString | str | None
    #: Whose account it is; None: a new one.
    name: str | None
    handle: str | None
    is_staff: bool
    organisation: str | None


def admit_claims(actor: Actor, provider: Provider, claims: Mapping[str, object], *, refuses_new: Rule) -> Member:
    """Return the member whom checked claims of a provider describe. Raises Forbidden, with words, and NotOfThem.

    Staff come in this way; nobody becomes an admin by it. `refuses_new`: the rule of the place about new accounts.
    """
    arrival = arrival_of(provider, claims)
    return admit(actor, arrival, takes_staff=True, refuses_new=_rule_of(provider, refuses_new))


def turn_away(provider: Provider, claims: Mapping[str, object]) -> Member | None:
    """Take from somebody whom the rules do not let in any more what the provider has lent them, and end what it began.

    Returns who it is, None for somebody unknown; again is harmless.
    """
    tie = find_tie(provider.issuer, _subject(claims))
    if tie is None:
        return None
    member = session().get_one(Member, tie.member_id)
    take_back(member, tie)
    session().flush()
    end_sessions_via(via_of(provider), member_id=tie.member_id)
    publish(MemberChanged(actor_id=None, member_id=tie.member_id))
    return member


def foresee(actor: Actor, provider: Provider, claims: Mapping[str, object], *, refuses_new: Rule) -> Forecast:
    """Return what would happen with these claims; nothing is written."""
    member, arrival, refusal = None, None, None
    try:
        arrival = arrival_of(provider, claims)
        member = find_match(actor, arrival, takes_staff=True)
        if member is None:
            refusal = _rule_of(provider, refuses_new)(arrival.proven_email)
    except Forbidden as refused:
        refusal = refused.message
    organisation = arrival.organisation if arrival is not None else None
    return Forecast(
        refusal=refusal,
        name=member.name if member is not None else None,
        handle=member.handle if member is not None else None,
        is_staff=arrival is not None and arrival.is_staff,
        organisation=organisation.name if organisation is not None else None,
    )


def arrival_of(provider: Provider, claims: Mapping[str, object]) -> Arrival:
    """Return who comes, by checked claims. Raises Forbidden for claims that name nobody, NotOfThem by the rules."""
    subject = _subject(claims)
    is_verified = claims.get("email_verified") is True
    email = plain_address(_text(claims, "email"))
    proven = email if is_verified else None
    is_staff = _is_staff(provider, claims, proven)
    return Arrival(
        issuer=provider.issuer,
        subject=subject,
        source=via_of(provider),
        name=_text(claims, "name") or _text(claims, "preferred_username"),
        email=email,
        is_email_verified=is_verified,
        is_staff=is_staff,
        organisation=_claimed(provider, claims) or _by_domain(provider, proven),
    )


def _rule_of(provider: Provider, general: Rule) -> Rule:
    if provider.creates_members:
        return general
    return lambda _email: _("Nobody here is known by that account. Ask to be invited.")


def _is_staff(provider: Provider, claims: Mapping[str, object], proven: str | None) -> bool:
    """Ask the rules of the provider. Raises NotOfThem."""
    domains = domains_of(provider.domains)
    if domains and _domain(proven) not in domains:
        raise NotOfThem(_("Your address is not of a domain that is let in here, or is not confirmed there yet."))
    groups, staff, wanted = groups_of(provider, claims), lines_of(provider.staff_groups), lines_of(provider.groups)
    if wanted and not groups & (wanted | staff):
        raise NotOfThem(_("None of your groups is let in here. Ask whoever runs this place."))
    return bool(groups & staff)


def _claimed(provider: Provider, claims: Mapping[str, object]) -> OrganisationClaim | None:
    """Return the organisation that a claim names: as a word, a list of one, or an object with id and name."""
    said = claims.get(provider.organisation_claim) if provider.organisation_claim else None
    if isinstance(said, list) and len(said) == 1:
        said = said[0]
    told = said if isinstance(said, dict) else {"id": said, "name": said}
    external_id, name = told.get("id"), told.get("name")
    if not isinstance(external_id, str) or not isinstance(name, str) or len(external_id) > EXTERNAL_ID_MAX:
        return None
    try:
        name = clean_line(name, most=ORGANISATION_MAX)
        return OrganisationClaim(name=name, external_id=clean_line(external_id, most=EXTERNAL_ID_MAX))
    except Refused:
        return None


def _by_domain(provider: Provider, proven: str | None) -> OrganisationClaim | None:
    """Return the organisation of the address's domain; whoever belongs to one already stays there."""
    name = organisations_of(provider.organisations).get(_domain(proven))
    return OrganisationClaim(name=name, is_binding=False) if name is not None else None


def _domain(email: str | None) -> str:
    return (email or "").rpartition("@")[2]


def groups_of(provider: Provider, claims: Mapping[str, object]) -> frozenset[str]:
    """Return the groups that the claims name; none where they are no list."""
    said = claims.get(provider.groups_claim)
    return frozenset(one for one in said if isinstance(one, str)) if isinstance(said, list) else frozenset()


def _subject(claims: Mapping[str, object]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise Forbidden
    return subject


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
