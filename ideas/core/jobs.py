"""The job engine (Huey) behind a small face: a bell that wakes a worker, and the worker itself."""

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from redis.exceptions import RedisError

from ideas.core import memory, outbox, periodic
from ideas.core.settings import Settings

log = structlog.get_logger()

#: Longest pause of an idle worker between two looks, in seconds.
MAX_IDLE_SECONDS = 1.0
WORKERS = 2


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
    """Return the job engine: on Redis where it is configured, else a file beside the database."""
    options: dict[str, Any] = {"results": False, "serializer": JSONSerializer()}
    if settings.redis_url:
        return RedisHuey("ideas", url=settings.redis_url, **options)
    path = Path(settings.storage_dir) / "jobs.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    # The engine opens this file with the system's SQLite, whose write-ahead log may have the reset bug.
    return SqliteHuey("ideas", filename=str(path), journal_mode="truncate", **options)


def connect(app: Flask, engine: Huey) -> Callable[[], None]:
    """Register the tasks with the engine; return the bell that asks a worker to look at the outbox."""

    @engine.task(name="drain")
    def drain() -> None:
        with app.app_context():
            outbox.drain()

    @engine.periodic_task(crontab(minute="*"), name="sweep")
    def sweep() -> None:
        with app.app_context():
            periodic.tick()
            memory.forget_old()
            outbox.drain()

    app.extensions["jobs"] = engine

    def ring() -> None:
        try:
            drain()
        except (RedisError, sqlite3.Error, OSError) as error:
            # What was asked is committed; the sweep finds the row, so nobody is told that it failed.
            log.warning("bell_failed", error=type(error).__name__)

    return ring


def consumer_of(engine: Huey) -> Consumer:
    """Return a consumer with two threads; `run()` blocks until SIGTERM or SIGINT."""
    return engine.create_consumer(
        workers=WORKERS, periodic=True, initial_delay=0.05, max_delay=MAX_IDLE_SECONDS, check_worker_health=True
    )


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _read_moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
