"""A migrated database for each test process, brought back between tests in a few milliseconds."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from flask import Flask
from sqlalchemy import Connection, Engine, event, text

from ideas.core import schema
from ideas.core.db import db

EMPTY, PREPARED = "empty", "prepared"


@event.listens_for(Engine, "connect")
def _give_rows_in_no_order(connection: Any, _record: Any) -> None:
    """Let SQLite give rows the other way round where no order was asked for: PostgreSQL promises none either."""
    if isinstance(connection, sqlite.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON")


class CleanDatabase:
    """The database of one application; `empty()` brings it back to the state after migration.

    `prepare` is called once; `prepared()` brings back what it left. `keep(name)` keeps what is there now, for
    `restore(name)`. Nobody else may use the database meanwhile.
    """

    def __init__(self, app: Flask, *, prepare: Callable[[], None]) -> None:
        self._app = app
        with app.app_context():
            schema.migrate()
            is_sqlite = db.engine.dialect.name == "sqlite"
            self._keeper: _Files | _Rows = _Files() if is_sqlite else _Rows()
            self._keeper.keep(EMPTY)
            prepare()
            db.session.remove()
            self._keeper.keep(PREPARED)

    def empty(self) -> None:
        """Forget all rows."""
        self.restore(EMPTY)

    def prepared(self) -> None:
        """Forget all rows but those that the preparation left."""
        self.restore(PREPARED)

    def keep(self, name: str) -> None:
        """Keep all rows under a name of letters, in place of what was kept under it before."""
        with self._app.app_context():
            self._keeper.keep(name)

    def restore(self, name: str) -> None:
        """Bring back what was kept under the name, and nothing else."""
        with self._app.app_context():
            self._keeper.restore(name)


class _Files:
    """SQLite: copies of the whole file."""

    @property
    def _path(self) -> Path:
        return Path(str(db.engine.url.database))

    def keep(self, name: str) -> None:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
        shutil.copy(self._path, f"{self._path}.{name}")

    def restore(self, name: str) -> None:
        db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        shutil.copy(f"{self._path}.{name}", self._path)


class _Rows:
    """PostgreSQL: all rows deleted, which is quicker than truncating, and a few put back from another schema.

    Foreign keys are not looked at meanwhile, as in the end everything is gone or as it was.
    """

    def __init__(self) -> None:
        with db.engine.connect() as connection:
            query = "SELECT quote_literal(format('%I.%I', schemaname, sequencename)) FROM pg_sequences"
            numbers = [f"setval({name}, 1, false)" for name in connection.execute(text(query)).scalars()]
        forget = [f'DELETE FROM "{table.name}"' for table in db.metadata.sorted_tables]
        self._forget = ["SET LOCAL session_replication_role = replica", *forget, f"SELECT {', '.join(numbers)}"]
        self._put_back: dict[str, list[str]] = {}

    def keep(self, name: str) -> None:
        schema_name = f"kept_{name}"
        with db.engine.begin() as connection:
            kept = self._filled(connection)
            connection.execute(text(f"DROP SCHEMA IF EXISTS {schema_name} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {schema_name}"))
            for table in kept:
                connection.execute(text(f'CREATE TABLE {schema_name}."{table}" AS TABLE "{table}"'))
            query = "SELECT quote_literal(format('%I.%I', schemaname, sequencename)), last_value FROM pg_sequences"
            used = connection.execute(text(f"{query} WHERE last_value IS NOT NULL")).all()
        put_back = [f'INSERT INTO "{table}" TABLE {schema_name}."{table}"' for table in kept]
        self._put_back[name] = put_back + [f"SELECT setval({number}, {last})" for number, last in used]

    def restore(self, name: str) -> None:
        with db.engine.begin() as connection:
            # All in one go: each one alone would be a way to the server and back.
            connection.exec_driver_sql("; ".join(self._forget + self._put_back[name]))

    def _filled(self, connection: Connection) -> list[str]:
        names = [table.name for table in db.metadata.sorted_tables]
        return [name for name in names if connection.execute(text(f'SELECT EXISTS (TABLE "{name}")')).scalar_one()]
