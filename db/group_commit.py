"""Many threads each with one row to write: whoever comes first writes for all who wait, one wait for the disk
for them all.

A thousand durable commits one after another cost seconds on a busy disk; a crowd of forty costs one.
"""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlmodel import Session

from db import writing

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Crowd(Generic[Item, Answer]):
    """`write(db, items)` gives as many answers, plain values, and runs inside `writing`; what it raises,
    everybody gets.
    """

    def __init__(self, write: Callable[[Session, list[Item]], list[Answer]]) -> None:
        self.write, self._guard = write, Lock()
        self._queues: WeakKeyDictionary[Engine, _Queue] = WeakKeyDictionary()

    def put(self, db: Session, item: Item) -> Answer:
        """The answer once the item is committed. Outside `writing`."""
        with self._guard:
            queue = self._queues.setdefault(db.get_bind(), _Queue())  # type: ignore[arg-type]
        place: _Place[Item, Answer] = _Place(item)
        with self._guard:
            queue.waiting.append(place)
        with queue.turn:
            if not place.done:
                self._write_all(db, queue)
        if place.error:
            raise place.error
        return place.answer

    def _write_all(self, db: Session, queue: "_Queue") -> None:
        with self._guard:
            batch, queue.waiting = queue.waiting, []
        try:
            with writing(db):
                answers = self.write(db, [one.item for one in batch])
        except BaseException as wrong:
            for one in batch:
                one.done, one.error = True, wrong
            return
        for one, answer in zip(batch, answers, strict=True):
            one.done, one.answer = True, answer


class _Queue:
    def __init__(self) -> None:
        self.turn, self.waiting = Lock(), list[_Place]()


class _Place(Generic[Item, Answer]):
    answer: Answer

    def __init__(self, item: Item) -> None:
        self.item, self.done = item, False
        self.error: BaseException | None = None
