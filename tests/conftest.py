"""Fixtures of all tests: an application on the chosen engine, a clean database for each test, clients."""

import gc
import itertools
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from ideas.accounts.models import Member
from ideas.app import create_app
from ideas.core import outbox
from ideas.core.db import db
from ideas.core.settings import Settings, read_settings
from ideas.web.guard import LEAST
from ideas.web.limits import limiter
from ideas.web.signing_in.setup import KNOWN
from tests.clean_database import CleanDatabase
from tests.factories import prepare_site
from tests.servers.plugin import DatabaseKind
from tests.servers.postgres import create_database
from tests.web.client import Client

pytest_plugins = ("tests.servers.plugin", "tests.browser.browser")

#: The least that Argon2 can be asked for.
QUICK_HASHING = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}
#: What takes longest begins first, so that no process is left alone with it at the end.
LONG = (
    "tests/browser/test_axe.py",
    "tests/journeys/",
    "tests/real_input/test_import.py",
    "tests/browser/",
    "tests/core/test_kills.py",
    "tests/core/test_crash_points.py",
    "tests/core/test_markup_browser.py",
    "tests/transfer/test_carrying.py",
    "tests/search/test_measure_similar.py",
    "tests/cli/test_commands.py",
    "tests/servers/test_plugin.py",
    "tests/voting/test_races.py",
    "tests/real_input/",
)
_databases = itertools.count(1)

NewDatabase = Callable[[], str]
ClientFor = Callable[[Member | None], Client]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first; everything else stays in its order."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    return next((rank for rank, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))


@pytest.fixture(scope="session")
def new_database(
    request: pytest.FixtureRequest, database_kind: DatabaseKind, tmp_path_factory: pytest.TempPathFactory
) -> NewDatabase:
    """Gives the URL of one more empty database of the chosen engine with each call."""

    def make() -> str:
        number = next(_databases)
        if database_kind is DatabaseKind.SQLITE:
            return f"sqlite:///{tmp_path_factory.mktemp('database') / f'{number}.db'}"
        server = request.getfixturevalue("postgres_server")
        worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
        return create_database(server, f"ideas_{worker}_{number}")

    return make


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Settings:
    """Settings of the tests' application: no mail server, no Redis, a folder of its own."""
    env = {
        "STORAGE_DIR": str(tmp_path_factory.mktemp("storage")),
        "DATABASE_URL": new_database(),
        "BASE_URL": "http://localhost",
        # Providers that tests start stand on this machine.
        "PRIVATE_NETWORKS": "127.0.0.0/8",
    }
    return read_settings(env)


@pytest.fixture(scope="session")
def session_app(settings: Settings) -> Flask:
    """The application, made once for each test process."""
    app = create_app(settings)
    app.test_client_class = Client
    app.testing = True
    limiter.enabled = False
    # Tests are quicker than people.
    app.config[LEAST] = 0
    # Most tests need nobody who runs the place.
    app.extensions[KNOWN] = True
    # A password must be slow to try; what is tested is everything around that.
    app.extensions["security"].pwd_context.update(**QUICK_HASHING)
    # What stays to the end need not be looked through again and again.
    gc.collect()
    gc.freeze()
    return app


@pytest.fixture(scope="session")
def clean_database(session_app: Flask) -> CleanDatabase:
    """The application's database, migrated."""
    return CleanDatabase(session_app, prepare=prepare_site)


@pytest.fixture
def app(session_app: Flask, clean_database: CleanDatabase) -> Iterator[Flask]:
    """The application on a clean database with site and statuses, its context open for the test."""
    clean_database.prepared()
    engine = session_app.extensions["jobs"]
    with session_app.app_context():
        yield session_app
        db.session.rollback()
    # Some tests connect an engine of their own.
    session_app.extensions["jobs"] = engine


@pytest.fixture
def client_for(app: Flask) -> ClientFor:
    """Gives a browser of a member, or of a visitor for None."""

    def make(member: Member | None) -> Client:
        client = app.test_client()
        assert isinstance(client, Client)
        return client.sign_in(member) if member else client

    return make


@pytest.fixture
def drain(app: Flask) -> Callable[[], int]:
    """Does all due work of the outbox, as a worker would; gives how many rows were taken."""

    def run() -> int:
        db.session.rollback()
        return outbox.drain()

    return run
