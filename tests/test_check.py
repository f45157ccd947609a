"""`litestar check`: what is well, what to look into, what to mend at once."""

import dataclasses

import pytest

from commands import Context, check
from db import job_runs, open_engine
from rules import production_checks as rule
from tests.kit import engines, production
from tests.kit.commands import file, house, run, write_note  # noqa: F401 - fixtures
from tests.kit.process import env, litestar, running, until


def line(told, beginning) -> str:
    return next(one for one in told.output.splitlines() if beginning in one)


def healthy(engine, clock):
    for name in ("outbox", "sweep"):
        job_runs.record_run(engine, name, clock.now(), "")


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
    write_note(engine, clock)
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
