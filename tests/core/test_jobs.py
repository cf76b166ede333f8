"""The job engine: messages as JSON, a bell that wakes a worker, and a worker that ends when told to."""

import json
import os
import pickle
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.registry import Message
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from ideas.core import jobs, mail, outbox
from ideas.core.db import db, transaction
from ideas.core.jobs import JSONSerializer, Labour, Work
from ideas.core.outbox import Job, OutboxState
from ideas.core.settings import BadSetting, Queue, Settings, read_settings
from tests.core.work import Bell, leave_mark, marks, put, rows, working
from tests.servers.app import PROJECT
from tests.servers.postgres import create_database
from tests.servers.redis import start_redis

START_SECONDS, STOP_SECONDS = 40, 10
MOMENT = datetime(2026, 3, 2, 15, 30, 1, 5, tzinfo=UTC)


def wait_until(is_so: Callable[[], bool], *, seconds: float = START_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def has_done_all() -> bool:
    found = rows()
    db.session.rollback()
    return bool(found) and {row.state for row in found} == {OutboxState.DONE}


@contextmanager
def consuming(work: Work) -> Iterator[None]:
    """Run the threads of a worker, without the signals that only a process of its own can listen to."""
    consumer = Labour(work)
    consumer._set_signal_handlers = lambda: None
    running = threading.Thread(target=consumer.run, daemon=True)
    running.start()
    try:
        yield
    finally:
        consumer.stop(graceful=True)
        running.join(STOP_SECONDS)
        assert not running.is_alive()


@pytest.mark.once
@pytest.mark.parametrize(
    "message",
    [
        Message("1", "drain", None, 0, 0, None, [], {}, None, None),
        Message("2", "drain", MOMENT, 3, 15, 7, [1, "two"], {"three": None}, None, None, expires_resolved=MOMENT),
    ],
)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    serializer = JSONSerializer()
    sent = serializer.serialize(message)
    json.loads(sent)
    assert serializer.deserialize(sent) == message


@pytest.mark.once
def test_a_message_that_would_run_code_is_not_read() -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return exec, ("raise SystemExit('ran')",)

    with pytest.raises(ValueError, match=r"."):
        JSONSerializer().deserialize(pickle.dumps(Trap()))


@pytest.mark.once
def test_what_json_does_not_know_is_not_sent() -> None:
    with pytest.raises(TypeError, match="object"):
        JSONSerializer().serialize({"x": object()})


def no_pickle(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("pickle was used")

    monkeypatch.setattr("huey.serializer.pickle.dumps", refuse)
    monkeypatch.setattr("huey.serializer.pickle.loads", refuse)


POSTGRES = "postgresql://somebody@127.0.0.1:1/nothing"
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.mark.once
@pytest.mark.parametrize(
    ("env", "engine"),
    [
        ({}, SqliteHuey),
        ({"QUEUE": "file", "REDIS_URL": NOWHERE}, SqliteHuey),
        ({"REDIS_URL": NOWHERE}, RedisHuey),
        ({"QUEUE": "redis", "REDIS_URL": NOWHERE}, RedisHuey),
        ({"QUEUE": "postgresql", "DATABASE_URL": POSTGRES}, PostgresHuey),
    ],
)
def test_the_engine_is_the_one_that_is_named(env: dict[str, str], engine: type[Huey], tmp_path: Path) -> None:
    made = jobs.create_engine(read_settings({"STORAGE_DIR": str(tmp_path / "new"), **env}))
    assert type(made) is engine
    assert isinstance(made.serializer, JSONSerializer)
    assert (tmp_path / "new" / "jobs.db").exists() is (engine is SqliteHuey)


@pytest.mark.once
@pytest.mark.parametrize(
    "env", [{"QUEUE": "rabbit"}, {"QUEUE": "redis"}, {"QUEUE": "postgresql"}], ids=lambda env: env["QUEUE"]
)
def test_a_queue_that_cannot_be_is_refused_by_name(env: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"^QUEUE: "):
        read_settings({"STORAGE_DIR": str(tmp_path), **env})


@pytest.fixture
def engine_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Queue], Huey]:
    """Makes a job engine on a real server, or on a file."""

    def make(queue: Queue) -> Huey:
        env = {"STORAGE_DIR": str(tmp_path), "QUEUE": queue}
        if queue is Queue.REDIS:
            env["REDIS_URL"] = request.getfixturevalue("redis_url")
        if queue is Queue.POSTGRESQL:
            server = request.getfixturevalue("postgres_server")
            env["DATABASE_URL"] = create_database(server, f"queue_{secrets.token_hex(4)}")
        return jobs.create_engine(read_settings(env))

    return make


@pytest.mark.once
@pytest.mark.parametrize("queue", Queue)
def test_a_worker_does_what_it_is_rung_for(
    app: Flask, engine_of: Callable[[Queue], Huey], monkeypatch: pytest.MonkeyPatch, queue: Queue
) -> None:
    no_pickle(monkeypatch)
    work = jobs.connect(app, engine_of(queue))
    with working({"mark": Job(run=leave_mark)}, work.ring), consuming(work):
        for mark in "ab":
            put("mark", mark)
        wait_until(has_done_all, seconds=STOP_SECONDS)
    assert marks() == ["a:1", "b:1"]
    assert {row.attempts for row in rows()} == {1}


@pytest.mark.once
@pytest.mark.parametrize("queue", Queue)
def test_the_bell_wakes_a_thread_that_waits(app: Flask, engine_of: Callable[[Queue], Huey], queue: Queue) -> None:
    work = jobs.connect(app, engine_of(queue))
    work.ring()
    assert work.engine.dequeue().name == "drain"


@pytest.mark.once
@pytest.mark.parametrize("queue", Queue)
def test_a_worker_finds_what_no_bell_told_of(app: Flask, engine_of: Callable[[Queue], Huey], queue: Queue) -> None:
    work = jobs.connect(app, engine_of(queue))
    with working({"mark": Job(run=leave_mark)}, Bell()), consuming(work):
        put("mark", "a")
        wait_until(has_done_all, seconds=STOP_SECONDS)
    assert marks() == ["a:1"]


@pytest.mark.once
def test_work_goes_on_while_the_engine_is_gone(app: Flask, tmp_path: Path) -> None:
    with start_redis() as server:
        env = {"STORAGE_DIR": str(tmp_path), "REDIS_URL": server.url}
        work = jobs.connect(app, jobs.create_engine(read_settings(env)))
        with working({"mark": Job(run=leave_mark)}, work.ring), consuming(work):
            put("mark", "before")
            wait_until(has_done_all, seconds=STOP_SECONDS)
            server.stop()
            with capture_logs():
                put("mark", "while it is gone")
                wait_until(has_done_all, seconds=STOP_SECONDS)
    assert marks() == ["before:1", "while it is gone:1"]


@pytest.mark.once
def test_a_worker_survives_a_database_that_is_away_for_a_while(
    app: Flask, engine_of: Callable[[Queue], Huey], monkeypatch: pytest.MonkeyPatch
) -> None:
    work, looks, really = jobs.connect(app, engine_of(Queue.FILE)), [], outbox.drain

    def drain(**options: Any) -> int:
        looks.append(1)
        if len(looks) <= 2 * jobs.WORKERS:
            raise OperationalError("SELECT", {}, Exception("gone"))
        return really(**options)

    monkeypatch.setattr(jobs, "FAILED_LOOK_SECONDS", 0.1)
    monkeypatch.setattr(outbox, "drain", drain)
    with working({"mark": Job(run=leave_mark)}, Bell()), capture_logs() as logged:
        put("mark", "a")
        with consuming(work):
            wait_until(has_done_all, seconds=STOP_SECONDS)
    assert marks() == ["a:1"]
    assert "look_failed" in {entry["event"] for entry in logged}


def test_a_bell_out_of_reach_hurts_nobody_and_is_left_alone_for_a_while(app: Flask) -> None:
    work = jobs.connect(app, jobs.create_engine(read_settings({"REDIS_URL": NOWHERE})))
    with working({"mark": Job(run=leave_mark)}, work.ring):
        with capture_logs() as logged:
            put("mark", "a")
            put("mark", "b")
        assert [row.state for row in rows()] == [OutboxState.PENDING] * 2
        assert outbox.drain() == 2
    assert marks() == ["a:1", "b:1"]
    assert [entry["event"] for entry in logged] == ["bell_failed"]


@pytest.mark.once
def test_a_bell_whose_server_hangs_keeps_nobody_waiting_for_long(app: Flask, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        env = {"STORAGE_DIR": str(tmp_path), "REDIS_URL": f"redis://127.0.0.1:{silent.getsockname()[1]}/0"}
        work = jobs.connect(app, jobs.create_engine(read_settings(env)))
        began = time.monotonic()
        with working({"mark": Job(run=leave_mark)}, work.ring), capture_logs():
            for mark in "abc":
                put("mark", mark)
    assert time.monotonic() - began < 4 * jobs.RING_SECONDS
    assert len(rows()) == 3


@pytest.mark.once
def test_jobs_that_hang_keep_no_others_waiting(app: Flask, engine_of: Callable[[Queue], Huey]) -> None:
    released = threading.Event()

    def hang(_payload: Mapping[str, Any]) -> None:
        released.wait(STOP_SECONDS)

    table = {"hang": Job(run=hang, inside=False)}
    work = jobs.connect(app, engine_of(Queue.FILE))
    with working({**table, "mark": Job(run=leave_mark)}, work.ring), consuming(work):
        for mark in "12345":
            put("hang", mark)
        time.sleep(jobs.LOOK_SECONDS)
        began = time.monotonic()
        put("mark", "a")
        wait_until(lambda: marks() == ["a:1"], seconds=STOP_SECONDS)
        waited = time.monotonic() - began
        released.set()
    # Far less than those hang, however busy the machine is.
    assert waited < STOP_SECONDS / 2


def worker_env(settings: Settings, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "STORAGE_DIR": str(folder / "var"),
        "DATABASE_URL": settings.database_url,
        "MAIL_URL": f"file://{folder / 'mails'}",
    }


def test_the_worker_sends_what_waits_and_what_comes_and_ends_when_told(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    env = worker_env(settings, tmp_path)
    engine = jobs.create_engine(read_settings(env))
    with working({mail.JOB: Job(run=mail.send, inside=False)}, Bell()):
        queue("before")
    db.session.rollback()
    worker = subprocess.Popen(
        [sys.executable, "-m", "ideas", "worker"],
        env=env,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until(lambda: len(sent(tmp_path)) == 1)
        with working({mail.JOB: Job(run=mail.send, inside=False)}, jobs.connect(app, engine).ring):
            queue("after")
        wait_until(lambda: len(sent(tmp_path)) == 2, seconds=STOP_SECONDS)
        wait_until(has_done_all, seconds=STOP_SECONDS)
        worker.send_signal(signal.SIGTERM)
        output, _nothing = worker.communicate(timeout=STOP_SECONDS)
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.communicate()
    assert worker.returncode == 0, output
    assert "Traceback" not in output
    assert {row.attempts for row in rows()} == {1}


def queue(subject: str) -> None:
    with transaction():
        mail.queue_mail(to="ann@example.org", subject=subject, text="Hello.")


def sent(folder: Path) -> list[Path]:
    return list((folder / "mails").glob("*"))
