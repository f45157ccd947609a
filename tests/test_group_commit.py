"""Writers that wait for each other are written together: all or none of those who came together."""

from threading import Barrier, Thread

import pytest
from sqlmodel import Session, select

from db import journal, open_engine, writing
from db.group_commit import Crowd
from db.journal import Note
from tests.kit import cast


def noted(db, items):
    for item in items:
        journal.note(db, "system:test", "crowd.came", item[1], said=item[0])
    return [f"{item[0]}!" for item in items]


def test_everybody_gets_their_own_answer_and_every_row_is_kept(engine, clock):
    batches, answers, gate = [], {}, Barrier(30)

    def write(db, items):
        batches.append(len(items))
        return noted(db, items)

    crowd = Crowd(write)

    def come(name):
        gate.wait()
        with Session(engine) as db:
            answers[name] = crowd.put(db, (name, clock.now()))

    everybody = [Thread(target=come, args=(str(n),)) for n in range(30)]
    for one in everybody:
        one.start()
    for one in everybody:
        one.join()
    assert answers == {str(n): f"{n}!" for n in range(30)} and sum(batches) == 30
    with Session(engine) as db:
        assert len(db.exec(select(Note.id).where(Note.verb == "crowd.came")).all()) == 30


def test_what_could_not_be_written_nobody_is_told_was(engine, clock):
    def write(db, items):
        noted(db, items)
        raise OSError("the disk is full")

    crowd = Crowd(write)
    with Session(engine) as db:
        for _ in range(2):
            with pytest.raises(OSError):
                crowd.put(db, ("x", clock.now()))
        assert not db.exec(select(Note.id).where(Note.verb == "crowd.came")).all()
        with writing(db):
            pass


def test_a_crowd_of_another_file_is_another_crowd(engine, clock, tmp_path):
    (tmp_path / "other").mkdir()
    other, crowd = open_engine(f"sqlite:///{cast.file(tmp_path / 'other', clock.now())}"), Crowd(noted)
    for one in (engine, other):
        with Session(one) as db:
            crowd.put(db, ("x", clock.now()))
            assert len(db.exec(select(Note.id).where(Note.verb == "crowd.came")).all()) == 1
    other.dispose()
