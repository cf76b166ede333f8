"""Places that nobody has put anything up in."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from ideas.core.db import db
from tests.clean_database import CleanDatabase


@pytest.fixture
def empty_place(session_app: Flask, clean_database: CleanDatabase) -> Iterator[Callable[[], None]]:
    """A migrated place without any row, its context open; calling it makes it empty again."""
    clean_database.empty()
    with session_app.app_context():

        def empty() -> None:
            db.session.remove()
            clean_database.empty()

        yield empty
        db.session.rollback()
