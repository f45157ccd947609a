"""Callers that wait for each other share one transaction: all of a batch is written, or none of it."""

import asyncio
from threading import Barrier, Thread

import pytest
from sqlmodel import Session, select

from db import journal, open_engine, writing
from db.group_commit import AsyncGroupCommit, GroupCommit
from db.journal import Note
from tests.kit import cast


def write_notes(db, items):
    for item in items:
        journal.note(db, "system:test", "batch.item", item[1], word=item[0])
    return [f"{item[0]}!" for item in items]


def test_everybody_gets_their_own_answer_and_every_row_is_kept(engine, clock):
    batches, answers, gate = [], {}, Barrier(30)

    def write(db, items):
        batches.append(len(items))
        return write_notes(db, items)

    commits = GroupCommit(write)

    def submit(name):
        gate.wait()
        with Session(engine) as db:
            answers[name] = commits.submit(db, (name, clock.now()))

    threads = [Thread(target=submit, args=(str(n),)) for n in range(30)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == {str(n): f"{n}!" for n in range(30)} and sum(batches) == 30
    with Session(engine) as db:
        assert len(db.exec(select(Note.id).where(Note.verb == "batch.item")).all()) == 30


def test_a_failed_batch_raises_for_every_caller(engine, clock):
    def write(db, items):
        write_notes(db, items)
        raise OSError("the disk is full")

    commits = GroupCommit(write)
    with Session(engine) as db:
        for _ in range(2):
            with pytest.raises(OSError):
                commits.submit(db, ("x", clock.now()))
        assert not db.exec(select(Note.id).where(Note.verb == "batch.item")).all()
        with writing(db):
            pass


def test_each_database_has_its_own_batches(engine, clock, tmp_path):
    (tmp_path / "other").mkdir()
    other, commits = (
        open_engine(f"sqlite:///{cast.file(tmp_path / 'other', clock.now())}"),
        GroupCommit(write_notes),
    )
    for one in (engine, other):
        with Session(one) as db:
            commits.submit(db, ("x", clock.now()))
            assert len(db.exec(select(Note.id).where(Note.verb == "batch.item")).all()) == 1
    other.dispose()


def run_async(commits, *waits):
    """The answers of these coroutines while the writer of `commits` runs."""

    async def run():
        writer = asyncio.create_task(commits.run())
        try:
            return await asyncio.gather(*waits)
        finally:
            writer.cancel()

    return asyncio.run(run())


def test_coroutines_share_batches_of_a_limited_size():
    batches = []

    def write(items):
        batches.append(items)
        return [item * 10 for item in items]

    commits = AsyncGroupCommit(write, batch_limit=4)
    assert run_async(commits, *(commits.submit(n) for n in range(10))) == [n * 10 for n in range(10)]
    assert [item for batch in batches for item in batch] == list(range(10)) and max(map(len, batches)) <= 4


def test_a_coroutine_gets_none_when_its_batch_fails_or_the_queue_is_full():
    def fail(items):
        raise OSError("the disk is full")

    commits = AsyncGroupCommit(fail)
    assert run_async(commits, commits.submit(1), commits.submit(2)) == [None, None]
    full = AsyncGroupCommit(lambda items: items, queue_limit=2)
    assert run_async(full, *(full.submit(n) for n in range(3))) == [0, 1, None]
