"""`litestar move`: where to, without saying a password aloud."""

import pytest
from click.testing import CliRunner

from commands import Context, move
from db import open_engine
from db.migrations.run import migrate

TARGET = "postgresql+psycopg://cabinet@db1/cabinet"


@pytest.fixture
def asked(monkeypatch, settings, clock, tmp_path):
    """A run of the command, and the addresses it opened."""
    opened: list[str] = []

    def remember(url):
        opened.append(url)
        target = open_engine(f"sqlite:///{tmp_path}/instead.sqlite")
        migrate(target)  # the move itself is replaced, and it is what makes the tables
        return target

    monkeypatch.setattr(move, "open_engine", remember)
    monkeypatch.setattr(move, "move", lambda *_: [])

    def run(*args, given=None):
        house = Context(open_engine(f"sqlite:///{tmp_path}/own.sqlite"), settings, clock)
        return CliRunner().invoke(move.commands, args, obj=house, input=given), opened

    return run


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://cabinet:tajna@db1/cabinet",
        "postgresql+psycopg://cabinet@db1/cabinet?password=tajna",
    ],
)
def test_a_password_in_the_command_line_is_refused_and_told_how_to_give_it(asked, address):
    done, opened = asked(address)
    assert done.exit_code == 1 and opened == []
    assert "PGPASSWORD" in done.output and "tajna" not in done.output


def test_without_a_password_the_library_finds_it_where_it_always_does(asked):
    done, opened = asked(TARGET)
    assert done.exit_code == 0 and opened == [TARGET]


def test_the_whole_address_may_come_by_the_input(asked):
    done, opened = asked("-", given="postgresql+psycopg://cabinet:tajna@db1/cabinet\n")
    assert (
        done.exit_code == 0
        and opened == ["postgresql+psycopg://cabinet:tajna@db1/cabinet"]
        and "tajna" not in done.output
    )


def test_what_is_no_address_is_said_in_words(asked):
    done, opened = asked("-", given="\n")
    assert done.exit_code == 1 and "Это не адрес базы" in done.output and opened == []
