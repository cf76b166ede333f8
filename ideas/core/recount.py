"""Counting stored totals anew: which differ from the rows they count, and mending them by one statement each.

A total is a column and the correlated query that counts it; the packages that keep totals list theirs.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, ScalarSelect, select, update
from sqlalchemy.orm import InstrumentedAttribute

from ideas.core.db import session

#: Numbers in one statement: both engines take more, but plan it more slowly.
CHUNK = 2_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Total:
    """A stored total: its column, and the value it must have, correlated to the row of the column."""

    column: InstrumentedAttribute[Any]
    counted: ScalarSelect[Any] | ColumnElement[Any]

    @property
    def name(self) -> str:
        """Return table and column, as in `idea.support_count`."""
        return f"{self.column.class_.__tablename__}.{self.column.key}"

    @property
    def is_wrong(self) -> ColumnElement[bool]:
        """Return the condition under which the stored value differs from the counted one."""
        return self.column.is_distinct_from(self.counted)


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored value that is not what can be recounted; `subject` is the key of the row."""

    total: str
    subject: str
    stored: object
    counted: object

    def __str__(self) -> str:
        return f"{self.total} of {self.subject}: stored {self.stored}, counted {self.counted}"


def wrong(totals: Iterable[Total]) -> list[Difference]:
    """Return where stored values differ from counted ones, by total and key; empty where all is well."""
    return [difference for total in totals for difference in _wrong(total)]


def mend(totals: Iterable[Total], *, ids: Collection[int] | None = None) -> None:
    """Set the stored values to the counted ones, of the rows with the given ids or of all. The caller commits."""
    for total in totals:
        model = total.column.class_
        # What the session holds is stale after this, so it is told nothing but to forget.
        statement = update(model).where(total.is_wrong).values({total.column: total.counted})
        for condition in _chosen(model, ids):
            session().execute(statement.where(*condition), execution_options={"synchronize_session": False})
    session().expire_all()


def chunks(items: Iterable[T], *, size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield the items in lists of up to `size`, in their order."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _wrong(total: Total) -> Iterator[Difference]:
    model = total.column.class_
    keys = list(model.__table__.primary_key.columns)
    rows = session().execute(select(*keys, total.column, total.counted).where(total.is_wrong).order_by(*keys))
    for row in rows:
        *key, stored, counted = row
        yield Difference(total.name, "/".join(map(str, key)), stored, counted)


def _chosen(model: Any, ids: Collection[int] | None) -> Iterator[list[ColumnElement[bool]]]:
    if ids is None:
        yield []
        return
    for chunk in chunks(sorted(ids)):
        yield [model.id.in_(chunk)]
