"""The pytest plugin: one PostgreSQL for the whole run, Redis on demand, and clear words where a program is missing."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.servers.app import PROJECT
from tests.servers.plugin import POSTGRES_VARIABLE, REDIS_VARIABLE
from tests.servers.programs import POSTGRESQL, REDIS

pytestmark = pytest.mark.once

needs_postgresql = pytest.mark.skipif(POSTGRESQL.find() is None, reason="PostgreSQL is not installed")
needs_redis = pytest.mark.skipif(REDIS.find() is None, reason="Redis is not installed")

WITHOUT_PROGRAMS = """
from pathlib import Path
from tests.servers import programs
programs.POSTGRESQL_VERSIONS = Path("/nowhere")
programs.shutil.which = lambda name: None
"""


def run_pytest(
    folder: Path, source: str, *options: str, before: str = "", environ: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run pytest with the plugin over one file of tests, in a process of its own."""
    (folder / "test_inner.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "before.py").write_text(before)
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {POSTGRES_VARIABLE, REDIS_VARIABLE, "CI", "PYTEST_ADDOPTS"}
        and not name.startswith("PYTEST_XDIST")
    }
    plugins = ["-p", "before", "-p", "tests.servers.plugin", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-W", "error", *plugins, *options, str(folder)],
        cwd=folder,
        env={**inherited, "PYTHONPATH": f"{PROJECT}{os.pathsep}{folder}", **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def noted(folder: Path) -> set[str]:
    """What the inner tests wrote down."""
    return {path.read_text() for path in folder.glob("*.note")}


NOTING_TESTS = """
import os, pytest, psycopg
from pathlib import Path

@pytest.mark.parametrize("number", range(8))
def test_server(number, postgres_server, database_kind):
    psycopg.connect(postgres_server.url).close()
    Path(f"{number}.note").write_text(f"{database_kind} {postgres_server.url}")
    Path(f"{os.getpid()}.worker").touch()
"""


@needs_postgresql
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_all_workers_share_one_postgresql_which_is_gone_afterwards(tmp_path: Path, workers: tuple[str, ...]) -> None:
    ran = run_pytest(tmp_path, NOTING_TESTS, "--database", "postgresql", *workers)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(list(tmp_path.glob("*.worker"))) == (2 if workers else 1)
    (note,) = noted(tmp_path)
    kind, url = note.split()
    assert kind == "postgresql"
    assert not answers(url)


@needs_postgresql
def test_a_server_given_from_outside_is_used_and_left_running(tmp_path: Path) -> None:
    inner = "def test_given(postgres_server):\n    assert postgres_server.url == 'postgresql://elsewhere/x'\n"
    ran = run_pytest(
        tmp_path, inner, "--database", "postgresql", environ={POSTGRES_VARIABLE: "postgresql://elsewhere/x"}
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_sqlite_is_the_default_and_starts_no_server(tmp_path: Path) -> None:
    inner = """
import os

def test_default(database_kind):
    assert database_kind == "sqlite"
    assert "IDEAS_TEST_POSTGRES" not in os.environ
"""
    ran = run_pytest(tmp_path, inner)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, "", "--database", "paper")
    assert ran.returncode == pytest.ExitCode.USAGE_ERROR
    assert "paper" in ran.stderr


@needs_redis
def test_every_test_gets_an_empty_redis(tmp_path: Path) -> None:
    inner = """
import pytest, redis

@pytest.mark.parametrize("number", range(3))
def test_empty(number, redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("word", number)
"""
    ran = run_pytest(tmp_path, inner, "-n", "2")
    assert ran.returncode == 0, ran.stdout + ran.stderr


ASKING_TESTS = "def test_postgresql(postgres_server): pass\ndef test_redis(redis_url): pass\n"


def test_a_missing_program_skips_with_the_package_named(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, ASKING_TESTS, "--database", "postgresql", before=WITHOUT_PROGRAMS)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 skipped" in ran.stdout
    assert "Debian's package postgresql" in ran.stdout
    assert "Debian's package redis-server" in ran.stdout


def test_a_missing_program_fails_an_unattended_run(tmp_path: Path) -> None:
    ran = run_pytest(tmp_path, ASKING_TESTS, before=WITHOUT_PROGRAMS, environ={"CI": "true"})
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED
    assert "2 errors" in ran.stdout
    assert "Debian's package redis-server" in ran.stdout


def answers(url: str) -> bool:
    """Tell whether a PostgreSQL answers at the address."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
