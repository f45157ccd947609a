"""The receiver on real sockets: frames, repeats and refusals, with a sender not of ours (my-dc09-spt)."""

import socket
import time
from datetime import timedelta

import pytest
from my_dc09_spt import dc09_spt
from my_dc09_spt.comm.transpath import TransPath
from siadc09 import util
from sqlmodel import Session

from db import writing
from db.clock import Clock
from db.events import keys, panels, station, waiting_events
from tests.events.test_gateway_station import frame, sealed
from tests.kit.station_lines import SECRET, clock, desk, hear, numbers, plain, ports, stored, talk, until  # noqa: F401 - fixtures


def panel(ports, account: str, key: bytes | None = None, kind: str = "TCP") -> dc09_spt.dc09_spt:
    made = dc09_spt.dc09_spt(account, line=0)
    made.set_path("main", "primary", "127.0.0.1", ports.dc09, account=account, key=key, line=0, type=kind)
    return made


@pytest.mark.parametrize("wire", ["TCP", "UDP"])
def test_an_independent_panel_speaks_contact_id(ports, stored, wire):
    spt = panel(ports, "1234", kind=wire)
    spt.send_msg("ADM-CID", {"account": "1234", "code": 401, "q": 3, "user": 7})
    spt.send_msg("ADM-CID", {"account": "1234", "code": 130, "q": 1, "zone": 5})
    until(lambda: spt.notSent() == 0 and sorted(stored("1234")) == ["E130", "R401"])


@pytest.mark.parametrize("account", ["5678", "AA32"])
def test_an_independent_panel_speaks_under_a_cipher(ports, stored, engine, account):
    with Session(engine) as db, writing(db):
        if account not in ("1234", "5678"):
            db.add(keys.SiteKey(number=account, contract_id=1))
    spt = panel(ports, account, SECRET if account == "5678" else SECRET + SECRET)
    spt.send_msg("SIA-DCS", {"account": account, "code": "CL", "user": 2})
    spt.send_msg("ADM-CID", {"account": account, "code": 121, "q": 1, "user": 2})
    until(lambda: sorted(stored(account)) == ["CL", "E121"])
    assert spt.notSent() == 0


def test_an_independent_panel_s_link_test_is_contact(ports, engine):
    path = TransPath("127.0.0.1", ports.dc09, "1234", line=0, type="TCP")
    assert panel(ports, "1234").transfer_msg(1, "NULL", "]", path)
    with Session(engine) as db:
        assert db.get(panels.Panel, "1234") and station.last_contact(db)


def test_two_frames_in_one_segment_are_two(ports, stored):
    with socket.create_connection(("127.0.0.1", ports.dc09)) as line:
        line.sendall(plain("3401", 1) + plain("1130", 2))
        assert hear(line, 3, until=2).count(b'"ACK"') == 2
    assert sorted(stored("1234")) == ["E130", "R401"]


def test_a_frame_in_pieces_is_one(ports, stored):
    raw = plain()
    with socket.create_connection(("127.0.0.1", ports.dc09)) as line:
        for n in range(0, len(raw), 9):
            line.sendall(raw[n : n + 9])
            time.sleep(0.02)
        assert b'"ACK"0001' in hear(line, 3)
    assert stored("1234") == ["R401"]


def test_the_same_sequence_again_is_acknowledged_and_not_stored_twice(ports, stored):
    for _ in range(3):
        assert b'"ACK"' in talk(ports, plain())
    assert stored("1234") == ["R401"]


def test_a_panel_that_counts_anew_is_heard(ports, stored, clock):
    for code in ("3401", "1401", "3401"):
        assert b'"ACK"' in talk(ports, plain(code))
        clock.seconds += 1
    assert stored("1234") == ["R401", "E401", "R401"]


def test_repeats_of_frames_sent_together_are_known(ports, stored, clock):
    both = plain("3401", 1) + plain("1130", 2)
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", ports.dc09)) as line:
            line.sendall(both)
            assert hear(line, 3, until=2).count(b'"ACK"') == 2
        clock.seconds += 1
    assert sorted(stored("1234")) == ["E130", "R401"]


def test_a_wrong_checksum_gets_silence(ports, stored):
    assert talk(ports, plain().replace(b"3401", b"1401"), wait=0.4) == b""
    assert stored("1234") == []


def test_an_old_clock_gets_the_time(ports, stored):
    at = Clock().now() - timedelta(hours=1)
    answer = talk(ports, sealed(b"ADM-CID", b"5678", b"#5678|3401 00 001", SECRET, at))
    assert b'"NAK"0000' in answer and util.totimestamp(Clock().now())[:4].encode() in answer
    assert stored("5678") == []


def test_a_keyed_account_in_plain_is_refused(ports, stored):
    assert b'"DUH"' in talk(ports, plain(account="5678"))
    assert stored("5678") == []


def test_an_unknown_account_is_refused_and_shown_to_the_desk_once(ports, engine):
    for _ in range(3):
        assert b'"DUH"0001L0#9999[]' in talk(ports, plain("1130", account="9999"))
        assert b'"DUH"' in talk(ports, frame(b'"NULL"0000L0#8888[]'))
    with Session(engine) as db:
        assert sorted((row.number, row.code) for row in waiting_events.list_waiting(db)) == [
            ("8888", "NULL"),
            ("9999", "E130"),
        ]
