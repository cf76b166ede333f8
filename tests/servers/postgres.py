"""A private PostgreSQL server for tests: quick, forgetful, and gone when the test run is."""

import os
import pwd
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from tests.servers.guarded import GuardedProcess, start_guarded, wait_until_ready
from tests.servers.memory import memory_folder
from tests.servers.ports import free_port
from tests.servers.programs import POSTGRESQL, get_program

ACCOUNT = "postgres"
READY_SECONDS = 60

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    # Nothing in this server outlives the tests, so nothing waits for a disk.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "checkpoint_timeout": "1h",
    # Shared memory in the cluster's folder, so that removing the folder removes all.
    "dynamic_shared_memory_type": "mmap",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `url` leads to its database `postgres` as superuser, in libpq's form."""

    url: str
    #: None when somebody else started it and will stop it.
    process: GuardedProcess | None = None

    def stop(self) -> None:
        """Stop the server and remove its files; harmless when done before or when it is not ours."""
        if self.process is not None:
            self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_postgres() -> PostgresServer:
    """Start a new, empty server on a free port of 127.0.0.1 and return it when it answers.

    Use it in `with`, or call `stop()`. It also ends, and its files go, when the calling process dies.

    :raise ProgramMissing: when PostgreSQL is not installed.
    :raise ServerFailed: when it does not start; the text holds what it printed.
    """
    programs = get_program(POSTGRESQL)
    account = _account()
    folder = _new_folder(account=account)
    cluster = folder / "cluster"
    port = free_port()
    process = start_guarded(
        _server_command(programs, cluster=cluster, folder=folder, port=port),
        prepare=[_initdb_command(programs, cluster=cluster)],
        folder=folder,
        user=account,
        environ={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        # Fast shutdown: sessions are cut off, files closed in order.
        stop_signal=signal.SIGINT,
    )
    url = f"postgresql://{ACCOUNT}@127.0.0.1:{port}/postgres"
    wait_until_ready(process, is_ready=lambda: _answers(url), seconds=READY_SECONDS, name="PostgreSQL")
    return PostgresServer(url, process)


def create_database(server: PostgresServer, name: str, *, template: str | None = None) -> str:
    """Create a database and return its URL; with a template it starts as a copy of that database.

    Nobody may be connected to the template meanwhile.

    :raise psycopg.errors.DuplicateDatabase: when there is one of that name.
    """
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _execute(server, statement)
    return database_url(server, name)


def drop_database(server: PostgresServer, name: str) -> None:
    """Drop a database, cutting off who is connected; harmless when there is none of that name."""
    _execute(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def database_url(server: PostgresServer, name: str) -> str:
    """Return the URL of one database of the server, whether it exists or not."""
    return urlsplit(server.url)._replace(path=f"/{quote(name, safe='')}").geturl()


def _execute(server: PostgresServer, statement: sql.Composed) -> None:
    with psycopg.connect(server.url, autocommit=True, connect_timeout=10) as connection:
        connection.execute(statement)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _account() -> str | None:
    """Return the account to run as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam(ACCOUNT).pw_name


def _new_folder(*, account: str | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tests-postgresql-", dir=memory_folder()))
    if account is not None:
        shutil.chown(folder, account)
    return folder


def _initdb_command(programs: Path, *, cluster: Path) -> list[str]:
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    return [str(programs / "initdb"), f"--pgdata={cluster}", f"--username={ACCOUNT}", *options]


def _server_command(programs: Path, *, cluster: Path, folder: Path, port: int) -> list[str]:
    settings = SETTINGS | {"port": str(port), "unix_socket_directories": str(folder)}
    return [
        str(programs / "postgres"),
        "-D",
        str(cluster),
        *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
    ]
