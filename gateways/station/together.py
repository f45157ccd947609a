"""Frames that arrive together are kept in one transaction: one wait for the disk, then every answer."""

import asyncio
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger("station")

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Together(Generic[Item, Answer]):
    """`keep` runs in a thread on a list of items and gives as many answers, or raises and none of them was
    kept.
    """

    def __init__(
        self, keep: Callable[[list[Item]], list[Answer]], most: int = 500, waiting: int = 20_000
    ) -> None:
        self.keep, self.most, self.unanswered = keep, most, 0
        self.queue: asyncio.Queue[tuple[Item, asyncio.Future[Answer]]] = asyncio.Queue(waiting)

    async def put(self, item: Item) -> Answer | None:
        """The answer once the item is kept; None when it could not be, and the sender should hear nothing."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.unanswered += 1
        try:
            self.queue.put_nowait((item, future))
            return await future
        except (asyncio.QueueFull, NotKept):
            return None
        finally:
            self.unanswered -= 1

    async def drained(self, patience: float = 5) -> None:
        """Wait until all that was put has its answer, but not for ever."""
        clock = asyncio.get_running_loop()
        end = clock.time() + patience
        while self.unanswered and clock.time() < end:
            await asyncio.sleep(0.02)

    async def run(self) -> None:
        while True:
            batch = [await self.queue.get()]
            while len(batch) < self.most and not self.queue.empty():
                batch.append(self.queue.get_nowait())
            await self._keep(batch)

    async def _keep(self, batch: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await asyncio.to_thread(self.keep, [item for item, _ in batch])
        except Exception:
            log.exception("nothing of %s frames was kept", len(batch))
            for _, future in batch:
                if not future.done():
                    future.set_exception(NotKept())
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)


class NotKept(Exception):
    """Storing failed: silence, and the panel repeats."""
