"""In which threads forms are worked on: each kind of asker has threads of its own, so that none waits behind
another.

Sixty people guessing passwords once held every thread there was, and the station's alarms waited sixteen
seconds behind them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial, wraps
from threading import BoundedSemaphore
from typing import Any

RETRY_AFTER = 60  # seconds, told to whom there is no room for


class Busy(Exception):
    """So many wait already that one more would wait longer than a browser does: 503, and come again in a
    minute.
    """


class BoundedExecutor:
    """`threads` work at once, `waiting` more may queue; the next one is refused at once, before any work."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = BoundedSemaphore(threads + waiting)

    async def run(self, work: Callable[..., Any], **given: Any) -> Any:
        """What `work(**given)` returns or raises; Busy when every place is taken."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            done = self._pool.submit(copy_context().run, partial(work, **given))
        except BaseException:
            self._places.release()
            raise
        # Released when the thread is through, not when the asker has gone: the thread works on all the same.
        done.add_done_callback(self._release)
        return await asyncio.wrap_future(done)

    def _release(self, _: Future) -> None:
        self._places.release()


EXECUTORS = {
    "people": BoundedExecutor("people", 8, 2000),
    # Each try hashes for a tenth of a second or more, two at once (db/access/passwords): sixty waiting are
    # some ten seconds.
    "passwords": BoundedExecutor("passwords", 3, 60),
    # A file is looked into by one process at a time; its message waits here, and no other form behind it.
    "files": BoundedExecutor("files", 4, 16),
    # Machines repeat what was not answered. The bank may be slow when it is asked back: the station never
    # waits for it.
    "station": BoundedExecutor("station", 3, 500),
    "bank": BoundedExecutor("bank", 6, 5000),
    "sms": BoundedExecutor("sms", 2, 500),
    # The bank of the demonstration lives in this process: a payment waits for it, so it must not wait behind
    # payments.
    "sandbox": BoundedExecutor("sandbox", 4, 500),
}


def wrap(executor: str, handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """The handler as Litestar calls it: awaited, while it runs in a thread of its executor; with files
    attached, in theirs.
    """

    @wraps(handler)
    async def run_in_executor(**given: Any) -> Any:
        return await EXECUTORS["files" if given.get("files") else executor].run(handler, **given)

    run_in_executor.executor = executor  # type: ignore[attr-defined]
    return run_in_executor
