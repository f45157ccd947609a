"""What was written stays as it was: a change behind the triggers is found and named, and a REPLACE is refused
outright.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from commands import Context, check_database, check_results
from commands.journal import commands
from db import engines, hash_seals, journal, retention
from db.hash_seals import Seal
from db.journal import Note
from db.money import ledger
from db.people.contracts import find_by_number
from settings import Settings
from tests.kit import cast
from tests.kit.engines import postgres_only, sqlite_only


@pytest.fixture
def filled(write, clock, engine, settings, monkeypatch):
    """Lines and entries in batches of ten, sealed."""
    monkeypatch.setattr(hash_seals, "BATCH", 10)
    with write() as db:
        contract, _ = find_by_number(db, cast.ANNA)
        for n in range(35):
            journal.note(db, "staff:1", "test.deed", clock.now(), n=n, contract_id=contract.id)
            ledger.add(
                db,
                contract.id,
                100,
                "payment",
                f"test:{n}",
                day=clock.now().date(),
                now=clock.now(),
                note="Оплата №",
            )
    clock.forward(minutes=11)
    hash_seals.seal_new_rows(engine, settings, clock.now())


def broken(engine, newest=None) -> list[str]:
    with Session(engine) as db:
        return [one.words for kind in hash_seals.SEALED for one in hash_seals.verify(db, kind, newest)]


def behind(engine, *statements: str) -> None:
    """As somebody with the file itself in hand would: the triggers put aside first."""
    with engine.connect() as db:
        if engine.dialect.name == "sqlite":
            for name in engines.dialect_of(engine).trigger_names(db):
                if "_no_" in name:
                    db.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            db.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in statements:
            db.exec_driver_sql(statement)
        db.commit()


def test_whole_rows_verify_and_are_sealed_by_batches(filled, engine, db):
    assert broken(engine) == []
    found = db.exec(select(Seal).where(Seal.kind == "journal").order_by(col(Seal.id))).all()
    assert len(found) >= 4 and all(one.previous == before.hash for before, one in pairwise(found))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE journal SET facts = '{}' WHERE id = {id}", "изменена строка {id}"),
        ("UPDATE ledger_entry SET amount = 100000 WHERE id = {id}", "изменена строка {id}"),
        ("DELETE FROM journal WHERE id = {id}", "пропала перед № {next}"),
        (
            "UPDATE audit_seal SET hash = 'x' WHERE id = (SELECT min(id) FROM audit_seal)",
            "изменена сама печать",
        ),
        (
            "DELETE FROM audit_seal WHERE id = (SELECT min(id) FROM audit_seal WHERE kind = 'journal')",
            "нет печати перед ней",
        ),
        ("DELETE FROM audit_seal WHERE kind = 'ledger'", "ни одной печати"),
    ],
)
def test_a_change_behind_the_triggers_is_found_and_named(filled, engine, statement, words):
    id_ = 15
    behind(engine, statement.replace("{id}", str(id_)))
    found = broken(engine)
    assert any(words.replace("{id}", str(id_)).replace("{next}", str(id_ + 1)) in one for one in found), found


def test_a_seal_made_anew_over_changed_rows_does_not_fit_the_next_one(filled, engine, db):
    """Who changes a row and computes its seal again breaks the chain right after it."""
    behind(engine, "UPDATE journal SET actor = 'staff:2' WHERE id = 15")
    found = select(Seal).where(Seal.kind == "journal", col(Seal.first_id) <= 15, col(Seal.last_id) >= 15)
    one = db.exec(found).one()
    rows = hash_seals._rows(db, "journal", one.first_id - 1, one.last_id, None)
    one.hash, one.marks = hash_seals._hash(one.previous, rows), hash_seals._marks(rows)
    db.add(one)
    db.commit()
    [words] = broken(engine)
    assert f"не продолжает печать № {one.id}" in words
    follower = db.exec(select(Seal).where(Seal.kind == "journal", Seal.first_id == one.last_id + 1)).one()
    follower.previous = one.hash
    db.add(follower)
    db.commit()
    assert f"печать № {follower.id}" in broken(engine)[0], "the hash holds the seal before as well"


def test_a_line_slipped_in_is_found(filled, engine):
    behind(engine, "DELETE FROM journal WHERE id = 20")
    behind(engine, "INSERT INTO journal (id, at, actor, verb, facts) VALUES (20, 1, 'staff:1', 'x', '{}')")
    assert any("изменена строка 20" in one for one in broken(engine))


def test_what_is_not_full_waits_ten_minutes_and_no_longer(write, clock, engine, settings, db):
    hash_seals.seal_new_rows(engine, settings, clock.now() + timedelta(days=1))
    with write() as own:
        journal.note(own, "staff:1", "test.deed", clock.now())
    hash_seals.seal_new_rows(engine, settings, clock.now() + timedelta(minutes=9))
    db.rollback()
    assert hash_seals.count_unsealed(db, "journal", clock.now() + timedelta(hours=1)) == 1
    hash_seals.seal_new_rows(engine, settings, clock.now() + timedelta(minutes=11))
    db.rollback()
    assert hash_seals.count_unsealed(db, "journal", clock.now() + timedelta(hours=1)) == 0


def test_retention_leaves_an_anchor_and_the_rest_still_verifies(
    filled, engine, settings, clock, write, monkeypatch
):
    old = datetime.now(UTC) - timedelta(days=4 * 365)
    with Session(engine) as db:
        first = db.exec(select(Note.id).order_by(col(Note.id))).first()
    behind(
        engine,
        "DELETE FROM audit_seal",
        f"UPDATE journal SET at = {int(old.timestamp() * 1000)} WHERE id <= {first + 24}",
    )
    hash_seals.seal_new_rows(engine, settings, datetime.now(UTC) + timedelta(days=1))
    assert broken(engine) == []
    retention.remove_by_period(
        engine, Settings(_env_file=None, demo=True, keep_journal_days=1095), datetime.now(UTC)
    )
    with Session(engine) as db:
        [anchor] = db.exec(select(Seal).where(col(Seal.removed_before).is_not(None))).all()
        left = db.exec(select(Note.id).order_by(col(Note.id))).first()
        assert anchor.first_id == first + 10 and left == first + 20, (
            "whole batches go; the one with a young line stays"
        )
    assert broken(engine) == []
    behind(
        engine,
        f"INSERT INTO journal (id, at, actor, verb, facts) VALUES ({first}, 1, 'staff:1', 'x', '{{}}')",
    )
    assert any("стёрты по сроку" in one for one in broken(engine))


def test_the_check_and_the_command_say_it(filled, engine, settings, clock):
    house = Context(engine, settings, clock)
    assert [level for level, _ in check_database.chain(house)] == [check_results.GOOD]
    done = CliRunner().invoke(commands, ["verify"], obj=house)
    assert done.exit_code == 0 and "последняя печать" in done.output
    behind(engine, "UPDATE journal SET actor = 'staff:2' WHERE id = 33")
    done = CliRunner().invoke(commands, ["verify"], obj=house)
    assert done.exit_code == 1 and "изменена строка 33" in done.output
    assert check_results.ACT in [level for level, _ in check_database.chain(house)]


def test_the_quick_check_reads_the_newest_seals_alone(filled, engine):
    behind(
        engine,
        "UPDATE journal SET actor = 'staff:2' WHERE id = 12",
        "UPDATE journal SET actor = 'staff:2' WHERE id = 33",
    )
    words = " ".join(broken(engine, 1))
    assert "изменена строка 33" in words and "изменена строка 12" not in words


@sqlite_only
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO journal (id, at, actor, verb, facts) SELECT min(id), 1, 'staff:9', 'x', "
        "'{}' FROM journal",
        "REPLACE INTO ledger_entry (id, contract_id, day, at, amount, kind, source, note) "
        "SELECT min(id), 1, '2026-11-01', 1, 5, 'payment', 'new', '' FROM ledger_entry",
        "REPLACE INTO ledger_entry (contract_id, day, at, amount, kind, source, note) "
        "SELECT 1, '2026-11-01', 1, 5, 'payment', source, '' FROM ledger_entry LIMIT 1",
    ],
)
def test_a_replace_does_not_pass_the_append_only_triggers(filled, engine, statement):
    """It deletes what stands in its way without the triggers of a DELETE."""
    with engine.connect() as db, pytest.raises(DBAPIError, match="append-only"):
        db.exec_driver_sql(statement)


@postgres_only
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO journal (id, at, actor, verb, facts) SELECT min(id), 1, 'staff:9', 'x', '{}' FROM "
        "journal "
        "ON CONFLICT (id) DO UPDATE SET actor = 'staff:9'",
        "INSERT INTO ledger_entry (contract_id, day, at, amount, kind, source, note) "
        "SELECT 1, '2026-11-01', 1, 5, 'payment', source, '' FROM ledger_entry LIMIT 1 ON CONFLICT "
        "(source) DO UPDATE SET amount = 5",
    ],
)
def test_an_upsert_does_not_pass_the_append_only_triggers(filled, engine, statement):
    with engine.connect() as db, pytest.raises(DBAPIError, match="append-only"):
        db.exec_driver_sql(statement)


def test_all_the_triggers_are_there(engine):
    """A migration that rebuilds a table loses its triggers silently."""
    with engine.connect() as connection:
        there = engines.dialect_of(engine).trigger_names(connection)
    wanted = {
        f"{table}_no_{deed}"
        for table in ("journal", "ledger_entry", "journal_subject")
        for deed in ("update", "delete")
    }
    if engine.dialect.name == "sqlite":
        wanted |= {"journal_no_replace", "ledger_entry_no_replace"}
    assert wanted <= there
