"""Running commands over a test's database. `house` and `file` are fixtures that tests import."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import Session

from commands import Context
from db import journal, writing


@pytest.fixture
def house(engine, settings, clock):
    return Context(engine, settings, clock)


@pytest.fixture
def file(engine):
    return Path(engine.url.database)


def run(command, house, *args):
    return CliRunner().invoke(command, [str(one) for one in args], obj=house)


def write_note(engine, clock, words="test.note"):
    with Session(engine) as db, writing(db):
        journal.note(db, "system:test", words, clock.now())
