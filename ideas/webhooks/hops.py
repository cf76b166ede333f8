"""How many messages led to what happens now: programs that answer each message with a change must come to an end."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Stands in each message; a program that changes something here because of one sends it back.
HEADER = "Ideas-Hop"
#: What this many messages have led to is told to nobody any more.
MOST = 3

_hops: ContextVar[int] = ContextVar("hops", default=0)


def count() -> int:
    """Return how many messages led to what happens now; 0 where a person began it."""
    return _hops.get()


@contextmanager
def arriving(header: str | None) -> Iterator[None]:
    """Let everything inside the block be led to by the message whose header this is; None or no number: by none."""
    text = (header or "").strip()
    is_number = text.isascii() and text.isdigit()
    token = _hops.set(min(int(text[:9]), MOST) if is_number else 0)
    try:
        yield
    finally:
        _hops.reset(token)
