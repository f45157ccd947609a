"""«Who saw what of me»: the journal about one subscriber, whole, and the asking itself written down."""

import csv
import io

import pytest
from click.testing import CliRunner
from sqlmodel import Session, select

from commands import Context
from commands.journal import commands
from db import journal
from db.journal import Note
from db.people import contracts, ownership
from tests.kit import cast


@pytest.fixture
def export(engine, settings, clock):
    def ask(*args):
        done = CliRunner().invoke(commands, ["export", *args], obj=Context(engine, settings, clock))
        rows = list(csv.DictReader(io.StringIO(done.stdout), delimiter=";"))
        return done, rows

    return ask


def test_tells_who_looked_at_a_card_and_nothing_of_other_people(enter, engine, export, db):
    _contract, subscriber = contracts.find_by_number(db, cast.ANNA)
    enter("maria").get(f"/staff/subscribers/{subscriber.id}")
    _other, stranger = contracts.find_by_number(db, cast.BORIS)
    enter("maria").get(f"/staff/subscribers/{stranger.id}")
    done, rows = export("--subject", "78 000 001", "--others")
    assert done.exit_code == 0 and rows
    assert {row["кто именно"] for row in rows} == {"Maria"} and all("Ким" not in str(row) for row in rows)
    with Session(engine) as again:
        assert again.exec(select(Note).where(Note.verb == "journal.export")).one().actor == "system:console"


def test_a_period_is_in_moscow_days(write, clock, export, db):
    _contract, subscriber = contracts.find_by_number(db, cast.ANNA)
    for _ in range(3):
        with write() as filling:
            journal.note(filling, "staff:1", "test.look", clock.now(), subscriber_id=subscriber.id)
        clock.forward(days=1)
    _, rows = export("--subject", str(cast.ANNA), "--since", "2026-11-24", "--until", "2026-11-24")
    assert [row["что"] for row in rows] == ["test.look"]


def test_each_owner_of_a_contract_in_turn_has_the_lines_of_their_own_days(write, clock, export):
    with write() as filling:
        contract, anna = contracts.find_by_number(filling, cast.ANNA)
        _, boris = contracts.find_by_number(filling, cast.BORIS)
        journal.note(filling, "staff:1", "test.before", clock.now(), contract_id=contract.id)
        clock.forward(hours=1)
        ownership.hand_over(filling, contract.id, anna.id, clock.now())
        contract.subscriber_id = boris.id
        another, _ = contracts.find_by_number(filling, cast.VERA)
        another.subscriber_id = anna.id
        filling.add_all((contract, another))
        clock.forward(hours=1)
        journal.note(filling, "staff:1", "test.after", clock.now(), contract_id=contract.id)
    for number, verb in ((cast.ANNA, "test.after"), (cast.VERA, "test.before")):
        _, rows = export("--subject", str(number))
        assert [row["что"] for row in rows] == [verb]


def test_a_number_nobody_has_is_said_plainly(export):
    done, _ = export("--subject", "78999999")
    assert done.exit_code == 1 and "нет" in done.output


def test_a_cell_cannot_become_a_formula(write, clock, export, db):
    _contract, subscriber = contracts.find_by_number(db, cast.ANNA)
    with write() as filling:
        journal.note(filling, "=cmd|x", "test.look", clock.now(), subscriber_id=subscriber.id)
    _, rows = export("--subject", str(cast.ANNA))
    assert rows[0]["кто"] == "'=cmd|x"
