"""Ids that outlive their rows are never given out again."""

import re

from sqlalchemy import inspect, text
from sqlmodel import Session, SQLModel, func, select

from db import open_engine, writing
from db.access import sessions
from db.access.sessions import SessionRow
from db.journal import Person
from db.migrations import run
from tests.kit import engines

# Tables whose rows are never deleted, so their numbers cannot come again.
STAY = {
    "acceptance",
    "alarm_note",
    "autopay",
    "autopay_due",
    "autopay_try",
    "canned_answer",
    "clock_shift",
    "contract",
    "correction",
    "debt_reckoning",
    "discrepancy",
    "export",
    "former_owner",
    "key",
    "key_try",
    "ledger_entry",
    "notice",
    "payment",
    "receipt",
    "reconciliation",
    "refund",
    "registry_import",
    "representative",
    "request",
    "request_message",
    "request_step",
    "restore",
    "secrets_cleaned",
    "service",
    "site",
    "staff",
    "station_source",
    "subscriber",
}


# Tables whose rows go, and whose number stands nowhere outside the row itself.
UNNAMED = {
    "attempt": "found by what was tried",
    "audit_seal": "the oldest go first, the newest stays",
    "denial": "found by the actor, the route and the hour",
    "key_challenge": "found by its try, the newest counts",
    "bank_call": "the oldest go first, the newest stays",
    "journal": "the oldest go first, the newest stays",
    "key_name": "found by the key and what it names",
    "registration": "found by its token",
    "search": "gone from the index in the same statement",
    "sending": "found by the form's key",
    "service_interval": "found by the service and its days",
    "service_price": "found by the service and its day",
    "staff_recovery_code": "found by its hash",
    "waiting_event": "found by number, time and event",
}


def numbered() -> dict:
    return {
        table.name: table
        for table in SQLModel.metadata.tables.values()
        if table.autoincrement_column is not None
    }


def test_of_each_table_it_is_known_whether_its_numbers_may_come_again():
    for name, table in numbered().items():
        once = table.dialect_options["sqlite"]["autoincrement"]
        assert once + (name in STAY) + (name in UNNAMED) == 1, name


def test_no_row_of_those_that_stay_is_deleted():
    from tests.kit.sources import ROOT

    code = "\n".join(
        path.read_text("utf-8")
        for room in ("db", "routes", "commands")
        for path in (ROOT / room).rglob("*.py")
    )
    classes = {
        mapper.class_.__name__ for mapper in SQLModel._sa_registry.mappers if mapper.local_table.name in STAY
    }
    deleted = {name.rpartition(".")[2] for name in re.findall(r"\bdelete\(([\w.]+)", code)}
    assert not classes & deleted


@engines.sqlite_only
def test_the_file_itself_never_gives_such_a_number_again(engine, write, clock):
    once = {name for name, table in numbered().items() if table.dialect_options["sqlite"]["autoincrement"]}
    with engine.connect() as db:
        found = db.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
        ).scalars()
        assert once == set(found)


def test_a_sessions_number_is_not_given_out_again(write, clock, db):
    with write() as kept:
        sessions.start(kept, clock.now(), subscriber_id=1)
        kept.flush()
        first = kept.exec(select(func.max(SessionRow.id))).one()
        sessions.end(kept, Person(session_id=first, kind="subscriber", id=1, name=""), first)
        sessions.start(kept, clock.now(), subscriber_id=1)
        kept.flush()
        assert kept.exec(select(func.max(SessionRow.id))).one() > first


@engines.sqlite_only
def test_a_file_of_before_keeps_all_it_had(tmp_path, clock):
    """Migrated from the revision before: every row, index and number stays, and a live session goes on."""
    from alembic import command
    from alembic.script import ScriptDirectory

    engine = open_engine(engines.fresh(tmp_path))
    told = run.config(engine, "chain_to_0024")
    ours = next(
        one
        for one in ScriptDirectory.from_config(told).walk_revisions()
        if one.path.endswith("_session_bindings.py")
    )
    command.upgrade(told, ours.down_revision)
    with engine.begin() as db:
        for line in BEFORE.strip().split("\n\n"):
            db.execute(text(line))
        before = {
            name: db.execute(text(f'SELECT * FROM "{name}" ORDER BY 1')).mappings().all() for name in FILLED
        }
        indexes = {name: {one["name"] for one in inspect(db).get_indexes(name)} for name in FILLED}
    run.migrate(engine)
    with engine.connect() as db:
        for name, rows in before.items():
            after = db.execute(text(f'SELECT * FROM "{name}" ORDER BY 1')).mappings().all()
            assert [dict(row) for row in rows] == [{key: row[key] for key in rows[0]} for row in after], name
            assert indexes[name] <= {one["name"] for one in inspect(db).get_indexes(name)}, name
        assert db.execute(text("SELECT count(*) FROM code")).scalar() == 0
    with Session(engine) as db, writing(db):
        row = db.get(SessionRow, 41)
        assert row.subscriber_id == 1 and row.stage == "open"
        sessions.end(db, Person(session_id=41, kind="subscriber", id=1, name=""), 41)
    engine.dispose()


FILLED = (
    "subscriber",
    "staff",
    "session",
    "request_draft",
    "attachment",
    "outbox",
    "payment_template",
    "watch",
    "added_key",
)


BEFORE = """
INSERT INTO subscriber (id, code, kind, name, entry, mobile)
  VALUES (1, 'P-1', 'person', 'Анна', 'password', '+79211234567')

INSERT INTO staff (id, login, name, role) VALUES (1, 'ada', 'Ада', 'admin')

INSERT INTO contract (id, number, subscriber_id, signed_on, address, unread)
  VALUES (1, 78000001, 1, '2024-01-01', 'д. 1', 0)

INSERT INTO session VALUES (41, X'0102', 'subscriber', 1, NULL, 1, 'open', 1, 1, NULL, 'Firefox', '', NULL)

INSERT INTO code VALUES (5, 'confirm', 'x', 1, 1, '', 'y', 1, 0, NULL)

INSERT INTO request_draft VALUES (9, 1, 1, 'refund', '{"sum": "5"}', 1, NULL)

INSERT INTO attachment
  VALUES (12, 1, 9, NULL, NULL, 'a.pdf', 'application/pdf', 3, 's', X'FF00', 'k', 1, 0, 1, NULL)

INSERT INTO attachment_piece VALUES (12, 1, X'00FF')

INSERT INTO outbox
  VALUES (77, 'sms', '+79211234567', NULL, 'Слова', 'notice', 1, 0, 'waiting', 0, 1, 1, NULL, NULL, NULL,
    NULL)

INSERT INTO payment_template
  VALUES (3, 1, 'Охрана', 'Анна', 'b', '1', 'д. 1', '2024-01-01', '2024-02-01', 'p', NULL, 1)

INSERT INTO watch VALUES (4, 1, '1', 'arm', 600, '12345', 'sms', 1, NULL)

INSERT INTO watch_warned VALUES (4, '2026-11-01', 1)

INSERT INTO key (id, number, contract_id, source) VALUES (2, '0001', 1, 'registry')

INSERT INTO added_key VALUES (8, 2, 1, 'Дом', 'verified', 1)
"""
