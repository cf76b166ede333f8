"""OpenID Connect providers: which there are, and whom of their people the rules of each let in."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.accounts.audit import note
from ideas.accounts.events import MemberChanged
from ideas.accounts.lent import take_back
from ideas.accounts.models import ORGANISATION_MAX, Identity, Member, Provider
from ideas.accounts.policy import require_admin
from ideas.accounts.sessions import end_sessions_via
from ideas.accounts.tokens import ISSUER_MAX, NAME_MAX, SLUG_MAX, is_issuer_taken
from ideas.core.db import session
from ideas.core.errors import Conflict, NotFound
from ideas.core.events import publish
from ideas.core.fields import Fields
from ideas.core.policy import Actor
from ideas.core.sealing import seal
from ideas.core.text import Refused, clean_line, slugify

RULES_MAX = 4_000
CLAIM_MAX = 60
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDraft:
    """What was typed about a provider; an empty secret keeps the one there is."""

    name: str
    client_id: str
    secret: str
    domains: str = ""
    groups: str = ""
    staff_groups: str = ""
    board_roles: str = ""
    groups_claim: str = "groups"
    organisation_claim: str = ""
    organisations: str = ""
    creates_members: bool = True
    is_active: bool = True


def list_providers(actor: Actor) -> Sequence[Provider]:
    """Return all providers by name. Raises SignInNeeded, Forbidden."""
    require_admin(actor)
    return session().scalars(select(Provider).order_by(Provider.name, Provider.id)).all()


def list_open_providers() -> Sequence[Provider]:
    """Return the providers with which people can sign in, by name."""
    opened = select(Provider).where(Provider.is_active.is_(True))
    return session().scalars(opened.order_by(Provider.name, Provider.id)).all()


def get_provider(actor: Actor, slug: str) -> Provider:
    """Return a provider, also one that is switched off. Raises SignInNeeded, Forbidden, NotFound."""
    require_admin(actor)
    provider = session().scalar(select(Provider).where(Provider.slug == slug))
    if provider is None:
        raise NotFound
    return provider


def get_open_provider(slug: str) -> Provider:
    """Return a provider with which people can sign in. Raises NotFound."""
    provider = session().scalar(select(Provider).where(Provider.slug == slug, Provider.is_active.is_(True)))
    if provider is None:
        raise NotFound
    return provider


def add_provider(actor: Actor, *, issuer: str, draft: ProviderDraft) -> Provider:
    """Add a provider. Raises SignInNeeded, Forbidden, Invalid (by field)."""
    require_admin(actor)
    fields = Fields()
    issuer = fields.line("issuer", issuer, most=ISSUER_MAX)
    if issuer and is_issuer_taken(issuer):
        fields.refuse("issuer", _("Another app or provider has this name already."))
    if not draft.secret.strip():
        fields.refuse("secret", _("Give the secret that the provider shows for us."))
    provider = Provider(slug=_new_slug(draft.name), name="", issuer=issuer, client_id="", sealed_secret="")
    _fill(provider, draft, fields)
    session().add(provider)
    session().flush()
    note(actor, "provider.added", subject="provider", subject_id=provider.id, after=_summary(provider))
    return provider


def change_provider(actor: Actor, provider: Provider, *, draft: ProviderDraft) -> None:
    """Change a provider; its issuer stays, as members are known by it. Raises SignInNeeded, Forbidden, Invalid.

    Where it is switched off, whoever came in with it is signed out.
    """
    require_admin(actor)
    before = _summary(provider)
    _fill(provider, draft, Fields())
    if not provider.is_active:
        end_sessions_via(via_of(provider))
    after = {**_summary(provider), "has_new_secret": bool(draft.secret.strip())}
    note(actor, "provider.changed", subject="provider", subject_id=provider.id, before=before, after=after)


def remove_provider(actor: Actor, provider: Provider) -> None:
    """Remove a provider that is switched off, and by which name it knows people; what its groups have lent goes back.

    The accounts stay. Raises SignInNeeded, Forbidden, Conflict while it is on.
    """
    require_admin(actor)
    if provider.is_active:
        raise Conflict(_("Switch the provider off first, then it can be removed."))
    ties = session().scalars(select(Identity).where(Identity.issuer == provider.issuer).order_by(Identity.id)).all()
    for tie in ties:
        if tie.kind_before is not None:
            take_back(session().get_one(Member, tie.member_id), tie)
            session().flush()
            publish(MemberChanged(actor_id=actor.member_id, member_id=tie.member_id))
        session().delete(tie)
    end_sessions_via(via_of(provider))
    note(actor, "provider.removed", subject="provider", subject_id=provider.id, before=_summary(provider))
    session().delete(provider)
    session().flush()


def via_of(provider: Provider) -> str:
    """Return how sessions and organisations name the provider on whose word they are."""
    return f"provider:{provider.slug}"


def lines_of(text: str) -> frozenset[str]:
    """Return the lines of a rule, without empty ones."""
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


def domains_of(text: str) -> frozenset[str]:
    """Return the domains of a rule, in lower case."""
    return frozenset(line.lower().lstrip("@") for line in lines_of(text))


def organisations_of(text: str) -> Mapping[str, str]:
    """Return the names of organisations by domain; what is no "domain = name" is left out."""
    pairs = [line.partition("=") for line in text.splitlines()]
    return {domain.strip().lower().lstrip("@"): name.strip() for domain, sign, name in pairs if sign and name.strip()}


def _fill(provider: Provider, draft: ProviderDraft, fields: Fields) -> None:
    name = fields.line("name", draft.name, least=2, most=NAME_MAX)
    client_id = fields.line("client_id", draft.client_id, most=200)
    claim = fields.line("groups_claim", draft.groups_claim, most=CLAIM_MAX)
    organisation_claim = fields.line("organisation_claim", draft.organisation_claim, least=0, most=CLAIM_MAX)
    rules = {
        rule: fields.text(rule, getattr(draft, rule), least=0, most=RULES_MAX)
        for rule in ("domains", "groups", "staff_groups", "board_roles", "organisations")
    }
    _check_domains(fields, "domains", domains_of(rules["domains"]))
    _check_organisations(fields, rules["organisations"])
    fields.done()
    provider.name, provider.client_id, provider.groups_claim = name, client_id, claim
    provider.organisation_claim = organisation_claim
    for rule, text in rules.items():
        setattr(provider, rule, text)
    provider.creates_members, provider.is_active = draft.creates_members, draft.is_active
    if draft.secret.strip():
        provider.sealed_secret = seal(draft.secret.strip())


def _check_domains(fields: Fields, name: str, domains: Iterable[str]) -> None:
    wrong = next((one for one in sorted(domains) if not _DOMAIN.fullmatch(one)), None)
    if wrong is not None:
        fields.refuse(name, _("%(domain)s is no domain. Write them as example.com, one a line.", domain=wrong[:60]))


def _check_organisations(fields: Fields, text: str) -> None:
    found = organisations_of(text)
    if len(found) != len(lines_of(text)):
        fields.refuse("organisations", _("Write each line as example.com = Name of the organisation."))
    _check_domains(fields, "organisations", found)
    for name in found.values():
        try:
            clean_line(name, most=ORGANISATION_MAX)
        except Refused as refused:
            fields.refuse("organisations", refused.message)


def _summary(provider: Provider) -> dict[str, object]:
    names = (
        "name issuer client_id domains groups_claim groups staff_groups board_roles organisation_claim organisations "
        "creates_members is_active"
    )
    return {name: getattr(provider, name) for name in names.split()}


def _new_slug(name: str) -> str:
    base = slugify(name, most=SLUG_MAX - 6) or "provider"
    slug = base
    while session().scalar(select(Provider.id).where(Provider.slug == slug)) is not None:
        slug = f"{base}-{secrets.randbelow(9000) + 1000}"
    return slug
