"""A migrated database for each test process, emptied between tests in a few milliseconds."""

import shutil
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from ideas.core import schema
from ideas.core.db import db


class CleanDatabase:
    """The database of one application; `empty()` brings it back to the state after migration."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        with app.app_context():
            schema.migrate()
            self._is_sqlite = db.engine.dialect.name == "sqlite"
            self._keep_copy()

    def empty(self) -> None:
        """Forget all rows. Nobody else may use the database meanwhile."""
        if self._is_sqlite:
            self._restore_copy()
        else:
            self._truncate()

    @property
    def _path(self) -> Path:
        return Path(str(db.engine.url.database))

    def _keep_copy(self) -> None:
        if self._is_sqlite:
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
            shutil.copy(self._path, f"{self._path}.copy")

    def _restore_copy(self) -> None:
        with self._app.app_context():
            db.engine.dispose()
            for suffix in ("-wal", "-shm"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
            shutil.copy(f"{self._path}.copy", self._path)

    def _truncate(self) -> None:
        with self._app.app_context(), db.engine.begin() as connection:
            tables = [table.name for table in db.metadata.sorted_tables]
            looks = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)
            filled = [row[0] for row in connection.execute(text(looks))]
            if filled:
                names = ", ".join(f'"{name}"' for name in filled)
                connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
