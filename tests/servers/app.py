"""The application as a process of its own, served on a real port, for tests over HTTP and in a browser."""

import os
import signal
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.guarded import GuardedProcess, start_guarded, wait_until_ready
from tests.servers.ports import free_port

PROJECT = Path(__file__).resolve().parents[2]
READY_SECONDS = 20
ANSWER_SECONDS = 5
#: What the application may inherit; its own settings come from the caller alone, never from the developer's shell.
INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYTHONWARNINGS",
    "COVERAGE_PROCESS_START",
)


@dataclass(frozen=True)
class AppServer:
    """The running application: its address without a slash at the end; its process id, also that of its group."""

    url: str
    pid: int
    process: GuardedProcess

    def output(self) -> str:
        """Return what the application printed so far, its log among it; empty after `stop`."""
        return self.process.output()

    def stop(self) -> None:
        """Stop the application with its whole process group; harmless when done before."""
        self.process.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve_app(env: Mapping[str, str], *, port: int | None = None, cwd: Path = PROJECT) -> AppServer:
    """Start `python -m ideas serve` and return it once `/health` answers 200.

    `env` holds the settings; `BASE_URL` becomes the address served when it is not among them. Use it in `with`, or
    call `stop()`. It also ends when the calling process dies.

    :raise ServerFailed: when it ends or does not answer within 20 seconds; the text holds what it printed.
    """
    port = free_port() if port is None else port
    url = f"http://127.0.0.1:{port}"
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    process = start_guarded(
        [sys.executable, "-m", "ideas", "serve", "--port", str(port)],
        folder=Path(tempfile.mkdtemp(prefix="tests-application-")),
        environ={"PYTHONUNBUFFERED": "1", "BASE_URL": url, **inherited, **env},
        cwd=cwd,
        stop_signal=signal.SIGTERM,
    )
    wait_until_ready(process, is_ready=lambda: _is_healthy(url), seconds=READY_SECONDS, name="the application")
    return AppServer(url, process.pid, process)


def _is_healthy(url: str) -> bool:
    # A proxy meant for the outside must not stand between two processes of one machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/health", timeout=ANSWER_SECONDS) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
