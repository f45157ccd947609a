"""The same promises on both engines: one writer, nothing lost, every number whole; and what PostgreSQL has of
its own.
"""

import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, func, select

import db as house
from commands.moving import Unlike, move
from db import engines as kinds
from db import hash_seals, journal, open_engine, outbox, writing
from db.access import sessions
from db.access.sessions import SessionRow
from db.desk import search
from db.events.events import Event, event_page
from db.events.keys import SiteKey
from db.migrations.run import current, migrate
from db.money import ledger
from db.money.ledger import LedgerEntry
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules.events.events import EventKind
from tests.kit import cast, engines
from tests.kit.process import ROOT, python_path

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ENVIRONMENT = os.environ | {"CABINET_DEMO": "1", "PYTHONPATH": python_path(ROOT)}


def test_an_address_of_another_engine_is_refused_in_words():
    with pytest.raises(ValueError, match="CABINET_DATABASE"):
        open_engine("mysql://cabinet@localhost/cabinet")


def test_writers_of_several_processes_lose_nothing(engine, monkeypatch):
    """Without the lock inside the process only the engine's own keeps them apart, as it does processes and
    hosts.
    """
    monkeypatch.setattr(house, "_writer", contextlib.nullcontext())

    def add_twenty():
        with Session(engine) as db:
            for _ in range(20):
                with writing(db):
                    row = db.exec(select(Contract).where(Contract.number == cast.ANNA)).one()
                    row.unread += 1

    threads = [threading.Thread(target=add_twenty) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as db:
        assert db.exec(select(Contract.unread).where(Contract.number == cast.ANNA)).one() == 100


@engines.sqlite_only
def test_a_process_that_meets_another_in_a_new_file_waits_for_it(tmp_path):
    path = tmp_path / "new.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, other.rollback)
    release.start()
    engine = open_engine(f"sqlite:///{path}")
    with engine.connect() as db:
        assert db.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    release.join()
    other.close()


SENDER = """
import sys
import jobs
from datetime import datetime
from db import open_engine
from gateways import outgoing
from settings import Settings
settings = Settings(_env_file=None)
handed = outgoing.send_messages
def told(messages, settings):
    print(*(message.id for message in messages), flush=True)
    return handed(messages, settings)
outgoing.send_messages = told
jobs.send_outbox(open_engine(sys.argv[1]), settings, datetime.fromisoformat(sys.argv[2]))
"""


def test_two_job_processes_send_nothing_twice(engine, write, clock):
    with write() as db:
        for n in range(1500):
            outbox.put(db, "sms", f"+7921{n:07}", "Новость", kind="answer", now=clock.now())
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", SENDER, url, clock.now().isoformat()]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) for _ in range(2)]
    sent = Counter(int(id_) for sender in both for id_ in sender.communicate()[0].split())
    assert [sender.returncode for sender in both] == [0, 0]
    assert len(sent) == 1500 and set(sent.values()) == {1}


def test_money_and_seconds_do_not_stop_at_32_bits(write, engine, clock):
    far = int(datetime(2099, 1, 1, tzinfo=UTC).timestamp())
    with write() as db:
        ledger.add(
            db, 1, 5_000_000_000_00, "payment", "payment:huge", day=clock.now().date(), now=clock.now()
        )
        db.add(Event(key_id=1, at=far, id=2**53, kind=EventKind.alarm, code="E130", source_id=1))
    with Session(engine) as db:
        assert (
            db.exec(select(func.sum(LedgerEntry.amount)).where(LedgerEntry.source == "payment:huge")).one()
            == 500_000_000_000
        )
        assert db.exec(select(Event.at, Event.id)).one() == (far, 2**53)
        assert db.get(Contract, 2**62) is None


@engines.postgres_only
def test_an_error_does_not_repeat_what_was_written(write):
    with pytest.raises(IntegrityError) as output, write() as db:
        db.add(Subscriber(code="P-1", kind="person", name="Тайная Ольга"))
    assert "duplicate key" in str(output.value)
    assert "P-1" not in str(output.value) and "Тайная" not in str(output.value)


@engines.postgres_only
def test_a_nul_sign_is_left_out(write, engine):
    with write() as db:
        db.add(Subscriber(code="P-0", kind="person", name="Ольга\0"))
    with Session(engine) as db:
        assert db.exec(select(Subscriber.name).where(Subscriber.code == "P-0")).one() == "Ольга"


@pytest.fixture
def apart(tmp_path):
    """A function that opens an empty database nobody else sees."""
    opened = []

    def another():
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(open_engine(engines.fresh(folder)))
        return opened[-1]

    yield another
    for engine in opened:
        engine.dispose()


START = """
import sys
from db import open_engine
from db.migrations.run import migrate
migrate(open_engine(sys.argv[1]))
"""


@engines.postgres_only
def test_hosts_started_together_migrate_once(apart):
    engine = apart()
    command = [sys.executable, "-c", START, engine.url.render_as_string(hide_password=False)]
    hosts = [subprocess.Popen(command, env=ENVIRONMENT) for _ in range(3)]
    assert [host.wait() for host in hosts] == [0, 0, 0]
    assert current(engine)


def happened(db, *moments):
    for n, at in enumerate(moments):
        db.add(Event(key_id=1, at=int(at.timestamp()), id=n, kind=EventKind.arm, code="R401", source_id=1))


@engines.postgres_only
def test_events_lie_by_months_and_what_a_mad_clock_said_in_the_rest(apart):
    engine = apart()
    migrate(engine)
    cast.settle(engine, NOW)
    then = [
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 23, tzinfo=UTC),
        datetime(2099, 5, 5, tzinfo=UTC),
    ]
    with Session(engine) as db, writing(db):
        happened(db, *then)
    for made in (5, 0):
        assert kinds.postgres.create_partitions(engine, NOW) == made
    with Session(engine) as db:
        lie = db.execute(text("SELECT tableoid::regclass::text, count(*) FROM event GROUP BY 1")).all()
        assert dict(lie) == {"event_2025_12": 1, "event_2026_01": 1, "event_2026_11": 1, "event_rest": 2}
        assert [row.id for row in event_page(db, [1], then[0], datetime(2100, 1, 1, tzinfo=UTC))] == [
            4,
            3,
            2,
            1,
            0,
        ]
    with Session(engine) as db, writing(db):
        happened(db, datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC))
    with Session(engine) as db:
        assert db.execute(text("SELECT count(*) FROM event_2027_01")).scalar() == 1


@pytest.fixture
def file(tmp_path):
    """A SQLite file with the cast, a search index and events of three months and of 1970."""
    engine = open_engine(f"sqlite:///{cast.file(tmp_path, NOW)}")
    with Session(engine) as db, writing(db):
        search.refresh(db)
        happened(
            db,
            *(datetime(2026, month, 1, tzinfo=UTC) for month in (9, 10, 11)),
            datetime(1970, 1, 1, tzinfo=UTC),
        )
    yield engine
    engine.dispose()


@engines.postgres_only
def test_a_file_moves_whole_and_goes_on_from_its_last_numbers(apart, file):
    target = apart()
    with Session(file) as db, writing(db):
        journal.note(db, "staff:1", "test.look", NOW, words="«кавычки» и \\слэш")
    hash_seals.seal_new_rows(file, None, NOW + timedelta(hours=1))
    moved = {one.table: one for one in move(file, target)}
    with Session(target) as new:
        assert moved["audit_seal"].rows == 2 and [
            list(hash_seals.verify(new, kind)) for kind in hash_seals.SEALED
        ] == [
            [],
            [],
        ]
    with Session(file) as old, Session(target) as new:
        for table in ("contract", "subscriber", "ledger_entry", "key", "event", "search", "search_stale"):
            assert moved[table].rows == old.execute(text(f"SELECT count(*) FROM {table}")).scalar()
        assert moved["ledger_entry"].sums["amount"] == 60_000
        assert ledger.total(new, 1) == 150_000
        assert {row.number for row in new.exec(select(SiteKey))} == {
            row.number for row in old.exec(select(SiteKey))
        }
        assert [hit.ref_id for hit in search.find(new, "соколовой", "contract")] == [1]
    with Session(target) as db, writing(db):
        last = max(db.exec(select(Contract.id)))
        db.add(Contract(number=78000009, subscriber_id=1, signed_on=NOW.date(), address="новый"))
        db.flush()
        assert max(db.exec(select(Contract.id))) == last + 1
    with Session(target) as db:
        lie = dict(db.execute(text("SELECT tableoid::regclass::text, count(*) FROM event GROUP BY 1")).all())
    assert lie == {"event_2026_09": 1, "event_2026_10": 1, "event_2026_11": 1, "event_rest": 1}


@engines.postgres_only
def test_a_number_the_file_gave_out_and_took_back_is_not_given_again(apart, file):
    """The last session ended before the move: its number must not come to another person's on the other
    engine.
    """
    with Session(file) as db, writing(db):
        for _ in range(3):
            sessions.start(db, NOW, subscriber_id=1)
        db.flush()
        given = db.exec(select(func.max(SessionRow.id))).one()
        sessions.end_subscriber(db, 1)
    target = apart()
    move(file, target)
    with Session(target) as db, writing(db):
        sessions.start(db, NOW, subscriber_id=2)
        db.flush()
        assert db.exec(select(SessionRow.id)).one() == given + 1


@engines.postgres_only
def test_a_base_with_anything_in_it_is_refused_and_left_alone(apart, file):
    target = apart()
    move(file, target)
    with pytest.raises(Unlike, match="не пуста"):
        move(file, target)
    with Session(target) as db:
        assert ledger.total(db, 1) == 150_000


@engines.postgres_only
def test_a_copy_unlike_the_file_is_not_kept(apart, file, monkeypatch):
    from commands import moving

    monkeypatch.setattr(moving, "_rows", lambda db, statement, own=moving._rows: list(own(db, statement))[1:])
    target = apart()
    with pytest.raises(Unlike, match="Ничего не записано"):
        move(file, target)
    with Session(target) as db:
        assert db.exec(select(func.count()).select_from(Subscriber)).one() == 0
