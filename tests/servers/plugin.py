"""A pytest plugin that chooses the database and hands out servers.

`--database postgresql` starts one PostgreSQL server for the whole run, whatever the number of xdist workers: the
controlling process starts it and leaves its address in the environment, from which the workers take it.
"""

import os
from collections.abc import Iterator
from enum import StrEnum
from typing import NoReturn

import pytest

from tests.servers.memory import memory_folder
from tests.servers.postgres import PostgresServer, start_postgres
from tests.servers.programs import POSTGRESQL, ProgramMissing, is_ci
from tests.servers.redis import RedisServer, empty_redis, start_redis

POSTGRES_VARIABLE = "IDEAS_TEST_POSTGRES"
REDIS_VARIABLE = "IDEAS_TEST_REDIS"
#: Where pytest makes its temporary folders.
TEMPORARY_VARIABLE = "PYTEST_DEBUG_TEMPROOT"

_our_postgres = pytest.StashKey[PostgresServer]()


class DatabaseKind(StrEnum):
    """The engines on which the whole suite runs."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--database`."""
    kinds = [str(kind) for kind in DatabaseKind]
    parser.addoption(
        "--database",
        choices=kinds,
        default=str(DatabaseKind.SQLITE),
        help="engine to run the tests on (default: sqlite)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Keep the temporary folders of the run in memory where it has room: every commit would wait for the disk."""
    memory = memory_folder()
    if memory is not None and not hasattr(config, "workerinput"):
        os.environ.setdefault(TEMPORARY_VARIABLE, str(memory))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the run's one PostgreSQL server when it is wanted and nobody has started one."""
    config = session.config
    is_worker = hasattr(config, "workerinput")
    is_wanted = database_kind_of(config) is DatabaseKind.POSTGRESQL and not config.option.collectonly
    if is_worker or not is_wanted or POSTGRES_VARIABLE in os.environ or POSTGRESQL.find() is None:
        return
    server = start_postgres()
    config.stash[_our_postgres] = server
    os.environ[POSTGRES_VARIABLE] = server.url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this run started."""
    server = config.stash.get(_our_postgres, None)
    if server is not None:
        os.environ.pop(POSTGRES_VARIABLE, None)
        server.stop()


def database_kind_of(config: pytest.Config) -> DatabaseKind:
    """Return the engine chosen on the command line."""
    return DatabaseKind(config.getoption("--database"))


def give_up(problem: ProgramMissing) -> NoReturn:
    """Skip the test because a program is missing; in an unattended run that is a failure."""
    if is_ci():
        pytest.fail(str(problem), pytrace=False)
    pytest.skip(str(problem))


@pytest.fixture(scope="session")
def database_kind(pytestconfig: pytest.Config) -> DatabaseKind:
    """The engine chosen on the command line."""
    return database_kind_of(pytestconfig)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The run's PostgreSQL server; one of this process's own when the run has none."""
    shared = os.environ.get(POSTGRES_VARIABLE)
    if shared:
        yield PostgresServer(shared)
        return
    try:
        server = start_postgres()
    except ProgramMissing as problem:
        give_up(problem)
    with server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis server: the one named in the environment, else one of this process's own, started on first use."""
    shared = os.environ.get(REDIS_VARIABLE)
    if shared:
        yield RedisServer(shared)
        return
    try:
        server = start_redis()
    except ProgramMissing as problem:
        give_up(problem)
    with server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of a Redis that is empty, unless it was given from outside, which is never emptied."""
    if redis_server.process is not None:
        empty_redis(redis_server)
    return redis_server.url
