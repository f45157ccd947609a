"""Keeps temporary files of tests in memory, where there is room, so that commits do not wait for a disk."""

import os
import shutil
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3  # a container may limit it to 64 MB


def folder() -> Path | None:
    """Return the folder in memory; None where there is none or it is too small."""
    if not SHARED_MEMORY.is_dir() or not os.access(SHARED_MEMORY, os.W_OK):
        return None
    return SHARED_MEMORY if shutil.disk_usage(SHARED_MEMORY).free > ENOUGH else None


def use() -> None:
    """Make pytest use that folder, unless another one is configured."""
    if place := folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))
