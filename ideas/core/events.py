"""Facts announced upwards: what happened, as ids, to whoever is listed for it in wiring.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Handler: TypeAlias = Callable[[Any], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that has happened. Subclasses are named in the past tense and hold ids only."""

    #: Member who did it; None for the program itself (imports, watching conditions).
    actor_id: int | None


_handlers: dict[type[Event], Sequence[Handler]] = {}


def connect(table: Mapping[type[Event], Sequence[Handler]]) -> None:
    """Replace the table of handlers. Called once by the application factory."""
    _handlers.clear()
    _handlers.update(table)


def publish(event: Event) -> None:
    """Run the handlers of the event's class in their order, inside the transaction under way.

    Errors propagate and undo the change: a fact whose consequences failed has not happened.
    """
    for handler in _handlers.get(type(event), ()):
        handler(event)
