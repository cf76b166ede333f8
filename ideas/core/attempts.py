"""Counting tries over all processes, in the database: how often something was tried within a while.

What is counted is a hash of its name, so that the table tells nobody's address. Each count is one statement in a
short transaction of its own, on a connection of its own: what the request does later, or undoes, changes no count.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Integer, String, bindparam, case, delete, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.dml import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite.dml import Insert as SqliteInsert
from sqlalchemy.orm import Mapped, mapped_column

from ideas.core.columns import UtcDateTime
from ideas.core.db import Base, db


class Attempt(Base):
    """How often something was tried since its window began."""

    __tablename__ = "attempt"

    #: SHA-256 of what is counted, hexadecimal.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    #: When the window ends and counting begins anew.
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime(), index=True)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something was tried, this try among them, and when counting begins anew."""

    count: int
    expires_at: datetime


def count_attempt(name: str, *, seconds: int, amount: int = 1) -> int:
    """Count tries and return how many there were in this window; the first one begins a window of `seconds`."""
    return count_attempts({name: seconds}, amount=amount)[name].count


def count_attempts(windows: Mapping[str, int], *, amount: int = 1) -> dict[str, Counted]:
    """Count a try under each of the names, the seconds of its window beside it; one short transaction for all.

    The names are taken in one order, so that of two requests which share some none waits for the other in a circle.
    """
    now, found = _now(), {}
    with _writing() as connection:
        upsert = _upsert(connection.dialect.name)
        for name in sorted(windows, key=hash_of):
            ends = now + timedelta(seconds=windows[name])
            values = {"key": hash_of(name), "amount": amount, "now": now, "ends": ends}
            count, expires_at = connection.execute(upsert, values).one()
            found[name] = Counted(count, expires_at)
    return found


def attempts_of(name: str) -> int:
    """Return how many tries were counted in the window under way; 0 where there is none."""
    query = select(Attempt.count).where(Attempt.key == hash_of(name), Attempt.expires_at > _now())
    with db.engine.connect() as connection:
        return connection.execute(query).scalar() or 0


def end_of_window(name: str) -> datetime:
    """Return when the window under way ends; now where there is none."""
    query = select(Attempt.expires_at).where(Attempt.key == hash_of(name))
    with db.engine.connect() as connection:
        return max(connection.execute(query).scalar() or _now(), _now())


def forget_attempts(name: str | None = None) -> int:
    """Forget what was counted under the name, or everything; return how many rows that were."""
    with _writing() as connection:
        forgotten = delete(Attempt) if name is None else delete(Attempt).where(Attempt.key == hash_of(name))
        return connection.execute(forgotten).rowcount


def purge() -> int:
    """Delete the rows of windows that have ended; return how many. Takes its own transaction."""
    with _writing() as connection:
        return connection.execute(delete(Attempt).where(Attempt.expires_at <= _now())).rowcount


def hash_of(name: str) -> str:
    """Return under which key something is counted."""
    return hashlib.sha256(name.encode()).hexdigest()


def _now() -> datetime:
    # The wall clock, not the one of the domain: the library that asks measures its windows by it.
    return datetime.fromtimestamp(time.time(), UTC)


def _make_upsert(dialect: str) -> SqliteInsert | PostgresInsert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    now, amount, ends = (
        bindparam("now", type_=UtcDateTime()),
        bindparam("amount", type_=Integer()),
        bindparam("ends", type_=UtcDateTime()),
    )
    is_over = Attempt.expires_at <= now
    statement = insert(Attempt).values(key=bindparam("key"), count=amount, expires_at=ends)
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((is_over, amount), else_=Attempt.count + amount),
            "expires_at": case((is_over, ends), else_=Attempt.expires_at),
        },
    ).returning(Attempt.count, Attempt.expires_at)  # type: ignore[return-value]


_UPSERTS = {dialect: _make_upsert(dialect) for dialect in ("sqlite", "postgresql")}


def _upsert(dialect: str) -> SqliteInsert | PostgresInsert:
    return _UPSERTS[dialect]


_NO_WAIT = text("SET LOCAL synchronous_commit TO off")


@contextmanager
def _writing() -> Iterator[Connection]:
    """Give a connection in a short writing transaction.

    It does not wait for the disk: after a loss of power the last counts may be gone, nothing else.
    """
    with db.engine.connect().execution_options(writing=True) as connection:
        driver = connection.connection.driver_connection
        is_sqlite = connection.dialect.name == "sqlite" and driver is not None
        if is_sqlite:
            driver.execute("PRAGMA synchronous=NORMAL")  # type: ignore[union-attr]
        try:
            with connection.begin():
                if not is_sqlite:
                    connection.execute(_NO_WAIT)
                yield connection
        finally:
            if is_sqlite:
                driver.execute("PRAGMA synchronous=FULL")  # type: ignore[union-attr]
