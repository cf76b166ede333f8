"""Keyset paging: a page of rows and the cursor of the next one."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask_babel import lazy_gettext as _

from ideas.core.errors import Invalid

T = TypeVar("T")
Key = tuple[str | int | float | None, ...]

PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in order, and the cursor that continues after the last one (None: this is the end)."""

    items: Sequence[T]
    next_cursor: str | None = None


def page_of(rows: Sequence[T], *, size: int, key: Callable[[T], Key]) -> Page[T]:
    """Make a page from up to `size + 1` fetched rows; the extra row only tells that there is more."""
    if len(rows) <= size:
        return Page(rows)
    shown = rows[:size]
    return Page(shown, encode_cursor(key(shown[-1])))


def encode_cursor(key: Key) -> str:
    """Pack the ordering values of a row for an address."""
    packed = json.dumps(key, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_cursor(cursor: str, *kinds: type) -> Key:
    """Unpack a cursor whose values must have the given types. Raises Invalid for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError):
        raise bad_cursor() from None
    if not isinstance(values, list) or len(values) != len(kinds):
        raise bad_cursor()
    if any(isinstance(value, bool) or not _is(value, kind) for value, kind in zip(values, kinds, strict=True)):
        raise bad_cursor()
    return tuple(values)


def bad_cursor() -> Invalid:
    """Return the error for an address whose cursor was not made by us."""
    return Invalid({"after": _("This address is not complete. Start again from the first page.")})


def _is(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float)
    if kind is int:
        return isinstance(value, int) and abs(value) < 2**63
    return isinstance(value, kind)
