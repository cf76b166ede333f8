"""Statements that both engines know under slightly different names."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.dml import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite.dml import Insert as SqliteInsert
from sqlalchemy.orm import InstrumentedAttribute

from ideas.core.db import Base, session

T = TypeVar("T")


def insert_or_skip(model: type[Base], values: Mapping[str, Any], *, unique: Sequence[str]) -> bool:
    """Insert one row unless the unique columns are taken. Returns whether a row was inserted.

    The unique constraint decides, so two racing calls insert one row between them.
    """
    statement = _insert(model).values(values).on_conflict_do_nothing(index_elements=list(unique))
    # PostgreSQL gives the new key back, and with rows coming back the count of rows is dropped unless asked for.
    return _rows(session().execute(statement, execution_options={"preserve_rowcount": True})) == 1


def insert_all_or_skip(model: type[Base], rows: Sequence[Mapping[str, Any]], *, unique: Sequence[str]) -> int:
    """Insert many rows, skipping those whose unique columns are taken. Returns how many were inserted."""
    if not rows:
        return 0
    statement = _insert(model).on_conflict_do_nothing(index_elements=list(unique))
    return _rows(session().execute(statement, list(rows), execution_options={"preserve_rowcount": True}))


def insert_all_new(
    model: type[Base], rows: Sequence[Mapping[str, Any]], *, unique: Sequence[str], back: InstrumentedAttribute[T]
) -> Sequence[T]:
    """Insert many rows, skipping those whose unique columns are taken. Returns `back` of those inserted, in no order.

    Unlike looking first, two who insert the same at once agree on whose each row is.
    """
    if not rows:
        return []
    statement = _insert(model).on_conflict_do_nothing(index_elements=list(unique)).returning(back)
    return session().scalars(statement, list(rows)).all()


def insert_or_update(
    model: type[Base], values: Mapping[str, Any], *, unique: Sequence[str], update: Mapping[str, Any]
) -> None:
    """Insert one row, or where the unique columns are taken change that row by `update`."""
    statement = _insert(model).values(values)
    session().execute(statement.on_conflict_do_update(index_elements=list(unique), set_=dict(update)))


def _insert(model: type[Base]) -> SqliteInsert | PostgresInsert:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is not a table")
    if session().get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def _rows(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
