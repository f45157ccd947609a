"""Copies made while people write, put back elsewhere, and what `litestar check` says of a file."""

import dataclasses
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import Session, select

from commands import Context, backup, check, restore
from db import backups, job_runs, journal, open_engine, writing
from db.journal import Note
from rules import production_checks as rule
from tests.kit import engines, production
from tests.kit.process import env, litestar, running, until, web


@pytest.fixture
def house(engine, settings, clock):
    return Context(engine, settings, clock)


@pytest.fixture
def file(engine):
    return Path(engine.url.database)


def run(command, house, *args):
    return CliRunner().invoke(command, [str(one) for one in args], obj=house)


def write(engine, clock, words="test.note"):
    with Session(engine) as db, writing(db):
        journal.note(db, "system:test", words, clock.now())


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
            write(engine, clock, f"test.{len(acknowledged)}")
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
    [copy] = backups.all_of(tmp_path / "copies")
    assert copy.stat().st_mode & 0o777 == 0o600 and backups.about(copy).notes >= before
    there = tmp_path / "elsewhere" / "cabinet.sqlite"
    backups.restore(copy, there, clock.now())
    assert (
        backups.about(there).revision
        and notes(there) == acknowledged[: len(notes(there))]
        and len(notes(there)) >= before
    )


def test_old_copies_go_by_count_and_by_age_and_the_newest_stays(tmp_path, clock):
    for n in range(6):
        path = tmp_path / f"cabinet-2026110{n}T000000Z.sqlite"
        path.touch()
        os.utime(path, (0, (clock.now() - timedelta(days=60 - n)).timestamp()))
    assert len(backups.rotate(tmp_path, clock.now(), keep=4, days=365)) == 2
    assert [path.name[8:16] for path in backups.all_of(tmp_path)] == [
        "20261105",
        "20261104",
        "20261103",
        "20261102",
    ]
    backups.rotate(tmp_path, clock.now(), keep=4, days=1)
    assert [path.name[8:16] for path in backups.all_of(tmp_path)] == ["20261105"]


@engines.sqlite_only
def test_a_damaged_file_never_becomes_a_copy_nor_is_one_put_back(house, file, tmp_path):
    assert run(backup.commands, house, "--into", tmp_path / "copies").exit_code == 0
    [copy] = backups.all_of(tmp_path / "copies")
    raw = bytearray(copy.read_bytes())
    raw[8192:40960] = os.urandom(32768)
    copy.write_bytes(raw)
    before = file.read_bytes()
    told = run(restore.commands, house, copy, "--force")
    assert told.exit_code == 1 and "поврежд" in told.output and file.read_bytes() == before


@engines.sqlite_only
def test_does_not_go_over_a_newer_file_unless_told_and_keeps_it_aside(house, engine, clock, file, tmp_path):
    run(backup.commands, house, "--into", tmp_path / "copies")
    [copy] = backups.all_of(tmp_path / "copies")
    clock.forward(hours=1)
    write(engine, clock)
    engine.dispose()
    told = run(restore.commands, house, copy)
    assert told.exit_code == 1 and "новее копии" in told.output and "больше на 1" in told.output
    told = run(restore.commands, house, copy, "--force")
    assert told.exit_code == 0 and notes(file) == []
    [aside] = [path for path in file.parent.glob("*.before-*") if not path.name.endswith(("-wal", "-shm"))]
    assert notes(aside) == ["test.note"]


@engines.sqlite_only
def test_does_not_go_over_a_file_that_is_being_served(house, engine, settings, tmp_path):
    run(backup.commands, house, "--into", tmp_path / "copies")
    [copy] = backups.all_of(tmp_path / "copies")
    engine.dispose()
    with web(settings, tmp_path / "web.log"):
        told = run(restore.commands, house, copy)
        assert told.exit_code == 1 and "Остановите его службы" in told.output
    assert run(restore.commands, house, copy).exit_code == 0


@engines.sqlite_only
def test_a_file_that_is_gone_comes_back(house, engine, settings, file, tmp_path):
    from app import create_app

    run(backup.commands, house, "--into", tmp_path / "copies")
    [copy] = backups.all_of(tmp_path / "copies")
    engine.dispose()
    for path in file.parent.glob("cabinet.sqlite*"):
        path.unlink()
    state = create_app(settings).state
    told = run(restore.commands, Context(state.engine, settings, state.clock), copy)
    assert (
        told.exit_code == 0 and backups.about(file).notes == backups.about(copy).notes + 1
    )  # and that it was put back
    assert not list(file.parent.glob("*.before-*"))


@engines.sqlite_only
def test_a_copy_of_a_newer_program_is_refused(house, engine, file, tmp_path):
    run(backup.commands, house, "--into", tmp_path / "copies")
    [copy] = backups.all_of(tmp_path / "copies")
    other = open_engine(f"sqlite:///{copy}")
    with other.begin() as db:
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    other.dispose()
    told = run(restore.commands, house, copy)
    assert told.exit_code == 1 and "обновите программу" in told.output


def test_a_file_of_another_engine_is_left_to_its_own_tools(settings, clock):
    from sqlalchemy import create_mock_engine

    elsewhere = create_mock_engine("postgresql+psycopg://", lambda *_: None)
    told = run(backup.commands, Context(elsewhere, settings, clock))
    assert told.exit_code == 1 and "PostgreSQL" in told.output


def line(told, beginning) -> str:
    return next(one for one in told.output.splitlines() if beginning in one)


def healthy(engine, clock):
    for name in ("outbox", "sweep"):
        job_runs.remember(engine, name, clock.now(), "")


def test_says_what_is_well_and_ends_with_1_for_a_demonstration(house, engine, clock):
    healthy(engine, clock)
    told = run(check.commands, house)
    assert told.exit_code == 1 and "ПЛОХО" not in told.output
    whole = "база: PostgreSQL отвечает" if engines.SERVER else "файл: цел"
    for words in (whole, "миграции: последняя", "часы: не отстают", "работы: все 2", "исходящие: ждут 0"):
        assert line(told, words).startswith("в порядке")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda engine, clock: clock.forward(days=-2), "часы: отстают"),
        (lambda engine, clock: clock.forward(hours=1), "работы: давно не выполнялись outbox, sweep"),
        (
            lambda engine, clock: _set(engine, "UPDATE alembic_version SET version_num = '0003'"),
            "миграции: файл на 0003",
        ),
        (lambda engine, clock: _set(engine, "DELETE FROM job_run"), "работы: ещё ни разу"),
    ],
)
def test_ends_with_2_when_something_must_be_done(house, engine, clock, spoil, words):
    healthy(engine, clock)
    write(engine, clock)
    spoil(engine, clock)
    told = run(check.commands, house)
    assert told.exit_code == 2 and line(told, words).startswith("ПЛОХО")


def _set(engine, statement):
    with engine.begin() as db:
        db.exec_driver_sql(statement)


@engines.sqlite_only
def test_looks_without_changing_the_file(house, engine, file):
    _set(engine, "UPDATE alembic_version SET version_num = '0011'")
    run(check.commands, house)
    with engine.connect() as db:
        assert db.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0011"


NOWHERE = "нет; верен ли CABINET_DATABASE?"


@engines.sqlite_only
def test_a_wrong_path_is_said_and_stays_without_a_file_or_a_folder(settings, tmp_path):
    """Seen: an empty file was made and called whole."""
    wrong, log = tmp_path / "typo" / "cabinet.sqlite", tmp_path / "check.log"
    own = production.environment(CABINET_DATABASE=str(wrong), CABINET_DEMO="0")
    with running(litestar("check"), env(settings) | own, log) as process:
        until(lambda: process.poll() is not None)
    told = log.read_text()
    assert (
        process.returncode == 2 and NOWHERE in told and "файл: цел" not in told and "не удалась" not in told
    )
    assert not wrong.parent.exists()


@engines.sqlite_only
@pytest.mark.parametrize("kind", ["nothing", "empty"])
def test_what_is_no_file_of_a_cabinet_is_not_opened(settings, clock, tmp_path, kind):
    path = tmp_path / "other.sqlite"
    if kind == "empty":
        path.touch()
    engine = open_engine(f"sqlite:///{path}")
    told = run(check.commands, Context(engine, settings, clock))
    assert told.exit_code == 2 and line(told, "верен ли CABINET_DATABASE?").startswith("ПЛОХО")
    assert path.exists() == (kind == "empty") and (kind == "nothing" or not path.stat().st_size)
    engine.dispose()


def test_a_server_that_does_not_answer_is_said_once(settings, clock):
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=2")
    told = run(check.commands, Context(engine, settings, clock))
    assert told.exit_code == 2 and told.output.count("ПЛОХО") == 1 and "PostgreSQL не отвечает" in told.output


def test_a_name_that_is_no_setting_is_told_and_a_removed_one_with_what_to_do(
    house, engine, clock, monkeypatch
):
    healthy(engine, clock)
    monkeypatch.setenv("CABINET_BANK_ORIGIN", "https://yoomoney.ru")
    monkeypatch.setenv("CABINET_SMS_SERVR", "smpp.example.ru:2775")
    told = run(check.commands, house)
    assert "больше не нужна" in line(told, "CABINET_BANK_ORIGIN") and line(
        told, "CABINET_BANK_ORIGIN"
    ).startswith("внимание")
    assert "может быть, CABINET_SMS_SERVER?" in line(told, "CABINET_SMS_SERVR")


def test_what_looks_forgotten_is_told_of_and_only_that(house, clock, engine):
    healthy(engine, clock)
    own = production.settings(database=house.settings.database)
    told = run(check.commands, dataclasses.replace(house, settings=own))
    assert "CABINET_COMPANY" in line(told, "как в образце") and "CABINET_SECURITY_MAIL" in told.output
    meant = {name: getattr(own, name) for name in rule.FACE} | {
        "security_mail": "bugs@example.ru",
        "sms_gateway": "smpp",
        "sms_server": "smpp:2775",
        "smtp_server": "mail:587",
    }
    told = run(check.commands, dataclasses.replace(house, settings=production.settings(**meant)))
    assert line(told, "настройки: секреты свои").startswith("в порядке")


def test_wrong_settings_are_said_in_a_line_and_end_with_2(settings, tmp_path):
    log = tmp_path / "check.log"
    with running(litestar("check"), env(settings) | {"CABINET_DEMO": "0"}, log) as process:
        until(lambda: process.poll() is not None)
    told = log.read_text()
    assert process.returncode == 2 and "Traceback" not in told
    for name in ("SECRETS", "ATTACHMENT_KEYS", "REQUISITES", "POLICE_REQUISITES", "RECEIPTS"):
        assert sum(line.startswith(f"CABINET_{name}: ") for line in told.splitlines()) == 1, (
            "each at once, a line each"
        )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"CABINET_SECRETS": "not json"}, "CABINET_SECRETS: это не JSON"),
        ({"CABINET_PORT": "восемь"}, "CABINET_PORT: нужно целое число"),
        ({"CABINET_BANK": "сбер"}, "CABINET_BANK: одно из: 'sandbox', 'yookassa'"),
        ({"CABINET_BACKUP_KEEP": "0", "CABINET_BANK_ORIGIN": "x"}, "CABINET_BANK_ORIGIN: больше не нужна"),
    ],
)
def test_a_setting_that_cannot_be_read_is_said_in_words_without_a_trace(settings, tmp_path, wrong, words):
    log = tmp_path / "check.log"
    with running(litestar("check"), env(settings) | wrong, log) as process:
        until(lambda: process.poll() is not None)
    assert process.returncode == 2 and words in log.read_text() and "Traceback" not in log.read_text()
