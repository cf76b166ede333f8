"""The database: engine set-up, declarative base, and the one place that commits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pysqlite3.dbapi2 as sqlite
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, Row, Select, event
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, Session

#: Every constraint gets a predictable name, so that migrations can speak of it on both engines.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: First release without the WAL-reset corruption bug (sqlite.org/wal.html); older ones lose data.
SAFE_SQLITE = (3, 51, 3)
BUSY_TIMEOUT_MS = 10_000
POOL_WAIT_SECONDS = 2


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, eq=False):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})


class UnsafeDatabase(RuntimeError):
    """The database engine is known to lose data; the program refuses to use it."""


def init_db(app: Flask, url: str) -> None:
    """Bind the application to the database at `url`. Raises UnsafeDatabase for a broken SQLite."""
    check_sqlite_version(sqlite.sqlite_version_info)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            tune_sqlite(db.engine)


def check_sqlite_version(version: tuple[int, ...]) -> None:
    """Raise UnsafeDatabase where `version` is below SAFE_SQLITE."""
    if version < SAFE_SQLITE:
        have, need = (".".join(map(str, v)) for v in (version, SAFE_SQLITE))
        raise UnsafeDatabase(f"SQLite {have} can corrupt its write-ahead log; {need} or newer is needed")


def engine_options(url: str) -> dict[str, Any]:
    """Return the keyword arguments of `create_engine` for `url`."""
    # What people typed stays out of error texts, and so out of the log.
    common = {"hide_parameters": True}
    if url.startswith("sqlite"):
        waiting = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
        # The session has ended its transaction when it gives the connection back; ending it again changes nothing.
        return {**common, "module": sqlite, "connect_args": waiting, "pool_reset_on_return": None}
    return {**common, "pool_pre_ping": True, "pool_size": 5, "max_overflow": 10, "pool_timeout": POOL_WAIT_SECONDS}


def tune_sqlite(engine: Engine) -> None:
    """Make SQLite keep foreign keys, write ahead, and take the write lock at the start of a writing transaction.

    The driver's own transaction handling is switched off: it begins late, and a transaction that reads
    first and writes later fails at once with "database is locked" whatever the timeout.
    """

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "foreign_keys=ON",
            "synchronous=FULL",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def settle_log() -> None:
    """Move SQLite's log into its file and empty it, so that nothing overwritten can be read there."""
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        connection.close()


def session() -> Session:
    """Return the session of the current application context."""
    return db.session()


def read_rows(statement: Select[*tuple[Any, ...]], values: Mapping[str, object]) -> Sequence[Row[Any]]:
    """Return the rows of a statement that reads columns only, past the part of the ORM that would make objects.

    In the transaction of the session; what is pending in it is not flushed before.
    """
    return session().connection().execute(statement, values).all()


@contextmanager
def transaction() -> Iterator[Session]:
    """Run the block as one writing transaction: commit at its end, roll back on any error.

    What an open reading has seen is forgotten first. A row that is still held from an earlier transaction is
    not: whoever changes it loads it anew (`populate_existing`). Blocks do not nest: services flush, and only
    shells and the job runner open a transaction.
    """
    current = begin_writing()
    try:
        yield current
    except BaseException:
        abandon_writing()
        raise
    commit_writing()


def begin_writing() -> Session:
    """Open a writing transaction that `commit_writing` or `abandon_writing` ends; prefer `transaction()`."""
    current = session()
    if current.info.get("writing"):
        raise RuntimeError("transaction() does not nest")
    current.rollback()
    # Only then is it writing: where the lock is not to be had, the session must be as usable as before.
    current.connection(execution_options={"writing": True})
    current.info.update(writing=True, before_commit=[], after_commit=[])
    return current


def commit_writing() -> None:
    """Commit the writing transaction, between the calls that `before_commit` and `after_commit` collected."""
    current = session()
    try:
        current.flush()
        for hook in current.info.pop("before_commit", []):
            hook()
        current.commit()
    except BaseException:
        abandon_writing()
        raise
    hooks = current.info.pop("after_commit", [])
    current.info["writing"] = False
    for hook in hooks:
        hook()


def abandon_writing() -> None:
    """Roll the writing transaction back; its hooks are forgotten."""
    current = session()
    current.rollback()
    for collected in ("before_commit", "after_commit", "touched"):
        current.info.pop(collected, None)
    current.info["writing"] = False


def let_go() -> None:
    """Give the connection back before waiting for something far away; what was read stays as it was read.

    Else a few slow servers elsewhere would keep all connections from everybody.
    """
    current = session()
    if current.info.get("writing") or current.new or current.dirty or current.deleted:
        raise RuntimeError("something is about to be written")
    current.commit()


def is_writing() -> bool:
    """Tell whether a writing transaction is under way."""
    return bool(session().info.get("writing"))


def after_commit(hook: Callable[[], None]) -> None:
    """Call `hook` when the transaction under way has been committed; never where it is rolled back."""
    hooks: list[Callable[[], None]] = session().info["after_commit"]
    if hook not in hooks:
        hooks.append(hook)


def before_commit(hook: Callable[[], None]) -> None:
    """Call `hook` as the last thing that the transaction under way does; what it writes is committed with it."""
    hooks: list[Callable[[], None]] = session().info["before_commit"]
    if hook not in hooks:
        hooks.append(hook)
