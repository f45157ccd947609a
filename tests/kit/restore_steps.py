"""Steps around restoring the database from a backup."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import Session, select

import jobs
from commands import Context, backup, restore
from db import backups
from gateways import banks


@pytest.fixture
def house(engine, settings, clock):
    return Context(engine, settings, clock)


def run(command, house, *args):
    done = CliRunner().invoke(command, [str(one) for one in args], obj=house)
    assert done.exit_code == 0, done.output
    return done.output


def all_of(engine, model) -> list:
    with Session(engine) as db:
        return list(db.exec(select(model)))


def work(engine, settings, clock, *names) -> None:
    """Run these jobs once, as the loop does."""
    table = {name: job for name, _, job in [*jobs.AT_ONCE, *jobs.SCHEDULE]}
    for name in names:
        assert jobs.run_job(engine, settings, clock.now(), name, table[name])


def at_bank(settings, clock, kind: str) -> int:
    with sqlite3.connect(banks.sandbox_file(settings)) as file:
        return file.execute("SELECT count(*) FROM thing WHERE kind=?", (kind,)).fetchone()[0]


def forget_keys(settings) -> None:
    """Delete the bank's Idempotence-Keys, which it remembers for a day."""
    with sqlite3.connect(banks.sandbox_file(settings)) as file:
        file.execute("DELETE FROM heard")


def lose(house, copy: Path) -> None:
    """Lose the machine and restore the backup by the operator's own command."""
    house.file.dispose()
    run(restore.commands, house, copy, "--force")


def copied(house, folder) -> Path:
    run(backup.commands, house, "--into", folder)
    return backups.list_backups(folder)[0]
