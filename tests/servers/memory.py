"""The folder in memory: what tests write is forgotten anyway, so nothing of it need wait for a disk."""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
#: A cluster of PostgreSQL with some test databases, its log of changes, and the folders of tests take less.
NEEDED_BYTES = 1024**3


def memory_folder() -> Path | None:
    """Return the folder in memory when it has room, else None for the usual temporary folder."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < NEEDED_BYTES:
        return None
    return MEMORY
