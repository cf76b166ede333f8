"""Small applications on databases of their own, for tests that race, fail or kill."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask_babel import Babel

from ideas.core.db import db, init_db
from tests.conftest import NewDatabase
from tests.servers.memory import MEMORY
from tests.servers.plugin import DatabaseKind

WAIT_SECONDS = 60


@contextmanager
def small_app(kind: DatabaseKind, new_database: NewDatabase) -> Iterator[Flask]:
    """Give an application with all tables and nothing in them; SQLite's file lies in memory where there is room."""
    in_memory = kind is DatabaseKind.SQLITE and MEMORY.is_dir()
    with TemporaryDirectory(dir=MEMORY if in_memory else None) as folder:
        app = Flask("small")
        Babel(app)
        init_db(app, f"sqlite:///{Path(folder) / 'small.db'}" if in_memory else new_database())
        with app.app_context():
            db.create_all()
        yield app
        with app.app_context():
            db.engine.dispose()


def at_once(app: Flask, *steps: Callable[[], None]) -> list[BaseException]:
    """Take all steps at one moment, each in a thread and application context of its own; return what was raised."""
    start = threading.Barrier(len(steps))
    errors: list[BaseException] = []

    def act(step: Callable[[], None]) -> None:
        start.wait(WAIT_SECONDS)
        try:
            with app.app_context():
                step()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=act, args=(step,), daemon=True) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()
    return errors
