"""`litestar station import`: files as stations write them, twice the same, with bad lines among the good; and
the simulator.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import Context
from commands import station as command
from commands.demo import habits, wire
from db import outbox
from db.events import events, keys, station
from db.people import contracts
from gateways.station import dc09, files
from rules import Refused
from rules.events.events import EventKind, StationReport
from tests.kit import cast

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def house(engine, settings, clock):
    return Context(engine, settings, clock)


@pytest.fixture
def key(db):
    contract, _ = contracts.find_by_number(db, cast.ANNA)
    found = keys.registered_keys(db, contract.id)[0]
    db.expunge(found)
    db.rollback()
    return found


@pytest.fixture
def file(tmp_path):
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "events.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_reads_what_stations_write(file, encoding, end):
    lines = ["Ключ;Дата и время;Событие;Пользователь", "1234;22.11.2026 22:14:05;Постановка;Анна", ""]
    lines.append("77;22.11.2026 07:00;1130;3")
    found = [report for _, report in files.read(file(end.join(lines) + end, encoding))]
    assert [(r.key, r.kind, r.who, r.at.hour) for r in found] == [
        ("1234", EventKind.arm, "Анна", 19),
        ("77", EventKind.alarm, "3", 4),
    ]


def test_reads_english_headings_commas_and_iso_times(file):
    text = "key,at,code,who,part,id\n1234,2026-11-22T19:14:05Z,R401,2,1,77\n"
    ((number, report),) = files.read(file(text))
    at = datetime(2026, 11, 22, 19, 14, 5, tzinfo=UTC)
    assert number == 2 and report == StationReport("1234", at, "R401", EventKind.arm, "2", 1, "77")


@pytest.mark.parametrize("text", ["", "имя;телефон\nАнна;1\n", "ключ;время\n1;2\n", "\0\0\0"])
def test_refuses_what_is_no_such_file(file, text):
    with pytest.raises(Refused):
        list(files.read(file(text)))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.csv"
        path.write_bytes(b"key;at;code;part\n" + raw)
        for _, found in files.read(path):
            assert isinstance(found, str | StationReport)


def test_a_quote_never_closed_spoils_one_line_not_the_import(file):
    text = 'key;at;code\n1;22.11.2026 07:00;"' + "x" * 70_000 + "\n" + "y" * 70_000 + "\n"
    found = [found for _, found in files.read(file(text + "2;22.11.2026 07:00;1130\n"))]
    assert found[0] == "строка повреждена" and isinstance(found[-1], StationReport)


def test_takes_the_good_lines_once_and_names_the_bad(house, file, db, key, clock):
    clock.at = NOON
    lines = [
        "ключ;время;код",
        f"{key.number};22.11.2026 22:14:05;3401",
        f"{key.number};когда-то;3401",
        f"{key.number};01.01.2099 00:00;1130",
        f"{key.number};01.01.1970 00:00;1130",
        ";22.11.2026 22:14:05;1130",
        "000000;22.11.2026 22:14:05;1130",
        f"{key.number};22.11.2026 22:20:05;неведомо",
    ]
    path = file("\n".join(lines))
    counts, rejected = command.import_file(house, path)
    assert (counts["taken"], counts["waiting"], [number for number, _ in rejected]) == (2, 1, [3, 4, 5, 6])
    counts, _ = command.import_file(house, path)
    assert counts["taken"] == 0 and counts["duplicate"] == 2
    rows = events.event_page(db, [key.id], NOON - timedelta(days=2), NOON)
    assert [(row.kind, row.code) for row in rows] == [(EventKind.other, "НЕВЕДОМО"), (EventKind.arm, "R401")]
    assert "неведомо" in rows[0].raw


def test_a_file_is_no_contact_with_the_station_and_old_news_is_not_told(house, file, db, key, clock):
    clock.at = NOON
    command.import_file(house, file(f"ключ;время;код\n{key.number};20.11.2026 22:14:05;1130"))
    assert station.last_contact(db) is None and outbox.latest_messages(db) == []


@pytest.mark.parametrize("secret", [None, b"0123456789abcdef"])
def test_the_simulator_s_frames_are_what_the_receiver_reads(secret):
    happening = habits.Happening(NOON - timedelta(hours=3), "E134", "2")
    raw = wire.frame("00010", 7, happening, secret, NOON)
    found = dc09.read(raw, dc09.header(raw), secret, NOON)
    assert found.reports == [StationReport("00010", happening.at, "E134", EventKind.alarm, "2", 1)]


def test_the_simulator_lives_up_to_now_and_no_further(house, clock, monkeypatch):
    sent = []
    monkeypatch.setattr(
        wire.Sender, "send", lambda self, number, happening, now: not sent.append((number, happening))
    )
    clock.at = NOON
    assert wire.past(house, wire.Sender(("127.0.0.1", 1)), [NOON.date()]) == len(sent) > 0
    assert all(happening.at <= NOON for _, happening in sent)


def test_lived_faster_each_event_carries_the_time_it_is_sent_and_is_told_in_words(house, clock, monkeypatch):
    sent = []
    monkeypatch.setattr(
        wire.Sender, "send", lambda self, number, happening, now: not sent.append((number, happening))
    )
    clock.at = NOON
    printed = list(islice(wire.live(house, wire.Sender(("127.0.0.1", 1)), 100_000), 5))
    assert [h.at for _, h in sent[:5]] == [NOON] * 5
    assert all(
        number in words and "принято" not in words for (number, _), words in zip(sent, printed, strict=False)
    )
    assert any(word in "".join(printed) for word in ("Постановка", "Снятие"))
