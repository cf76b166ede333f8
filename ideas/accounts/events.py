"""What happens to accounts."""

from dataclasses import dataclass

from ideas.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingChanged(Event):
    """What a member is to the company, whether they run the site, or whether they may come in has changed."""

    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Event):
    """Somebody is new, or their organisation, kind or e-mail address has changed."""

    member_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationChanged(Event):
    """What is known of an organisation has changed."""

    organisation_id: int
