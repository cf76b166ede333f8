"""What can happen to a board."""

from dataclasses import dataclass

from ideas.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardOpened(Event):
    """There is a new board."""

    board_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseChanged(Event):
    """The board promises its answers within another number of working days."""

    board_id: int
