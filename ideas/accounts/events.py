"""What happens to accounts."""

from dataclasses import dataclass

from ideas.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingChanged(Event):
    """What a member is to the company, whether they run the site, or whether they may come in has changed."""

    member_id: int
