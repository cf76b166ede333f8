"""The web server itself, started as a process of its own by `ideas serve`.

What is imported here once, the processes that answer share: the server forks them.
"""

from granian.constants import Interfaces
from granian.server import Server

import ideas.app

#: The server may take so long to stop its own processes.
STOP_SECONDS = 5


def serve(*, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    server = Server(
        f"{ideas.app.__name__}:{ideas.app.create_app.__name__}",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=1,
        factory=True,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level="warning",
    )
    server.serve()
