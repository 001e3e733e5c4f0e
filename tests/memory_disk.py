"""The tests' folders in memory, where there is room: a seventh of the time of throw-away lakes is the disk.

A run takes a folder of its own and removes it when all went well; what a failed or killed run left goes with the next.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of this run's own is made in it
_NAME = "dataelec-tests"

# A whole run leaves 3.2 GB.
_ROOM = 8 * 2**30


def place() -> Path | None:
    """Return a new folder in memory for this process, or None where memory holds no files or is short."""
    if not os.access(MEMORY, os.W_OK):
        return None
    for old in MEMORY.glob(f"{_NAME}-{os.getuid()}-*"):
        if not Path("/proc", old.name.rpartition("-")[2]).exists():
            shutil.rmtree(old, ignore_errors=True)
    if shutil.disk_usage(MEMORY).free < _ROOM:
        return None
    return MEMORY / f"{_NAME}-{os.getuid()}-{os.getpid()}"
