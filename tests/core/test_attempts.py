"""Counting tries: over all processes, in windows, without waiting for what a request does beside."""

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from ideas.core import attempts
from ideas.core.attempts import Attempt, attempts_of, count_attempt, end_of_window, forget_attempts, purge
from ideas.core.db import db, session
from ideas.core.settings import Settings
from tests.servers.app import PROJECT

CHILD = """
import sys
from ideas.app import create_app
from ideas.core.attempts import count_attempt
app = create_app()
with app.app_context():
    for _ in range(50):
        print(count_attempt("shared", seconds=600))
"""


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    moment = {"now": 1_000_000.0}
    monkeypatch.setattr(time, "time", lambda: moment["now"])
    return moment


def test_each_try_counts_one_more_of_its_name(app: Flask) -> None:
    assert [count_attempt("a", seconds=60) for _ in range(3)] == [1, 2, 3]
    assert count_attempt("b", seconds=60, amount=5) == 5
    assert (attempts_of("a"), attempts_of("b"), attempts_of("c")) == (3, 5, 0)


def test_a_window_begins_with_the_first_try_and_starts_anew_after_its_end(app: Flask, at: dict[str, float]) -> None:
    assert count_attempt("a", seconds=60) == 1
    at["now"] += 59
    assert count_attempt("a", seconds=60) == 2
    assert end_of_window("a") == datetime.fromtimestamp(1_000_060, UTC)
    at["now"] += 1
    assert attempts_of("a") == 0
    assert count_attempt("a", seconds=60) == 1
    assert end_of_window("a") == datetime.fromtimestamp(1_000_120, UTC)


def test_ended_windows_are_deleted_and_others_stay(app: Flask, at: dict[str, float]) -> None:
    count_attempt("short", seconds=60)
    count_attempt("long", seconds=600)
    at["now"] += 61
    assert purge() == 1
    assert attempts_of("long") == 1
    assert session().scalar(select(func.count()).select_from(Attempt)) == 1


def test_one_name_can_be_forgotten_or_all(app: Flask) -> None:
    for name in ("a", "b", "c"):
        count_attempt(name, seconds=60)
    assert (forget_attempts("a"), attempts_of("a"), attempts_of("b")) == (1, 0, 1)
    assert forget_attempts() == 2


def test_the_table_tells_nobodys_address(app: Flask) -> None:
    count_attempt("address:192.0.2.7", seconds=60)
    assert session().scalars(select(Attempt.key)).one() == attempts.hash_of("address:192.0.2.7")


def test_a_count_stays_where_the_request_is_undone(app: Flask) -> None:
    session().execute(select(Attempt))
    count_attempt("a", seconds=60)
    session().rollback()
    assert attempts_of("a") == 1


def test_racing_tries_are_all_counted(app: Flask) -> None:
    db.session.rollback()
    found: list[int] = []

    def try_it() -> None:
        with app.app_context():
            found.extend(count_attempt("raced", seconds=600) for _ in range(10))

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 81))


def test_two_processes_share_one_count(app: Flask, settings: Settings) -> None:
    db.session.rollback()
    env = {**os.environ, "DATABASE_URL": settings.database_url, "STORAGE_DIR": str(settings.storage_dir)}
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD], env=env, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    counted = [int(word) for child in children for word in child.communicate(timeout=60)[0].split()]
    assert sorted(counted) == list(range(1, 101))
    assert attempts_of("shared") == 100
