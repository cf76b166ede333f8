"""What can happen to credit."""

from dataclasses import dataclass

from ideas.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditSettled(Event):
    """The credit of a delivered idea was confirmed and booked."""

    idea_id: int
    settlement_id: int
    #: Those who were credited, each once, in ascending order.
    member_ids: tuple[int, ...]
