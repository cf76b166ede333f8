"""Ports for servers that tests start."""

import random
import socket

#: Below the range from which the kernel takes ports for outgoing connections, so that none is taken between choosing
#: and using.
FIRST_PORT = 20_000
LAST_PORT = 31_999
TRIES = 100


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens.

    Chosen at random, so that several test runs on one machine rarely meet.

    :raise RuntimeError: when no free one was found in a hundred tries.
    """
    chooser = random.SystemRandom()
    for _ in range(TRIES):
        port = chooser.randint(FIRST_PORT, LAST_PORT)
        if _is_free(port):
            return port
    raise RuntimeError(f"no free port between {FIRST_PORT} and {LAST_PORT}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
