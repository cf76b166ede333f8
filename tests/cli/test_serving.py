"""`ideas serve` as a process of its own: it answers, its worker comes back, and all of it ends when told to."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.servers.ports import free_port

#: The server is the same whatever the database.
pytestmark = pytest.mark.once

START_SECONDS, STOP_SECONDS = 60, 10
PROJECT = Path(__file__).resolve().parents[2]


def _env(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "STORAGE_DIR": str(folder / "var")}


def _serve(folder: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ideas", "serve", "--port", str(port)],
        env=_env(folder),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _wait_for_answer(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=START_SECONDS):
                return
        except HTTPError:
            raise
        except OSError:
            time.sleep(0.2)
    raise AssertionError("no answer")


def _worker_of(parent: int) -> int | None:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(fields[1]) == parent and b"worker" in words and fields[0] != "Z":
            return int(entry.name)
    return None


def _wait_for_worker(parent: int, *, other_than: int | None = None) -> int:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        found = _worker_of(parent)
        if found is not None and found != other_than:
            return found
        time.sleep(0.1)
    raise AssertionError("no worker")


def test_it_answers_restarts_its_worker_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    server = _serve(tmp_path, port)
    try:
        _wait_for_answer(port)
        first = _wait_for_worker(server.pid)
        os.kill(first, signal.SIGKILL)
        second = _wait_for_worker(server.pid, other_than=first)
        asked = time.monotonic()
        server.terminate()
        output, _nothing = server.communicate(timeout=STOP_SECONDS + 5)
        assert time.monotonic() - asked < STOP_SECONDS
        assert server.returncode == 0, output
        assert not Path(f"/proc/{second}").exists()
        assert f"http://127.0.0.1:{port}/set-up/" in output
        assert "Traceback" not in output
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()


def test_a_taken_port_is_told_at_once(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = _serve(tmp_path, port)
        output, _nothing = server.communicate(timeout=START_SECONDS)
    assert server.returncode == 1
    assert f"--port {port}" in output
