"""The job engine: messages as JSON, a bell that wakes a worker, and a worker that ends when told to."""

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey
from huey.registry import Message
from structlog.testing import capture_logs

from ideas.core import jobs, mail, outbox
from ideas.core.db import db, transaction
from ideas.core.jobs import JSONSerializer
from ideas.core.outbox import Job, OutboxState
from ideas.core.settings import Settings, read_settings
from tests.core.work import Bell, leave_mark, marks, put, rows, working
from tests.servers.app import PROJECT

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
def consuming(engine: Huey) -> Iterator[None]:
    """Run the threads of a worker, without the signals that only a process of its own can listen to."""
    consumer = jobs.consumer_of(engine)
    consumer._set_signal_handlers = lambda: None
    running = threading.Thread(target=consumer.run, daemon=True)
    running.start()
    try:
        yield
    finally:
        consumer._received_signal = True
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


@pytest.mark.once
def test_the_engine_is_a_file_or_redis_as_configured(tmp_path: Path) -> None:
    plain = jobs.create_engine(read_settings({"STORAGE_DIR": str(tmp_path / "new")}))
    assert isinstance(plain, SqliteHuey)
    assert (tmp_path / "new" / "jobs.db").exists()
    fleet = jobs.create_engine(read_settings({"REDIS_URL": "redis://127.0.0.1:1/0"}))
    assert isinstance(fleet, RedisHuey)
    for engine in (plain, fleet):
        assert isinstance(engine.serializer, JSONSerializer)


@pytest.mark.parametrize("carrier", ["file", "redis"])
def test_a_worker_drains_soon_after_the_bell(
    app: Flask, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carrier: str
) -> None:
    no_pickle(monkeypatch)
    env = {"STORAGE_DIR": str(tmp_path)}
    if carrier == "redis":
        env["REDIS_URL"] = request.getfixturevalue("redis_url")
    engine = jobs.create_engine(read_settings(env))
    ring = jobs.connect(app, engine)
    with working({"mark": Job(run=leave_mark)}, ring), consuming(engine):
        for mark in "ab":
            put("mark", mark)
        wait_until(has_done_all, seconds=STOP_SECONDS)
    assert marks() == ["a:1", "b:1"]
    assert {row.attempts for row in rows()} == {1}
    if carrier == "redis":
        engine.storage.conn.close()


def test_a_bell_out_of_reach_hurts_nobody_and_the_row_waits_for_the_sweep(app: Flask) -> None:
    ring = jobs.connect(app, jobs.create_engine(read_settings({"REDIS_URL": "redis://127.0.0.1:1/0"})))
    with working({"mark": Job(run=leave_mark)}, ring):
        with capture_logs() as logged:
            put("mark", "a")
        assert [row.state for row in rows()] == [OutboxState.PENDING]
        assert outbox.drain() == 1
    assert marks() == ["a:1"]
    assert [entry["event"] for entry in logged] == ["bell_failed"]


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
        with working({mail.JOB: Job(run=mail.send, inside=False)}, jobs.connect(app, engine)):
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
