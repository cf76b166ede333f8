"""Fixtures of the tests of pages."""

from collections.abc import Iterator

import pytest
from flask import Flask

from ideas.core.db import db
from tests.clean_database import CleanDatabase
from tests.web.access_world import World, make_world


@pytest.fixture(scope="session")
def made_world(session_app: Flask, clean_database: CleanDatabase) -> World:
    """The world of the access matrix, made once for each test process."""
    return make_world(session_app, clean_database)


@pytest.fixture
def world(session_app: Flask, made_world: World) -> Iterator[World]:
    """The world of the access matrix as nobody has touched it, the application's context open for the test."""
    with session_app.app_context():
        yield made_world.restore()
        db.session.remove()
