"""The `ideas` command, run inside the test process on the test's own database."""

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from ideas.app import wire
from ideas.cli.main import cli
from ideas.core.settings import Settings
from tests.clean_database import CleanDatabase

Ideas = Callable[..., Result]


@pytest.fixture
def environment(
    session_app: Flask, settings: Settings, clean_database: CleanDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The settings of the tests in the environment, the database empty."""
    clean_database.empty()
    for name in ("IDEAS_ENV", "SECRET_KEY", "REDIS_URL", "MAIL_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("STORAGE_DIR", str(settings.storage_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("BASE_URL", settings.base_url)
    yield
    clean_database.empty()
    # Each command makes an application of its own; jobs and events go to the tests' application again.
    wire(session_app, settings)


@pytest.fixture
def ideas(environment: None) -> Ideas:
    """Runs a command; what it printed and its exit code are in the result."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    return run
