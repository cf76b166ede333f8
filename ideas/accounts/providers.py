"""OpenID Connect providers: which there are, what they say of themselves, and whom of their people we take."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from ideas.accounts.audit import note
from ideas.accounts.identities import Arrival, admit
from ideas.accounts.models import Member, Provider
from ideas.accounts.policy import require_admin
from ideas.accounts.tokens import EMAIL_MAX, ISSUER_MAX, NAME_MAX, SLUG_MAX, is_issuer_taken
from ideas.core.db import session
from ideas.core.errors import Forbidden, Invalid, NotFound
from ideas.core.fields import Fields
from ideas.core.outgoing import careful, require_safe
from ideas.core.policy import Actor
from ideas.core.sealing import seal
from ideas.core.text import slugify

RULES_MAX = 4_000
#: How an identity token may be signed: by a key that is not ours.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderDraft:
    """What was typed about a provider; an empty secret keeps the one there is."""

    name: str
    client_id: str
    secret: str
    domains: str = ""
    groups: str = ""
    staff_groups: str = ""
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


def discover(issuer: str, *, is_development: bool) -> Mapping[str, object]:
    """Return what a provider says of itself, checked, and nothing that we did not ask for.

    Asks the provider: not to be called in a writing transaction. Raises Invalid (issuer).
    """
    try:
        home = urlsplit(issuer).hostname or ""
        with careful(requests.Session(), home=home, is_development=is_development) as asking:
            answer = asking.get(issuer.rstrip("/") + "/.well-known/openid-configuration")
            answer.raise_for_status()
            said = answer.json()
        if not isinstance(said, dict) or said.get("issuer") != issuer:
            raise Invalid({"issuer": _("What stands at this address speaks for another issuer.")})
        for name in _NEEDED:
            require_safe(str(said.get(name, "")), home=home, is_development=is_development)
    except (requests.RequestException, ValueError, RecursionError):
        raise Invalid(
            {"issuer": _("Nothing at this address answers as a provider does. Is it spelled right?")}
        ) from None
    signed = said.get("id_token_signing_alg_values_supported")
    ways = [one for one in ALGORITHMS if one in signed] if isinstance(signed, list) else []
    known = {name: said[name] for name in (*_NEEDED, "issuer", "userinfo_endpoint") if isinstance(said.get(name), str)}
    return {**known, "id_token_signing_alg_values_supported": ways or ["RS256"]}


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
    """Change a provider; its issuer stays, as members are known by it. Raises SignInNeeded, Forbidden, Invalid."""
    require_admin(actor)
    before = _summary(provider)
    _fill(provider, draft, Fields())
    after = {**_summary(provider), "has_new_secret": bool(draft.secret.strip())}
    note(actor, "provider.changed", subject="provider", subject_id=provider.id, before=before, after=after)


def admit_claims(actor: Actor, provider: Provider, claims: Mapping[str, object]) -> Member:
    """Return the member whom checked claims of a provider describe. Raises Forbidden, with words.

    Staff come in this way; nobody becomes an admin by it.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise Forbidden
    email = _text(claims, "email")[:EMAIL_MAX].strip().lower() or None
    is_verified = claims.get("email_verified") is True
    groups = _groups_of(claims)
    _require_domain(provider, email if is_verified else None)
    staff_groups = lines_of(provider.staff_groups)
    is_staff = bool(groups & staff_groups)
    wanted = lines_of(provider.groups)
    if wanted and not groups & (wanted | staff_groups):
        raise Forbidden(_("None of your groups is let in here. Ask whoever runs this place."))
    arrival = Arrival(
        issuer=provider.issuer,
        subject=subject,
        source=f"provider:{provider.slug}",
        name=_text(claims, "name") or _text(claims, "preferred_username"),
        email=email,
        is_email_verified=is_verified,
        is_staff=is_staff,
    )
    return admit(actor, arrival, takes_staff=True, creates=provider.creates_members)


def lines_of(text: str) -> frozenset[str]:
    """Return the lines of a rule, without empty ones."""
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


def _require_domain(provider: Provider, email: str | None) -> None:
    domains = {line.lower().lstrip("@") for line in lines_of(provider.domains)}
    if domains and (email is None or email.rpartition("@")[2] not in domains):
        raise Forbidden(_("Your address is not of a domain that is let in here, or is not confirmed there yet."))


def _groups_of(claims: Mapping[str, object]) -> frozenset[str]:
    said = claims.get("groups")
    return frozenset(one for one in said if isinstance(one, str)) if isinstance(said, list) else frozenset()


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _fill(provider: Provider, draft: ProviderDraft, fields: Fields) -> None:
    name = fields.line("name", draft.name, least=2, most=NAME_MAX)
    client_id = fields.line("client_id", draft.client_id, most=200)
    rules = {
        rule: fields.text(rule, getattr(draft, rule), least=0, most=RULES_MAX)
        for rule in ("domains", "groups", "staff_groups")
    }
    fields.done()
    provider.name, provider.client_id = name, client_id
    provider.domains, provider.groups, provider.staff_groups = rules.values()
    provider.creates_members, provider.is_active = draft.creates_members, draft.is_active
    if draft.secret.strip():
        provider.sealed_secret = seal(draft.secret.strip())


def _summary(provider: Provider) -> dict[str, object]:
    names = ("name", "issuer", "client_id", "domains", "groups", "staff_groups", "creates_members", "is_active")
    return {name: getattr(provider, name) for name in names}


def _new_slug(name: str) -> str:
    base = slugify(name, most=SLUG_MAX - 6) or "provider"
    slug = base
    while session().scalar(select(Provider.id).where(Provider.slug == slug)) is not None:
        slug = f"{base}-{secrets.randbelow(9000) + 1000}"
    return slug
