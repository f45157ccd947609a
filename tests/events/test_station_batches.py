"""A batch from the station is kept in a few words with the database, and each of its reports answered as if
it came alone.
"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import col, func, select

from db import outbox
from db.events import deliveries, station, waiting_events
from db.events.events import Event
from db.people import contracts
from rules.events.events import EventKind, StationReport
from tests.kit import cast, engines

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def key(write):
    """Anna's key; her SMS-информирование is paid."""
    with write() as db:
        contract, _ = contracts.find_by_number(db, cast.ANNA)
        cast.service(
            db, contract, "sms", "SMS", 9_000, NOW.date() - timedelta(days=30), mobile="+79211234567"
        )
    return f"{cast.ANNA % 10000:04}0"


@pytest.fixture
def ingest(write):
    def keep(reports):
        with write() as db:
            return station.ingest(db, "http:main", reports, NOW)

    return keep


def alarms(key, count):
    return [StationReport(key, NOW, "E130", EventKind.alarm, str(zone)) for zone in range(count)]


def test_a_batch_is_answered_report_by_report(ingest, key, db):
    ours, strange, numbered = (
        alarms(key, 300),
        alarms("777777", 300),
        [
            StationReport(key, NOW - timedelta(seconds=n), "R401", EventKind.arm, external=f"n{n % 200}")
            for n in range(300)
        ],
    )
    mixed = [report for three in zip(ours, strange, numbered, strict=True) for report in three]
    answers = ingest([*mixed, ours[0]])
    assert answers[0::3] == ["taken"] * 300 + ["duplicate"]
    assert answers[1::3] == ["waiting"] * 300
    assert answers[2::3] == ["taken"] * 200 + ["duplicate"] * 100
    assert db.exec(select(func.count()).select_from(Event)).one() == 500
    again = ingest([*mixed, StationReport(key, NOW, "E130", EventKind.alarm, "новая")])
    assert again[0::3] == ["duplicate"] * 300 + ["taken"]
    assert again[1::3] == ["waiting"] * 300
    assert again[2::3] == ["duplicate"] * 300
    assert len(waiting_events.list_waiting(db, 1000)) == 300


def test_of_twins_in_one_batch_the_first_is_kept(ingest, key, db):
    twins = [StationReport(key, NOW, "R401", EventKind.arm, who, raw=who) for who in ("первый", "второй")]
    assert ingest(twins) == ["taken", "duplicate"]
    assert db.exec(select(Event.raw)).one() == "первый"


@pytest.mark.parametrize("given", ['{"a", NULL}', "\\N\\\\'\"", "", "строка\nи ещё\t;", "{}", "NULL"])
def test_a_text_comes_out_as_it_went_in(ingest, key, db, given):
    assert (
        ingest([StationReport(key, NOW, "E130", EventKind.alarm, given, raw=given or None), *alarms(key, 1)])
        == ["taken"] * 2
    )
    saved = db.exec(select(Event.who, Event.raw).where(col(Event.who) != "0")).one()
    assert (saved.who, saved.raw) == (given, given or None)


def test_an_event_is_told_once_though_it_comes_to_be_told_again(ingest, write, key, db):
    assert ingest(alarms(key, 3)) == ["taken"] * 3
    rows = [
        row._asdict()
        for row in db.exec(select(Event.key_id, Event.at, Event.id, Event.kind, Event.code, Event.who)).all()
    ]
    with write() as again:
        assert deliveries.put_messages(again, rows, NOW) == 0
    with write() as again:
        assert deliveries.put_messages(again, [*rows, rows[0] | {"id": 5}], NOW) == 1
    db.rollback()
    assert db.exec(select(func.count()).select_from(outbox.Message)).one() == 4


@engines.postgres_only
def test_a_batch_takes_a_few_round_trips_whatever_its_size(ingest, engine, key):
    given = []
    event.listen(engine, "before_cursor_execute", lambda *args: given.append(args[2]))
    assert ingest(alarms(key, 1000)) == ["taken"] * 1000
    few = len(given)
    given.clear()
    mixed = [*alarms(key, 500), *alarms("777777", 500)]
    assert ingest(mixed) == ["duplicate"] * 500 + ["waiting"] * 500
    assert few <= 12 and len(given) <= 12
