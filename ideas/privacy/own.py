"""The rows of a person, found by the ways that the registry names."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, Table, func, select

from ideas.accounts.models import Member
from ideas.core.db import db, session
from ideas.privacy.marks import What
from ideas.privacy.registry import REGISTRY

#: Rows held in memory at a time.
BATCH = 500


def own_rows(member: Member, table_name: str, whose: str, columns: Sequence[str]) -> Iterator[RowMapping]:
    """Yield the given columns, after the key, of the member's rows in the order of the key; few at a time."""
    table = db.metadata.tables[table_name]
    wanted = [column.name for column in _shown_key(table)]
    wanted += [name for name in columns if name not in wanted]
    query = _own(member, table, whose, [table.c[name] for name in wanted]).order_by(*table.primary_key.columns)
    rows = session().connection().execute(query, execution_options={"yield_per": BATCH})
    yield from rows.mappings()


def count_own(member: Member, table_name: str, whose: str) -> int:
    """Return how many rows of the table belong to the member by that way."""
    table = db.metadata.tables[table_name]
    return session().scalar(_own(member, table, whose, [func.count()])) or 0


def _shown_key(table: Table) -> list[Any]:
    marks = REGISTRY[table.name]
    return [column for column in table.primary_key.columns if marks[column.name].what is not What.SECRET]


def _own(member: Member, table: Table, whose: str, columns: Sequence[Any]) -> Select[*tuple[Any, ...]]:
    if whose.startswith("@"):
        return select(*columns).where(table.c[whose[1:]] == member.email)
    *steps, last = whose.split(".")
    joined: Any = table
    here: Any = table
    for step in steps:
        (key,) = table.columns[step].foreign_keys
        there = key.column.table.alias()
        joined, here = joined.join(there, here.c[step] == there.c[key.column.name]), there
    return select(*columns).select_from(joined).where(here.c[last] == member.id)
