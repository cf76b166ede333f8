"""What the outbox loses when a process dies or several work at once: nothing, and nothing is done twice."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from huey import MemoryHuey
from sqlalchemy import select

from ideas.core import clock, jobs, outbox
from ideas.core.db import db, transaction
from ideas.core.once import Submission
from ideas.core.outbox import LEASE, Job, OutboxState, drain
from ideas.core.settings import Settings
from tests.conftest import NewDatabase
from tests.core.places import at_once, small_app
from tests.core.work import Bell, count_mark, leave_mark, marks, rows, working
from tests.servers.app import PROJECT
from tests.servers.plugin import DatabaseKind

KILLED = 9
ROWS, WORKERS = 60, 4
SECOND = timedelta(seconds=1)
#: A process that opens the same database. `die()` ends it on the spot: nothing is closed, flushed or cleaned up.
CHILD = f"""
import os, sys
from flask import Flask
from ideas.core import outbox
from ideas.core.db import init_db, session, transaction
from tests.core.work import leave_mark

def die(*_): os._exit({KILLED})

def work_and_die(payload):
    leave_mark(payload)
    session().flush()
    die()

app = Flask("child")
init_db(app, sys.argv[1])
bell = die if sys.argv[2] == "before the bell" else lambda: None
outbox.connect({{"mark": outbox.Job(run=work_and_die)}}, bell)
with app.app_context():
    with transaction():
        leave_mark({{"mark": "asked"}})
        outbox.put("mark", {{"mark": "done"}})
        if sys.argv[2] == "before the commit":
            session().flush()
            die()
    outbox.drain()
"""


def die_in_a_child(settings: Settings, moment: str) -> None:
    db.session.rollback()
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)}
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, settings.database_url, moment],
        env=env,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == KILLED, ended.stderr


@pytest.fixture
def bell(app: Flask) -> Iterator[Bell]:
    with working({"mark": Job(run=leave_mark)}) as ringing:
        yield ringing


def sweep(app: Flask) -> None:
    """Do what each thread of a worker does by itself each second."""
    jobs.Work(app, MemoryHuey("sweeping", results=False)).look()


def test_a_crash_between_commit_and_bell_loses_nothing_and_the_sweep_delivers_once(
    app: Flask, bell: Bell, settings: Settings
) -> None:
    die_in_a_child(settings, "before the bell")
    assert marks() == ["asked:1"]
    assert [(row.state, row.attempts) for row in rows()] == [(OutboxState.PENDING, 0)]
    sweep(app)
    sweep(app)
    assert marks() == ["asked:1", "done:1"]
    assert [(row.state, row.attempts) for row in rows()] == [(OutboxState.DONE, 1)]


def test_a_crash_before_the_commit_leaves_neither_the_change_nor_the_row(
    app: Flask, bell: Bell, settings: Settings
) -> None:
    die_in_a_child(settings, "before the commit")
    assert (marks(), rows()) == ([], [])


def test_a_crash_in_the_middle_of_the_work_undoes_it_and_another_worker_does_it_after_the_lease(
    app: Flask, bell: Bell, settings: Settings
) -> None:
    die_in_a_child(settings, "in the work")
    assert marks() == ["asked:1"]
    assert [(row.state, row.attempts) for row in rows()] == [(OutboxState.PENDING, 1)]
    sweep(app)
    assert marks() == ["asked:1"]
    with clock.frozen(clock.now() + LEASE + SECOND):
        assert drain() == 1
        assert drain() == 0
    assert marks() == ["asked:1", "done:1"]


@pytest.fixture
def place(database_kind: DatabaseKind, new_database: NewDatabase) -> Iterator[Flask]:
    with small_app(database_kind, new_database) as app:
        yield app


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
def test_workers_at_once_take_each_row_once(place: Flask, *, inside: bool) -> None:
    def count(payload: Mapping[str, Any]) -> None:
        if inside:
            count_mark(payload)
            return
        with transaction():
            count_mark(payload)

    with working({"count": Job(run=count, inside=inside)}):
        with place.app_context(), transaction():
            for number in range(ROWS):
                outbox.put("count", {"mark": f"0:{number}"})

        def work() -> None:
            # A worker that meets another one at the same row may look away early; the sweep looks again.
            while drain():
                pass

        assert at_once(place, *[work] * WORKERS) == []
        with place.app_context():
            drain()
            assert {(row.state, row.attempts) for row in rows()} == {(OutboxState.DONE, 1)}
            assert len(marks()) == ROWS
            assert set(db.session.scalars(select(Submission.location))) == {"x"}
