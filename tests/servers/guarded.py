"""Server processes that end with the test run, whatever ends it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from tests.servers import guardian

LOG_NAME = "output.log"
LOOK_SECONDS = 0.02
#: More than the guardian itself takes before it uses force.
STOP_SECONDS = guardian.STOP_SECONDS + 10


class ServerFailed(Exception):
    """A server did not come up; the text holds what it printed."""


@dataclass(frozen=True, eq=False)
class GuardedProcess:
    """A running server, its folder and its output."""

    pid: int
    folder: Path
    _guardian: "subprocess.Popen[str]"

    def is_running(self) -> bool:
        """Tell whether the server still runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def output(self) -> str:
        """Return what the server printed so far, standard output and errors together; empty after `stop`."""
        return read_output(self.folder)

    def stop(self) -> None:
        """Stop the server and remove its folder; harmless when done before."""
        _dismiss(self._guardian)


def start_guarded(
    command: Sequence[str],
    *,
    folder: Path,
    prepare: Sequence[Sequence[str]] = (),
    user: str | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> GuardedProcess:
    """Start a server in a process group of its own and return it at once, not yet ready.

    `folder` holds its output and is removed when it stops. `prepare` are commands that run to their end before.

    :raise ServerFailed: when the server could not be started at all.
    """
    order: guardian.Order = {
        "prepare": [list(one) for one in prepare],
        "command": list(command),
        "user": user,
        "cwd": str(cwd or folder),
        "folder": str(folder),
        "log": str(folder / LOG_NAME),
        "stop_signal": int(stop_signal),
    }
    process = subprocess.Popen(
        [sys.executable, "-I", guardian.__file__, json.dumps(order)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=None if environ is None else dict(environ),
        text=True,
        start_new_session=True,
    )
    first_line = _stdout(process).readline()
    if not first_line:
        _dismiss(process)
        shutil.rmtree(folder, ignore_errors=True)
        raise ServerFailed(f"could not start {command[0]}")
    return GuardedProcess(pid=int(first_line), folder=folder, _guardian=process)


def wait_until_ready(process: GuardedProcess, *, is_ready: Callable[[], bool], seconds: float, name: str) -> None:
    """Return once the server is ready.

    :raise ServerFailed: when it ended or was not ready in time; it is stopped, and the text holds its output.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.is_running():
        if is_ready():
            return
        time.sleep(LOOK_SECONDS)
    why = f"was not ready within {seconds:g} s" if process.is_running() else "ended while starting"
    output = process.output()
    process.stop()
    raise ServerFailed(f"{name} {why}; it printed:\n{output or '(nothing)'}")


def read_output(folder: Path) -> str:
    """Return the output kept in a server's folder, empty when there is none."""
    log = folder / LOG_NAME
    return log.read_text(errors="replace") if log.exists() else ""


def _dismiss(process: "subprocess.Popen[str]") -> None:
    if process.stdin is None or process.stdin.closed:
        return
    try:
        # The line, not only the end of input: a forked child of the test run may hold the pipe open.
        process.stdin.write("stop\n")
        process.stdin.close()
    except BrokenPipeError:
        pass
    process.wait(STOP_SECONDS)
    _stdout(process).close()


def _stdout(process: "subprocess.Popen[str]") -> IO[str]:
    return cast(IO[str], process.stdout)
