"""The application as commands need it: made from the environment, its context open, errors in words."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from ideas.app import create_app
from ideas.cli.main import fail, words_of
from ideas.core import schema
from ideas.core.db import db
from ideas.core.errors import DomainError
from ideas.core.policy import Actor
from ideas.core.settings import Settings, read_settings

#: Who acts from the terminal: whoever can run commands here can do everything anyway.
OPERATOR = Actor(member_id=0, is_staff=True, is_admin=True)


@contextmanager
def application(*, needs_schema: bool = True) -> Iterator[Flask]:
    """Give the application with its context open and close its connections at the end.

    `needs_schema`: an empty database is migrated, and one that is not at the program's schema refused.
    Raises BadSetting, UnsafeDatabase, UnknownSchema; a DomainError inside ends the program with its words.
    """
    settings = read_settings()
    app = create_app(settings)
    with app.app_context():
        try:
            if needs_schema:
                prepare_schema()
            yield app
        except DomainError as refused:
            fail(words_of(refused))
        finally:
            db.session.remove()
            db.engine.dispose()


def settings_of(app: Flask) -> Settings:
    """Return the settings the application was made from."""
    settings: Settings = app.extensions["settings"]
    return settings


def prepare_schema() -> None:
    """Migrate an empty database; raise UnknownSchema where another one is not at the program's schema."""
    if schema.head_of_database() is None:
        schema.migrate()
    schema.check()
