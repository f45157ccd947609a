"""Group commit: callers that arrive while a batch is being written share the next transaction.

A durable commit costs a disk flush, and a thousand of them one after another take seconds on a busy disk.
`GroupCommit` serves threads, `AsyncGroupCommit` coroutines; `_Pending` holds the rule both follow.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlmodel import Session

from db import writing

log = logging.getLogger("cabinet.group_commit")

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Slot = TypeVar("Slot", Future, asyncio.Future)  # type: ignore[type-arg]


class QueueFull(Exception):
    """Raised when the queue is so long that one more item would not be written in time."""


class _Pending(Generic[Item, Slot]):
    """Items that wait for the next batch, each with the future its caller waits for."""

    def __init__(self, batch_limit: int | None = None, queue_limit: int | None = None) -> None:
        self._batch_limit, self._queue_limit = batch_limit, queue_limit
        self._guard = Lock()
        self._items: deque[tuple[Item, Slot]] = deque()

    def add(self, item: Item, slot: Slot) -> None:
        with self._guard:
            if self._queue_limit is not None and len(self._items) >= self._queue_limit:
                raise QueueFull
            self._items.append((item, slot))

    def next_batch(self) -> list[tuple[Item, Slot]]:
        """Return the waiting items, at most `batch_limit`, in order of arrival."""
        with self._guard:
            size = min(len(self._items), self._batch_limit or len(self._items))
            return [self._items.popleft() for _ in range(size)]


def _resolve(batch: list[tuple[Item, Slot]], answers: list[Answer]) -> None:
    for (_, slot), answer in zip(batch, answers, strict=True):
        if not slot.done():
            slot.set_result(answer)


def _reject(batch: list[tuple[Item, Slot]], error: BaseException) -> None:
    for _, slot in batch:
        if not slot.done():
            slot.set_exception(error)


class _ThreadQueue(_Pending[Item, "Future[Answer]"], Generic[Item, Answer]):  # type: ignore[type-var]
    """The queue of one database. The thread that holds `lock` writes for all waiting threads."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = Lock()


class GroupCommit(Generic[Item, Answer]):
    """Group commit for threads: the first caller to get the lock writes all waiting items in its own session.

    `write(db, items)` runs inside `writing` and returns one plain value per item; if it raises, every caller
    of that batch gets the error and nothing is written.
    """

    def __init__(self, write: Callable[[Session, list[Item]], list[Answer]]) -> None:
        self.write, self._guard = write, Lock()
        self._queues: WeakKeyDictionary[Engine, _ThreadQueue[Item, Answer]] = WeakKeyDictionary()

    def submit(self, db: Session, item: Item) -> Answer:
        """Return the answer once the item is committed. Call outside `writing`."""
        with self._guard:
            queue = self._queues.setdefault(db.get_bind(), _ThreadQueue())  # type: ignore[arg-type]
        slot: Future[Answer] = Future()
        queue.add(item, slot)
        with queue.lock:
            if not slot.done():
                self._write_batch(db, queue.next_batch())
        return slot.result()

    def _write_batch(self, db: Session, batch: list[tuple[Item, "Future[Answer]"]]) -> None:
        try:
            with writing(db):
                answers = self.write(db, [item for item, _ in batch])
        except BaseException as error:
            _reject(batch, error)
            return
        _resolve(batch, answers)


class AsyncGroupCommit(Generic[Item, Answer]):
    """Group commit for coroutines: `run` takes the waiting items and writes them in a thread.

    `write(items)` opens its own transaction and returns one value per item; if it raises, nothing is written
    and every caller of that batch gets None.
    """

    def __init__(
        self,
        write: Callable[[list[Item]], list[Answer]],
        batch_limit: int = 500,
        queue_limit: int = 20_000,
    ) -> None:
        self.write, self.unanswered = write, 0
        self._pending: _Pending[Item, asyncio.Future[Answer]] = _Pending(batch_limit, queue_limit)  # type: ignore[type-var]
        self._arrival = asyncio.Event()

    async def submit(self, item: Item) -> Answer | None:
        """Return the answer once the item is committed, or None when it could not be written."""
        slot: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.unanswered += 1
        try:
            self._pending.add(item, slot)
            self._arrival.set()
            return await slot
        except (QueueFull, NotWritten):
            return None
        finally:
            self.unanswered -= 1

    async def drain(self, timeout: float = 5) -> None:
        """Wait until every submitted item has its answer, at most `timeout` seconds."""
        clock = asyncio.get_running_loop()
        end = clock.time() + timeout
        while self.unanswered and clock.time() < end:
            await asyncio.sleep(0.02)

    async def run(self) -> None:
        """Write batches until cancelled."""
        while True:
            await self._arrival.wait()
            self._arrival.clear()
            while batch := self._pending.next_batch():
                await self._write_batch(batch)

    async def _write_batch(self, batch: list[tuple[Item, "asyncio.Future[Answer]"]]) -> None:
        try:
            answers = await asyncio.to_thread(self.write, [item for item, _ in batch])
        except Exception:
            log.exception("none of %s items was written", len(batch))
            _reject(batch, NotWritten())
            return
        _resolve(batch, answers)


class NotWritten(Exception):
    """The batch could not be written."""
