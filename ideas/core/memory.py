"""What a process remembers of what it drew or worked out once: forgotten before it grows old.

Names and words of people are part of it. Whoever erases somebody lets the own process forget at once; the other
processes, whom nobody can tell, do so within `KEEP_MINUTES`.
"""

from typing import Protocol, TypeVar

from ideas.core import clock

KEEP_MINUTES = 60


class Memory(Protocol):
    """A function that remembers what it gave back, such as `lru_cache` makes one."""

    def cache_clear(self) -> None:
        """Forget."""


F = TypeVar("F", bound=Memory)

_memories: list[Memory] = []
#: The minute in which everything was forgotten last; empty before the first one.
_since: list[int] = []


def forgetful(function: F) -> F:
    """Have a function that remembers (`@lru_cache` stands below) forget what people wrote when it is time."""
    _memories.append(function)
    return function


def forget() -> None:
    """Forget everything that this process remembers."""
    _since[:] = [clock.minute()]
    for memory in _memories:
        memory.cache_clear()


def forget_old() -> None:
    """Forget everything where that has not been done for `KEEP_MINUTES`; called with each request."""
    if not _since:
        _since[:] = [clock.minute()]
    # Clocks are set back now and then.
    elif abs(clock.minute() - _since[0]) >= KEEP_MINUTES:
        forget()
