"""A private Redis server for tests, which keeps nothing on disk."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from tests.servers.guarded import GuardedProcess, start_guarded, wait_until_ready
from tests.servers.ports import free_port
from tests.servers.programs import REDIS, get_program

READY_SECONDS = 20


@dataclass(frozen=True)
class RedisServer:
    """A running server; `url` leads to its database 0."""

    url: str
    #: None when somebody else started it and will stop it.
    process: GuardedProcess | None = None

    def stop(self) -> None:
        """Stop the server; harmless when done before or when it is not ours."""
        if self.process is not None:
            self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_redis() -> RedisServer:
    """Start a new, empty server on a free port of 127.0.0.1 and return it when it answers.

    Use it in `with`, or call `stop()`. It also ends when the calling process dies.

    :raise ProgramMissing: when Redis is not installed.
    :raise ServerFailed: when it does not start; the text holds what it printed.
    """
    program = get_program(REDIS)
    folder = Path(tempfile.mkdtemp(prefix="tests-redis-"))
    port = free_port()
    settings = {
        "port": str(port),
        "bind": "127.0.0.1",
        "dir": str(folder),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
    }
    command = [str(program), *(part for name, value in settings.items() for part in (f"--{name}", value))]
    process = start_guarded(command, folder=folder)
    url = f"redis://127.0.0.1:{port}/0"
    wait_until_ready(process, is_ready=lambda: _answers(url), seconds=READY_SECONDS, name="Redis")
    return RedisServer(url, process)


def empty_redis(server: RedisServer) -> None:
    """Remove every key of every database of the server."""
    with redis.Redis.from_url(server.url) as client:
        client.flushall()


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
