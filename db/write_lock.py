"""The lock that lets one thread of this process write at a time, with counters for metrics."""

from itertools import count
from threading import Lock
from types import TracebackType


class WriteLock:
    """A lock that counts its waiters and acquisitions. `next` of an `itertools.count` is atomic."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._arrivals = count()
        self._requested = 0
        self.acquired = 0

    def __enter__(self) -> None:
        self._requested = next(self._arrivals) + 1
        self._lock.acquire()
        self.acquired += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    @property
    def waiting(self) -> int:
        return max(0, self._requested - self.acquired)


process_lock = WriteLock()


def count_waiting() -> int:
    return process_lock.waiting


def count_acquired() -> int:
    return process_lock.acquired
