"""Who may open an account by themselves."""

import re
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import select, update

from ideas.accounts.audit import note
from ideas.accounts.policy import require_admin
from ideas.boards.invitations import is_invited
from ideas.boards.models import Registration, Site
from ideas.core.db import session
from ideas.core.fields import Fields
from ideas.core.policy import Actor

DOMAINS_MAX = 50
_DOMAIN = re.compile(r"(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class RegistrationRule:
    """Who may register; `domains` counts for Registration.DOMAINS only."""

    registration: Registration
    domains: tuple[str, ...]

    def refusal(self, email: str) -> LazyString | None:
        """Return why this address may not register; None where it may. Whether it is known plays no part."""
        if self.registration is Registration.CLOSED:
            return _("No new accounts are opened here at the moment.")
        if self.registration is Registration.INVITED:
            return _("Accounts are opened by invitation here. Ask whoever told you about this place.")
        return self._refusal_of_domain(email)

    def refusal_of_proven(self, email: str) -> LazyString | None:
        """Return why whoever has shown that the address is theirs may not open an account; None where they may."""
        return None if is_invited(email) else self.refusal(email)

    def refusal_of_brought(self, email: str | None) -> LazyString | None:
        """Return why no account is made for somebody new whom the company's own sign-in brings; None where one is.

        `email`: their address where it is proven. Being brought counts as being invited.
        """
        if email and is_invited(email):
            return None
        if self.registration is Registration.CLOSED:
            return self.refusal("")
        return self._refusal_of_domain(email or "")

    def _refusal_of_domain(self, email: str) -> LazyString | None:
        domain = email.rpartition("@")[2].strip().lower()
        if self.registration is Registration.DOMAINS and domain not in self.domains:
            return _("Use your address at one of these: %(domains)s.", domains=", ".join(self.domains))
        return None


def registration_rule() -> RegistrationRule:
    """Return the rule in force; open to everybody before set-up."""
    row = session().execute(select(Site.registration, Site.domains)).first()
    if row is None:
        return RegistrationRule(Registration.OPEN, ())
    return RegistrationRule(row.registration, tuple(row.domains.split()))


def set_registration(actor: Actor, *, registration: Registration, domains: str) -> None:
    """Say who may register. Raises SignInNeeded, Forbidden, Invalid (domains)."""
    require_admin(actor)
    fields = Fields()
    named = sorted({one.removeprefix("@").lower() for one in re.split(r"[\s,;]+", domains) if one})
    wrong = next((one for one in named if not _DOMAIN.fullmatch(one)), None)
    if wrong is not None:
        fields.refuse(
            "domains", _("%(domain)s is no domain. Write them as example.com, one a line.", domain=wrong[:60])
        )
    elif len(named) > DOMAINS_MAX:
        fields.refuse("domains", _("At most %(most)d domains fit.", most=DOMAINS_MAX))
    elif registration is Registration.DOMAINS and not named:
        fields.refuse("domains", _("Name at least one domain."))
    fields.done()
    before = registration_rule()
    after = RegistrationRule(registration, tuple(named))
    if after == before:
        return
    session().execute(update(Site).values(registration=registration, domains="\n".join(named)))
    note(actor, "registration.changed", subject="site", before=_plain(before), after=_plain(after))


def _plain(rule: RegistrationRule) -> dict[str, object]:
    return {"registration": str(rule.registration), "domains": list(rule.domains)}
