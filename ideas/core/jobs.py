"""The job engine (Huey) behind a small face: a bell that wakes a worker, and the worker itself.

The bell only saves waiting. Every thread of a worker looks at the outbox by itself, so that work goes on where the
engine is gone, and what no bell told of is found.
"""

import json
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import structlog
from flask import Flask
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.consumer import Consumer, Scheduler, Worker
from huey.registry import Message
from huey.serializer import Serializer
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool
from redis.exceptions import RedisError
from redis.retry import Retry

from ideas.core import clock, memory, outbox, periodic
from ideas.core.settings import Queue, Settings

log = structlog.get_logger()

#: One or two jobs that hang must not keep the others waiting.
WORKERS = 6
#: Longest pause of an idle thread between two looks at the outbox, and at the queue.
LOOK_SECONDS = 1.0
#: After the database did not answer.
FAILED_LOOK_SECONDS = 5.0
#: Time left to jobs under way when the worker is told to stop; the rest is done after its lease.
STOP_SECONDS = 6
#: After the bell failed it is not tried for so long: requests would wait for it, one after the other.
SILENT_SECONDS = 10.0
#: How long a request waits for the bell of another machine.
RING_SECONDS = 2
ENGINE_ERRORS = (RedisError, sqlite3.Error, psycopg.Error, OSError)


#: Fields of a message that hold moments, which JSON knows as text only.
MOMENTS = ("eta", "expires", "expires_resolved")


class JSONSerializer(Serializer):
    """Carries messages as JSON: a queue file or server that others can write must not run their code."""

    def _serialize(self, data: Any) -> bytes:
        fields = list(data) if isinstance(data, Message) else data
        return json.dumps(fields, default=_moment).encode()

    def _deserialize(self, data: bytes) -> Any:
        fields = json.loads(data)
        if isinstance(fields, list) and len(fields) == len(Message._fields):
            message = Message(*fields)
            return message._replace(**{name: _read_moment(getattr(message, name)) for name in MOMENTS})
        return fields


def create_engine(settings: Settings) -> Huey:
    """Return the job engine that QUEUE names: on Redis, in PostgreSQL, or a file beside the database."""
    options: dict[str, Any] = {"results": False, "serializer": JSONSerializer()}
    if settings.queue is Queue.REDIS:
        return RedisHuey("ideas", connection_pool=_redis_pool(settings), **options)
    if settings.queue is Queue.POSTGRESQL:
        address = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        # The tables are made when the bell first rings: the program must start where the database is away.
        return PostgresHuey(
            "ideas", dsn=address, connect_timeout=RING_SECONDS, table_prefix="queue", create_tables=False, **options
        )
    path = Path(settings.storage_dir) / "jobs.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    # The engine opens this file with the system's SQLite, whose write-ahead log may have the reset bug.
    return SqliteHuey("ideas", filename=str(path), journal_mode="truncate", **options)


def _redis_pool(settings: Settings) -> ConnectionPool:
    # A server that hangs answers nothing; the answer to a worker that waits for a bell takes up to a second.
    limits = {"socket_connect_timeout": RING_SECONDS, "socket_timeout": RING_SECONDS}
    return ConnectionPool.from_url(settings.redis_url or "", retry=Retry(NoBackoff(), 1), **limits)


class Work:
    """What rings for work, and what the threads of a worker do."""

    def __init__(self, app: Flask, engine: Huey) -> None:
        self.app, self.engine = app, engine
        self.is_stopping: Callable[[], bool] = lambda: False
        self._message = engine.task(name="drain")(self.look)
        self._is_prepared = not isinstance(engine, PostgresHuey)
        self._silent_until = 0.0
        self._minute = 0

    def ring(self) -> None:
        """Ask a worker to look at the outbox. Where the engine is away, nobody is told that something failed."""
        if time.monotonic() < self._silent_until:
            return
        try:
            self.prepare()
            self._message()
        except ENGINE_ERRORS as error:
            # What was asked is committed; the next look finds it.
            self._silent_until = time.monotonic() + SILENT_SECONDS
            log.warning("bell_failed", error=type(error).__name__)

    def prepare(self) -> None:
        """Make the tables of an engine in PostgreSQL, once in each process."""
        if not self._is_prepared:
            self.engine.storage.initialize_schema()
            self._is_prepared = True

    def look(self) -> None:
        """Do what is due in the outbox, until nothing is or the worker is told to stop."""
        with self.app.app_context():
            outbox.drain(until=self.is_stopping, gently=True)

    def tick(self) -> None:
        """Put what the clock asks for, once a minute, and forget what grew old."""
        with self.app.app_context():
            if clock.minute() != self._minute:
                periodic.tick()
                memory.forget_old()
                self._minute = clock.minute()


def connect(app: Flask, engine: Huey) -> Work:
    """Connect the engine to the application: its `ring` is the bell of the outbox."""
    work = Work(app, engine)
    app.extensions["jobs"] = work
    return work


class Labour(Consumer):
    """A worker: threads that look at the outbox, and one that looks at the clock."""

    def __init__(self, work: Work) -> None:
        self.work = work
        super().__init__(
            work.engine, workers=WORKERS, periodic=False, shutdown_timeout=STOP_SECONDS, graceful_signal="TERM"
        )
        work.is_stopping = self.stop_flag.is_set

    def _create_worker(self) -> "Looker":
        pauses = {"default_delay": self.default_delay, "max_delay": self.max_delay, "backoff": self.backoff}
        return Looker(self.work, self.huey, self.stop_flag, **pauses)

    def _create_scheduler(self) -> "Clockwork":
        return Clockwork(self.work, self.huey, self.stop_flag, interval=self.scheduler_interval, periodic=False)


class Looker(Worker):
    """A thread of a worker: looks, and waits for a bell, but not for long."""

    def __init__(self, work: Work, *args: Any, **options: Any) -> None:
        self.work = work
        super().__init__(*args, **options)

    def loop(self, now: datetime | None = None) -> None:
        """Look, then wait for a bell or a while."""
        _survive("look_failed", self.work.look, self.stop_flag)
        self._wait()

    def _wait(self) -> None:
        # Threads that look one after the other find what is due sooner than threads that look together.
        pause = LOOK_SECONDS * (0.5 + random.random() / 2)  # noqa: S311 - no secret
        try:
            rung = self.huey.dequeue()
        except Exception as error:  # whatever became of the engine, the outbox is looked at
            log.warning("engine_failed", error=type(error).__name__)
            self.stop_flag.wait(FAILED_LOOK_SECONDS * pause)
            return
        if rung is None and not self.huey.storage.blocking:
            self.stop_flag.wait(pause)


class Clockwork(Scheduler):
    """The thread of a worker that looks at the clock."""

    def __init__(self, work: Work, *args: Any, **options: Any) -> None:
        self.work = work
        super().__init__(*args, **options)

    def loop(self, now: datetime | None = None) -> None:
        """Look at the clock each second."""
        _survive("tick_failed", self.work.tick, self.stop_flag)
        self.stop_flag.wait(1)


def _survive(event: str, step: Callable[[], None], stop_flag: threading.Event) -> None:
    """Take a step; where it fails (the database is away), tell so and wait a while."""
    try:
        step()
    except Exception:  # the job runner is the one place that must survive anything
        log.exception(event)
        stop_flag.wait(FAILED_LOOK_SECONDS)


def consumer_of(app: Flask) -> Consumer:
    """Return the worker of an application; `run()` blocks until SIGTERM or SIGINT."""
    return Labour(app.extensions["jobs"])


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _read_moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
