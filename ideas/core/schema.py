"""Bringing the database to the schema the program needs, and telling where it stands."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import downgrade, upgrade

from ideas.core.db import db


class UnknownSchema(RuntimeError):
    """The database does not stand where the program needs it; serving would lose data."""


def migrate() -> None:
    """Bring the database to the newest schema; does nothing where it stands there."""
    if head_of_database() != head_of_program():
        upgrade()


def empty() -> None:
    """Take all tables away again, step by step."""
    downgrade(revision="base")


def check() -> None:
    """Raise UnknownSchema where the database is behind the program, or ahead of it."""
    have, need = head_of_database(), head_of_program()
    if have != need:
        raise UnknownSchema(
            f"the database stands at {have or 'nothing'}, the program needs {need}: run `ideas migrate`"
        )


def head_of_program() -> str:
    """Return the newest revision the program knows."""
    config = Config()
    config.set_main_option("script_location", str(_folder()))
    head = ScriptDirectory.from_config(config).get_current_head()
    if head is None:
        raise UnknownSchema("there are no migrations")
    return head


def head_of_database() -> str | None:
    """Return the revision the database stands at; None for an empty one."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _folder() -> Path:
    return Path(current_app.extensions["migrate"].directory)
