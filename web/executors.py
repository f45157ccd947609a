"""Thread pools for form handlers: each kind of client has its own, so that none waits behind another.

Sixty people guessing passwords once held every thread, and the station's alarms waited sixteen seconds behind
them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import partial, wraps
from threading import BoundedSemaphore
from typing import Any

RETRY_AFTER = 60  # seconds, sent to clients that were refused a place


class Busy(Exception):
    """So many requests wait already that one more would outlast a browser's patience: 503, retry in a
    minute.
    """


class BoundedExecutor:
    """Runs `threads` calls at once and queues `waiting` more; the next one is refused immediately, before any
    work.
    """

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = BoundedSemaphore(threads + waiting)

    async def run(self, work: Callable[..., Any], **given: Any) -> Any:
        """Return what `work(**given)` returns, or raise what it raises; Busy when the queue is full."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            done = self._pool.submit(copy_context().run, partial(work, **given))
        except BaseException:
            self._places.release()
            raise
        # Released when the thread finishes, not when the client disconnects: the thread keeps working.
        done.add_done_callback(self._release)
        return await asyncio.wrap_future(done)

    def _release(self, _: Future) -> None:
        self._places.release()


EXECUTORS = {
    "people": BoundedExecutor("people", 8, 2000),
    # A try hashes for 0.1 s or more, two at once (db/access/passwords): sixty waiting take about 10 s.
    "passwords": BoundedExecutor("passwords", 3, 60),
    # Files are checked by one process at a time; a message with files waits here and delays no other form.
    "files": BoundedExecutor("files", 4, 16),
    # The station and the bank repeat unanswered requests. The bank may be slow when it is queried in return;
    # the station never waits for it.
    "station": BoundedExecutor("station", 3, 500),
    "bank": BoundedExecutor("bank", 6, 5000),
    "sms": BoundedExecutor("sms", 2, 500),
    # The demonstration's bank runs in this process: a payment waits for it, so it must not queue behind
    # payments.
    "sandbox": BoundedExecutor("sandbox", 4, 500),
}


def wrap_handler(executor: str, handler: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Return the handler as a coroutine that runs in a thread of its executor, or of "files" when files are
    attached.
    """

    @wraps(handler)
    async def run_in_executor(**given: Any) -> Any:
        return await EXECUTORS["files" if given.get("files") else executor].run(handler, **given)

    run_in_executor.executor = executor  # type: ignore[attr-defined]
    return run_in_executor
