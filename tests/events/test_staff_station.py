"""The engineer's page of the station: who speaks, how fast SMS go, and events nobody's key explains."""

import pytest
from sqlmodel import Session, select

from db.events import station, waiting_events
from db.journal import Note
from rules.events.events import EventKind, StationReport


@pytest.fixture
def egor(enter):
    return enter("egor")


def test_an_empty_station_says_so(egor):
    page = egor.get("/staff/station")
    assert "ещё ни разу не выходил на связь" in page.text and "Неизвестных ключей нет" in page.text


def test_shows_sources_and_events_of_unknown_keys_page_by_page(egor, write, engine, clock):
    now = clock.now()
    with write() as db:
        station.ingest(
            db,
            "http:main",
            [StationReport(f"9{n:05}", now, "E130", EventKind.alarm, "3") for n in range(60)],
            now,
        )
        station.ingest(db, "dc09", [StationReport("?", now, "QQ", EventKind.other, raw="#1|NQQ1")], now)
    page = egor.get("/staff/station")
    assert "http:main" in page.text and "900059" in page.text and "900001" not in page.text
    assert "Тревога: проникновение" in page.text and "#1|NQQ1" in page.text and "не указан" in page.text
    with Session(engine) as db:
        older = waiting_events.list_waiting(db)[-1].id
    assert "900001" in egor.get(f"/staff/station?before={older}").text


def test_each_look_leaves_a_line(egor, engine):
    egor.get("/staff/station")
    with Session(engine) as db:
        assert [note.actor for note in db.exec(select(Note).where(Note.verb == "station.look"))]
