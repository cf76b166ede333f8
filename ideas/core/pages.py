"""Keyset paging: a page of rows and the cursor of the next one."""

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, or_

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


def after_name(name: Any, row_id: Any, cursor: str) -> ColumnElement[bool]:
    """Return the condition that a row stands behind the cursor where rows are ordered by name and id."""
    last_name, last_id = decode_cursor(cursor, str, int)
    return or_(name > last_name, and_(name == last_name, row_id > last_id))


def bad_cursor() -> Invalid:
    """Return the error for an address whose cursor was not made by us."""
    return Invalid({"after": _("This address is not complete. Start again from the first page.")})


def as_moment(value: object) -> datetime:
    """Return the moment that a cursor holds, in UTC. Raises Invalid for anything else."""
    try:
        moment = datetime.fromisoformat(str(value))
        # On the first and last days of the calendar this overflows.
        in_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad_cursor() from None
    if moment.tzinfo is None:
        raise bad_cursor()
    return in_utc


def _is(value: object, kind: type) -> bool:
    """Tell whether a database can compare the value with a column of this kind."""
    if isinstance(value, int):
        return kind in {int, float} and abs(value) < 2**63
    if isinstance(value, float):
        return kind is float and math.isfinite(value)
    return isinstance(value, kind) and (not isinstance(value, str) or _is_storable(value))


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
