"""Temporary files of tests in memory, where the machine has room there: no commit waits for a disk."""

import os
import shutil
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3  # a container may give it 64 MB


def folder() -> Path | None:
    """The folder in memory; None where there is none, or too little of it."""
    if not SHARED_MEMORY.is_dir() or not os.access(SHARED_MEMORY, os.W_OK):
        return None
    return SHARED_MEMORY if shutil.disk_usage(SHARED_MEMORY).free > ENOUGH else None


def use() -> None:
    """Let pytest put its folders there; whoever has named a place for them keeps it."""
    if place := folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))
