"""Run one server for as long as the process that asked for it lives, then stop it and remove its folder.

Started by `guarded.py` as a process of its own, so that a test run which is killed leaves neither server nor files.
It is told to stop by a line on its standard input, by the end of that input, or by the death of its parent.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, TypedDict

LOOK_SECONDS = 0.1
PREPARE_SECONDS = 120
STOP_SECONDS = 15


class Order(TypedDict):
    """What to run; comes as JSON in the only argument."""

    #: Commands to run to their end before the server, as the same user.
    prepare: list[list[str]]
    command: list[str]
    #: Account to run as; None is the present one.
    user: str | None
    cwd: str
    #: Removed at the end.
    folder: str
    log: str
    stop_signal: int


def main(order: Order) -> int:
    """Run the server until told to stop; print its process id once it runs."""
    # The terminal's Ctrl-C is for the test run, which then says goodbye by itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parent = os.getppid()
    try:
        with Path(order["log"]).open("ab") as log:
            run(order, log=log, parent=parent)
    finally:
        shutil.rmtree(order["folder"], ignore_errors=True)
    return 0


def run(order: Order, *, log: IO[bytes], parent: int) -> None:
    """Prepare, start the server in a session of its own, wait, stop it."""
    for command in order["prepare"]:
        run_to_end(command, order=order, log=log)
    server = start(order["command"], order=order, log=log)
    try:
        print(server.pid, flush=True)
        wait_until_unwanted(server, parent=parent)
    finally:
        stop(server, stop_signal=order["stop_signal"])


def run_to_end(command: list[str], *, order: Order, log: IO[bytes]) -> None:
    """Run a command and wait; whether it did its work shows when the server starts, and why not is in the log."""
    process = start(command, order=order, log=log)
    try:
        process.wait(PREPARE_SECONDS)
    finally:
        stop(process, stop_signal=signal.SIGTERM)


def start(command: list[str], *, order: Order, log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a command with its output in the log."""
    user = order["user"]
    return subprocess.Popen(
        command,
        cwd=order["cwd"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def wait_until_unwanted(server: subprocess.Popen[bytes], *, parent: int) -> None:
    """Return when told to stop or the parent is gone; a server that ends by itself is reaped so that others see it."""
    while os.getppid() == parent:
        server.poll()
        readable, _, _ = select.select([sys.stdin], [], [], LOOK_SECONDS)
        if readable:
            return


def stop(server: subprocess.Popen[bytes], *, stop_signal: int) -> None:
    """Ask the server to stop, then end whatever is left of its process group."""
    if server.poll() is None:
        server.send_signal(stop_signal)
        with suppress(subprocess.TimeoutExpired):
            server.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
