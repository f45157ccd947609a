"""The writers' queue of this process, counted: how many wait for their turn now, and how many have had it."""

from itertools import count
from threading import Lock
from types import TracebackType


class Turn:
    """A lock that knows how many wait for it. `next` of a count is one step for the interpreter, so nothing
    is lost.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._came = count()
        self._asked = 0
        self.had = 0

    def __enter__(self) -> None:
        self._asked = next(self._came) + 1
        self._lock.acquire()
        self.had += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    @property
    def waiting(self) -> int:
        return max(0, self._asked - self.had)


turn = Turn()


def waiting() -> int:
    return turn.waiting


def taken() -> int:
    return turn.had
