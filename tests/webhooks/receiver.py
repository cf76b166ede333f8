"""A program on this machine that takes messages, as well or as badly as a test wants it."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Talk = Callable[[Any], None]


@dataclass(frozen=True)
class Taken:
    """One message as it came in."""

    body: bytes
    #: By their names in small letters.
    headers: Mapping[str, str]
    #: By the clock that only goes forward.
    at: float

    @property
    def said(self) -> Any:
        """What stands in it."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """A running one."""

    url: str
    taken: list[Taken] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        """The words of the events that came in, in their order."""
        return [one.said["type"] for one in self.taken]


def answering(status: int = 204, **headers: str) -> Talk:
    """Return what answers with a number and headers, and without a word."""

    def talk(handler: Any) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return talk


def in_turn(*talks: Talk) -> Talk:
    """Return what answers each message with the next of these, and all further ones with the last."""
    waiting = list(talks)

    def talk(handler: Any) -> None:
        (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler)

    return talk


@contextmanager
def receiver(talk: Talk | None = None) -> Iterator[Receiver]:
    """Run a receiver that answers with `talk`, or takes everything."""
    answer = talk or answering()
    running = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            running.taken.append(Taken(body, headers, time.monotonic()))
            try:
                answer(self)
            except OSError:
                # Whoever sent it listens no more.
                self.close_connection = True

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    running.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
