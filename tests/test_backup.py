"""Copies made while people write, and put back elsewhere."""

import os
import threading
from datetime import timedelta

from sqlmodel import Session, select

from commands import Context, backup, restore
from db import backups, open_engine
from db.journal import Note
from tests.kit import engines
from tests.kit.commands import file, house, run, write_note  # noqa: F401 - fixtures
from tests.kit.process import web


def notes(path) -> list[str]:
    engine = open_engine(f"sqlite:///{path}")
    with Session(engine) as db:
        found = list(db.exec(select(Note.verb).where(Note.actor == "system:test").order_by(Note.id)))
    engine.dispose()
    return found


@engines.sqlite_only
def test_a_copy_made_while_writing_has_all_acknowledged_before_it(house, engine, clock, file, tmp_path):
    acknowledged, stop, enough = [], threading.Event(), threading.Event()

    def keep_writing():
        while not stop.is_set():
            write_note(engine, clock, f"test.{len(acknowledged)}")
            acknowledged.append(f"test.{len(acknowledged)}")
            if len(acknowledged) == 20:
                enough.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    assert enough.wait(60)
    before = len(acknowledged)
    done = run(backup.commands, house, "--into", tmp_path / "copies")
    stop.set()
    writer.join()
    assert done.exit_code == 0, done.output
    [copy] = backups.list_backups(tmp_path / "copies")
    assert copy.stat().st_mode & 0o777 == 0o600 and backups.inspect_file(copy).notes >= before
    there = tmp_path / "elsewhere" / "cabinet.sqlite"
    backups.restore(copy, there, clock.now())
    assert (
        backups.inspect_file(there).revision
        and notes(there) == acknowledged[: len(notes(there))]
        and len(notes(there)) >= before
    )


def test_old_copies_go_by_count_and_by_age_and_the_newest_stays(tmp_path, clock):
    for n in range(6):
        path = tmp_path / f"cabinet-2026110{n}T000000Z.sqlite"
        path.touch()
        os.utime(path, (0, (clock.now() - timedelta(days=60 - n)).timestamp()))
    assert len(backups.rotate(tmp_path, clock.now(), keep=4, days=365)) == 2
    assert [path.name[8:16] for path in backups.list_backups(tmp_path)] == [
        "20261105",
        "20261104",
        "20261103",
        "20261102",
    ]
    backups.rotate(tmp_path, clock.now(), keep=4, days=1)
    assert [path.name[8:16] for path in backups.list_backups(tmp_path)] == ["20261105"]


@engines.sqlite_only
def test_a_damaged_file_never_becomes_a_copy_nor_is_one_put_back(house, file, tmp_path):
    assert run(backup.commands, house, "--into", tmp_path / "copies").exit_code == 0
    [copy] = backups.list_backups(tmp_path / "copies")
    raw = bytearray(copy.read_bytes())
    raw[8192:40960] = os.urandom(32768)
    copy.write_bytes(raw)
    before = file.read_bytes()
    out = run(restore.commands, house, copy, "--force")
    assert out.exit_code == 1 and "поврежд" in out.output and file.read_bytes() == before


@engines.sqlite_only
def test_does_not_go_over_a_newer_file_unless_told_and_keeps_it_aside(house, engine, clock, file, tmp_path):
    run(backup.commands, house, "--into", tmp_path / "copies")
    [copy] = backups.list_backups(tmp_path / "copies")
    clock.forward(hours=1)
    write_note(engine, clock)
    engine.dispose()
    out = run(restore.commands, house, copy)
    assert out.exit_code == 1 and "новее копии" in out.output and "больше на 1" in out.output
    out = run(restore.commands, house, copy, "--force")
    assert out.exit_code == 0 and notes(file) == []
    [aside] = [path for path in file.parent.glob("*.before-*") if not path.name.endswith(("-wal", "-shm"))]
    assert notes(aside) == ["test.note"]


@engines.sqlite_only
def test_does_not_go_over_a_file_that_is_being_served(house, engine, settings, tmp_path):
    run(backup.commands, house, "--into", tmp_path / "copies")
    [copy] = backups.list_backups(tmp_path / "copies")
    engine.dispose()
    with web(settings, tmp_path / "web.log"):
        out = run(restore.commands, house, copy)
        assert out.exit_code == 1 and "Остановите его службы" in out.output
    assert run(restore.commands, house, copy).exit_code == 0


@engines.sqlite_only
def test_a_file_that_is_gone_comes_back(house, engine, settings, file, tmp_path):
    from app import create_app

    run(backup.commands, house, "--into", tmp_path / "copies")
    [copy] = backups.list_backups(tmp_path / "copies")
    engine.dispose()
    for path in file.parent.glob("cabinet.sqlite*"):
        path.unlink()
    state = create_app(settings).state
    out = run(restore.commands, Context(state.engine, settings, state.clock), copy)
    assert (
        out.exit_code == 0 and backups.inspect_file(file).notes == backups.inspect_file(copy).notes + 1
    )  # and that it was put back
    assert not list(file.parent.glob("*.before-*"))


@engines.sqlite_only
def test_a_copy_of_a_newer_program_is_refused(house, engine, file, tmp_path):
    run(backup.commands, house, "--into", tmp_path / "copies")
    [copy] = backups.list_backups(tmp_path / "copies")
    other = open_engine(f"sqlite:///{copy}")
    with other.begin() as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    other.dispose()
    out = run(restore.commands, house, copy)
    assert out.exit_code == 1 and "обновите программу" in out.output


def test_a_file_of_another_engine_is_left_to_its_own_tools(settings, clock):
    from sqlalchemy import create_mock_engine

    elsewhere = create_mock_engine("postgresql+psycopg://", lambda *_: None)
    told = run(backup.commands, Context(elsewhere, settings, clock))
    assert told.exit_code == 1 and "PostgreSQL" in told.output
