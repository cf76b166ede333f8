"""Column types and mixins shared by all tables."""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, Enum, String
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column
from sqlalchemy.types import TypeDecorator

from ideas.core import clock

E = TypeVar("E", bound=StrEnum)

#: No letters that look alike, and no vowels, so that no words appear by chance.
PUBLIC_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
PUBLIC_LENGTH = 10


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware going in, UTC and aware coming out, on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive values their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def text_enum(kind: type[E], *, name: str | None = None) -> Enum:
    """Return a column type that stores the value of a StrEnum as text with a CHECK.

    `name` is needed where one table has several columns of one kind: it names the CHECK.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [str(member.value) for member in members],
        validate_strings=True,
    )


def new_public_id() -> str:
    """Return a fresh identifier for addresses: 10 characters, about 47 bits, unguessable order."""
    return "".join(secrets.choice(PUBLIC_ALPHABET) for _ in range(PUBLIC_LENGTH))


class Identified(MappedAsDataclass, kw_only=True, eq=False):
    """A numeric key for joins."""

    id: Mapped[int] = mapped_column(primary_key=True, init=False, sort_order=-10)


class Addressed(MappedAsDataclass, kw_only=True, eq=False):
    """An identifier shown in addresses instead of the numeric key."""

    public_id: Mapped[str] = mapped_column(String(16), unique=True, default_factory=new_public_id, sort_order=-9)


class Dated(MappedAsDataclass, kw_only=True, eq=False):
    """When the row came to be."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime(), default_factory=clock.now, sort_order=-8)


class Imported(MappedAsDataclass, kw_only=True, eq=False):
    """Where an imported row came from; together unique (declared in each table)."""

    source: Mapped[str | None] = mapped_column(String(64), default=None)
    external_id: Mapped[str | None] = mapped_column(String(128), default=None)


def is_row_changed(result: Any) -> bool:
    """Tell whether an INSERT, UPDATE or DELETE touched at least one row."""
    return bool(result.rowcount)
