"""The receiver on real sockets, with a sender that is not ours (my-dc09-spt) and with panels that behave
badly.
"""

import asyncio
import contextlib
import socket
import threading
import time
from datetime import timedelta

import pytest
from my_dc09_spt import dc09_spt
from my_dc09_spt.comm.transpath import TransPath
from siadc09 import util
from sqlmodel import Session

import station as receiving
from db import writing
from db.clock import Clock
from db.events import events, keys, panels, station, waiting_events
from db.people import contracts
from gateways.station import receiver
from tests.events.test_gateway_station import frame, sealed
from tests.kit import cast, engines

SECRET = b"0123456789abcdef"
LIMITS = receiver.Limits(idle=2, frame=0.5, answer=2)


@pytest.fixture
def numbers(engine):
    """Two keys of Anna's, the second with an AES key of its own."""
    with Session(engine) as db, writing(db):
        contract, _ = contracts.find_by_number(db, cast.ANNA)
        for number in ("1234", "5678"):
            db.add(keys.SiteKey(number=number, contract_id=contract.id))
        return "1234", "5678"


class SteppedClock(Clock):
    """Real time and a number of seconds: events are stored to the second."""

    seconds = 0

    def now(self):
        return super().now() + timedelta(seconds=self.seconds)


@pytest.fixture
def clock():
    return SteppedClock()


@pytest.fixture
def desk(engine, numbers, clock):
    return receiving.PanelListener(engine, clock, {numbers[1]: SECRET, "AA32": SECRET + SECRET})


@pytest.fixture
def ports(desk):
    """The receiver running in a thread; its two ports."""
    found = receiving.Ports("127.0.0.1", free(), free())
    loop, ready = asyncio.new_event_loop(), threading.Event()

    listening = []

    async def main():
        up = asyncio.Event()
        listening.append(asyncio.create_task(receiving.listen(desk, found, LIMITS, up)))
        await up.wait()
        ready.set()
        with contextlib.suppress(asyncio.CancelledError):
            await listening[0]

    thread = threading.Thread(target=lambda: loop.run_until_complete(main()), daemon=True)
    thread.start()
    assert ready.wait(5)
    yield found
    loop.call_soon_threadsafe(listening[0].cancel)
    thread.join(10)
    loop.close()


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def stored(engine):
    """Codes of the events of these key numbers, oldest first."""

    def read(*numbers: str) -> list[str]:
        with Session(engine) as db:
            ids = [key.id for key in (keys.registered_keys(db, 1)) if key.number in numbers]
            now = Clock().now()
            return [
                row.code
                for row in events.event_page(
                    db, ids, now - timedelta(days=1), now + timedelta(days=1), limit=999
                )
            ][::-1]

    return read


def talk(ports, data: bytes, port: int | None = None, wait: float = 1.0) -> bytes:
    """What comes back on one connection within a second, or until it is closed."""
    with socket.create_connection(("127.0.0.1", port or ports.dc09), timeout=wait) as line:
        line.sendall(data)
        return hear(line, wait)


def hear(line: socket.socket, wait: float = 1.0, until: int = 1) -> bytes:
    got, end = b"", time.monotonic() + wait
    while time.monotonic() < end and got.count(b"\r") < until:
        line.settimeout(max(end - time.monotonic(), 0.01))
        with contextlib.suppress(TimeoutError):
            if not (more := line.recv(65536)):
                break
            got += more
    return got


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


def until(true, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.02)


def plain(code: str = "3401", sequence: int = 1, account: str = "1234", who: int = 1) -> bytes:
    answered = f'"ADM-CID"{sequence:04}L0#{account}[#{account}|{code} 00 {who:03}]'
    return frame(answered.encode())


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


def test_garbage_is_not_answered_and_does_no_harm(ports, stored):
    assert talk(ports, b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)), wait=0.4) == b""
    assert b'"ACK"' in talk(ports, plain())


def test_ten_megabytes_are_cut_off(ports, stored):
    with socket.create_connection(("127.0.0.1", ports.dc09), timeout=5) as line:
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 10_000_000:
                sent += line.send(b"A" * 10_240)
            assert line.recv(1) == b"", "the line was left open"
    assert b'"ACK"' in talk(ports, plain())


def test_a_frame_begun_and_not_ended_is_cut_off(ports):
    with socket.create_connection(("127.0.0.1", ports.dc09), timeout=30) as line:
        line.sendall(plain()[:20])
        assert line.recv(10) == b""


def test_two_hundred_silent_lines_keep_nobody_waiting_and_are_cut_off(ports, stored):
    lines = [socket.create_connection(("127.0.0.1", ports.dc09), timeout=30) for _ in range(200)]
    assert b'"ACK"' in talk(ports, plain(), wait=20)  # one after another they would take four hundred seconds
    assert all(line.recv(1) == b"" for line in lines)
    for line in lines:
        line.close()


def test_nothing_is_acknowledged_when_storing_fails(ports, stored, monkeypatch):
    monkeypatch.setattr(station, "ingest", lambda *_: 1 / 0)
    assert talk(ports, plain(), wait=0.5) == b""
    assert talk(ports, b"5011 181234E13001001\x14", ports.surgard, 0.5) == b""
    monkeypatch.undo()
    assert b'"ACK"' in talk(ports, plain())
    assert stored("1234") == ["R401"]


def test_a_locked_file_is_waited_for_before_the_answer(ports, stored, settings):
    lock = engines.locked(settings)
    released = threading.Event()

    def release():
        released.set()
        lock.rollback()

    threading.Timer(5, release).start()
    assert b'"ACK"' in talk(ports, plain(), wait=30)
    assert released.is_set() and stored("1234") == ["R401"]
    lock.close()


def test_a_receiver_s_lines_are_acknowledged_and_its_heartbeat_is_contact(ports, stored, engine):
    assert talk(ports, b"1011           @    \x14", ports.surgard, 0.5) == b"\x06"
    assert talk(ports, b"5011 181234E13001001\x145011 181234R40100002\x14", ports.surgard, 0.5) == b"\x06\x06"
    assert talk(ports, b"\xff\xfe\x14", ports.surgard, 0.5) == b"\x15"
    assert sorted(stored("1234")) == ["E130", "R401"]
    with Session(engine) as db:
        assert [source.name for source in station.sources(db)] == ["surgard"]


def test_a_hundred_panels_at_once_are_all_kept(ports, stored):
    def one(n: int) -> None:
        answers.append(talk(ports, plain("1130", n + 1, who=n + 1), wait=5))

    answers: list[bytes] = []
    threads = [threading.Thread(target=one, args=(n,)) for n in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(b'"ACK"' in answer for answer in answers) == 100 == len(stored("1234"))
