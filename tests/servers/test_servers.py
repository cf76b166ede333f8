"""Servers that tests start: they come up, do their work, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.servers.app import PROJECT, serve_app
from tests.servers.guarded import ServerFailed, start_guarded, wait_until_ready
from tests.servers.plugin import give_up
from tests.servers.ports import free_port
from tests.servers.postgres import PostgresServer, create_database, database_url, drop_database, start_postgres
from tests.servers.programs import ProgramMissing
from tests.servers.redis import RedisServer, empty_redis, start_redis

pytestmark = pytest.mark.once

GONE_SECONDS = 20

#: Stands in for the application: answers /health, prints its settings, and has a child in its process group.
APPLICATION = """
import http.server, os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("child", child.pid, "arguments", sys.argv[1:])
print("word", os.environ.get("WORD"), "secret", os.environ.get("NOT_FOR_THE_APPLICATION"))
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Handler).serve_forever()
"""


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def becomes_true(condition: Callable[[], bool]) -> bool:
    """Wait, within bounds, until the condition holds."""
    deadline = time.monotonic() + GONE_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def application_in(folder: Path, source: str = APPLICATION) -> Path:
    """Write a stand-in for the application and return the folder to start it from."""
    package = folder / "ideas"
    package.mkdir()
    (package / "__main__.py").write_text(source)
    return folder


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    try:
        server = start_postgres()
    except ProgramMissing as problem:
        give_up(problem)
    with server:
        yield server


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    try:
        server = start_redis()
    except ProgramMissing as problem:
        give_up(problem)
    with server:
        yield server


def test_postgres_answers_with_settings_for_speed_and_plain_sorting(postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("fsync", "synchronous_commit", "full_page_writes", "max_connections")
        }
        locale = connection.execute(
            "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'postgres'"
        ).fetchone()
    assert shown == {
        "fsync": ("off",),
        "synchronous_commit": ("off",),
        "full_page_writes": ("off",),
        "max_connections": ("200",),
    }
    assert locale == ("C.UTF-8", "UTF8")


def test_a_database_made_from_a_template_has_its_rows_and_goes_its_own_way(postgres: PostgresServer) -> None:
    template = create_database(postgres, "a template")
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE word (text text)")
        connection.execute("INSERT INTO word VALUES ('one')")
    copy = create_database(postgres, "copy", template="a template")
    with psycopg.connect(copy) as connection:
        connection.execute("INSERT INTO word VALUES ('two')")
        assert connection.execute("SELECT count(*) FROM word").fetchone() == (2,)
    with psycopg.connect(template) as connection:
        assert connection.execute("SELECT count(*) FROM word").fetchone() == (1,)


def test_a_database_is_dropped_though_somebody_is_connected(postgres: PostgresServer) -> None:
    url = create_database(postgres, "busy")
    with psycopg.connect(url):
        drop_database(postgres, "busy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


def test_dropping_a_database_that_is_not_there_is_harmless(postgres: PostgresServer) -> None:
    drop_database(postgres, "never made")


def test_making_a_database_twice_is_refused(postgres: PostgresServer) -> None:
    create_database(postgres, "twice")
    with pytest.raises(psycopg.errors.DuplicateDatabase):
        create_database(postgres, "twice")


def test_the_url_of_a_database_keeps_the_options_of_the_server() -> None:
    server = PostgresServer("postgresql://me@127.0.0.1:5000/postgres?sslmode=disable")
    assert database_url(server, "w1") == "postgresql://me@127.0.0.1:5000/w1?sslmode=disable"


def test_postgres_stops_at_once_with_open_sessions_and_leaves_no_files(own_postgres: PostgresServer) -> None:
    assert own_postgres.process is not None
    with psycopg.connect(own_postgres.url) as connection:
        started = time.monotonic()
        own_postgres.stop()
        assert time.monotonic() - started < 10
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert not own_postgres.process.is_running()
    assert not own_postgres.process.folder.exists()
    own_postgres.stop()


def test_stopping_a_server_of_somebody_else_leaves_it_running(postgres: PostgresServer) -> None:
    PostgresServer(postgres.url).stop()
    psycopg.connect(postgres.url).close()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    try:
        server = start_postgres()
    except ProgramMissing as problem:
        give_up(problem)
    with server:
        yield server


def test_postgres_and_its_files_go_when_the_test_run_is_killed(postgres: PostgresServer) -> None:
    del postgres  # only to skip where PostgreSQL is not installed
    source = (
        "from tests.servers.postgres import start_postgres\n"
        "server = start_postgres()\n"
        "print(server.process.pid, server.process.folder, flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", source], cwd=PROJECT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        pid, folder = run.stdout.readline().split()
        assert is_alive(int(pid))
        run.send_signal(signal.SIGKILL)
    assert becomes_true(lambda: not is_alive(int(pid)))
    assert becomes_true(lambda: not Path(folder).exists())


def test_redis_keeps_and_forgets(own_redis: RedisServer) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        assert client.ping()
        client.set("word", "kept")
        assert client.get("word") == b"kept"
        empty_redis(own_redis)
        assert client.get("word") is None


def test_redis_stops_and_leaves_no_files(own_redis: RedisServer) -> None:
    assert own_redis.process is not None
    own_redis.stop()
    assert not own_redis.process.is_running()
    assert not own_redis.process.folder.exists()
    with redis.Redis.from_url(own_redis.url) as client, pytest.raises(redis.ConnectionError):
        client.ping()


def test_the_application_is_served_until_stopped_with_its_children(tmp_path: Path) -> None:
    with serve_app({"WORD": "given"}, cwd=application_in(tmp_path)) as app:
        with urllib.request.urlopen(f"{app.url}/health") as answer:
            assert answer.status == 200
        assert os.getpgid(app.pid) == app.pid
        child = int(app.output().split()[1])
        assert is_alive(child)
    assert not is_alive(app.pid)
    assert becomes_true(lambda: not is_alive(child))


def test_the_application_gets_the_given_settings_and_port_but_nothing_else_of_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOT_FOR_THE_APPLICATION", "leaked")
    port = free_port()
    with serve_app({"WORD": "given"}, port=port, cwd=application_in(tmp_path)) as app:
        assert app.url == f"http://127.0.0.1:{port}"
        assert f"arguments ['serve', '--port', '{port}']\nword given secret None" in app.output()


def test_an_application_that_ends_while_starting_is_reported_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match=r"(?s)ended while starting.*the setting SECRET_KEY is too short"):
        serve_app({}, cwd=application_in(tmp_path, "raise SystemExit('the setting SECRET_KEY is too short')"))


def test_a_server_that_is_never_ready_is_stopped_and_reported(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    process = start_guarded(
        [sys.executable, "-uc", "print('still thinking'); import time; time.sleep(600)"], folder=folder
    )
    with pytest.raises(ServerFailed, match=r"(?s)not ready within 1 s.*still thinking"):
        wait_until_ready(process, is_ready=lambda: False, seconds=1, name="the server")
    assert not process.is_running()
    assert not folder.exists()


def test_a_command_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match="could not start /no/such/server"):
        start_guarded(["/no/such/server"], folder=tmp_path)
