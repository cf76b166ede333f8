"""`ideas serve`: the web server and the worker as two children of one small process that looks after them.

The parent stays without threads and without the application, so that forking is safe and a stop is quick.
"""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.process import BaseProcess
from types import FrameType

import click

from ideas.cli.main import fail, load
from ideas.cli.peek import Peek, peek
from ideas.core.schema import UnknownSchema
from ideas.core.settings import read_settings

#: A child that has not ended by then is killed; a stop takes at most 10 seconds in all.
STOP_SECONDS = 8.0
#: Pause before a worker that died is started again; doubled each time it dies soon, up to the longest.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 60.0
#: The worker begins a little later, so that the first page does not share the processor with it.
HEAD_START_SECONDS = 1.0
#: A worker that lived this long died of something new.
STEADY_SECONDS = 60.0
TICK_SECONDS = 0.2
#: Imported in the child alone, so that the parent stays small.
SERVE = "ideas.cli.serving:serve"
INVITE = "ideas.cli.setup_link:invite_first_admin"


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
@click.option("--without-worker", is_flag=True, help="`ideas worker` runs elsewhere.")
def serve(*, port: int, host: str, workers: int, without_worker: bool) -> None:
    """Serve the site, and do its background work, until stopped."""
    settings = read_settings()
    if not settings.is_production:
        # Links in mails lead to this very server, unless somebody said otherwise.
        os.environ.setdefault("BASE_URL", f"http://{host}:{port}")
    found = peek(settings)
    check_schema(found)
    check_port(host, port)
    supervisor = Supervisor(
        host=host, port=port, workers=workers, with_worker=not without_worker, is_set_up=found.has_admin
    )
    click.echo(f"Ideas is served at http://{host}:{port} (Ctrl-C stops it)")
    for line in [] if settings.is_production else found.sign_ins:
        click.echo(line)
    sys.exit(supervisor.run())


def check_schema(found: Peek) -> None:
    """Raise UnknownSchema where a database that is not empty is not at the program's schema."""
    if found.head not in {None, found.needed_head}:
        raise UnknownSchema(
            f"the database stands at {found.head}, the program needs {found.needed_head}: run `ideas migrate`"
        )


def check_port(host: str, port: int) -> None:
    """End the program where the port is taken, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fail(f"--port {port}: cannot listen on {host}: {error.strerror}")


#: How this program is started again.
PROGRAM = (sys.executable, "-m", "ideas")


class Supervisor:
    """Starts the server and the worker, starts the worker again where it dies, and ends both together."""

    def __init__(self, *, host: str, port: int, workers: int, with_worker: bool, is_set_up: bool) -> None:
        context = multiprocessing.get_context("fork")
        # Before there are tables the worker has nothing to do, and nothing to stand on.
        self._is_ready = context.Event()
        server = partial(
            run_server, host=host, port=port, workers=workers, is_set_up=is_set_up, tell_ready=self._is_ready.set
        )
        self._server: BaseProcess = context.Process(target=server, name="server")
        self._with_worker = with_worker
        self._worker: subprocess.Popen[bytes] | None = None
        self._worker_since = 0.0
        self._start_worker_at = time.monotonic() + HEAD_START_SECONDS
        self._pause = FIRST_PAUSE_SECONDS
        self._is_stopping = False

    def run(self) -> int:
        """Run until a signal asks to stop (returns 0) or the server ends by itself (returns 1)."""
        self._server.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        try:
            while not self._is_stopping and self._server.is_alive():
                self._see_to_worker()
                self._server.join(TICK_SECONDS)
        finally:
            self._stop()
        return 0 if self._is_stopping else 1

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _see_to_worker(self) -> None:
        if not self._with_worker or not self._is_ready.is_set():
            return
        now = time.monotonic()
        if self._worker is not None and self._worker.poll() is not None:
            self._note_end(now, self._worker.returncode)
        if self._worker is None and now >= self._start_worker_at:
            # A session of its own: Ctrl-C reaches it through us, after the server has stopped taking requests.
            self._worker = subprocess.Popen([*PROGRAM, "worker"], start_new_session=True)  # noqa: S603
            self._worker_since = now

    def _note_end(self, now: float, code: int) -> None:
        is_steady = now - self._worker_since >= STEADY_SECONDS
        self._pause = FIRST_PAUSE_SECONDS if is_steady else self._pause
        click.echo(f"The worker ended with {code}; it is started again in {self._pause:.1f} s.", err=True)
        self._worker, self._start_worker_at = None, now + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)

    def _stop(self) -> None:
        end = time.monotonic() + STOP_SECONDS
        if self._server.is_alive():
            self._server.terminate()
        if self._worker is not None:
            # SIGINT lets the worker finish what it holds.
            self._worker.send_signal(signal.SIGINT)
        self._server.join(max(0.1, end - time.monotonic()))
        if self._server.is_alive():
            self._server.kill()
        self._stop_worker(max(0.1, end - time.monotonic()))

    def _stop_worker(self, seconds: float) -> None:
        if self._worker is None:
            return
        try:
            self._worker.wait(seconds)
        except subprocess.TimeoutExpired:
            self._worker.kill()
            self._worker.wait()


def run_server(*, host: str, port: int, workers: int, is_set_up: bool, tell_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT, in the process that imports the application.

    Where nobody runs the place yet, the same process prepares it first: importing twice would take twice as long.
    """
    if not is_set_up:
        load(INVITE)()
    tell_ready()
    load(SERVE)(host=host, port=port, workers=workers)
