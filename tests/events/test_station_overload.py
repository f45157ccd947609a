"""The receiver with senders that behave badly: garbage, silence, crowds, a database that does not answer."""

import contextlib
import socket
import threading

from sqlmodel import Session

from db.events import station
from tests.kit import engines
from tests.kit.station_lines import clock, desk, numbers, plain, ports, stored, talk  # noqa: F401 - fixtures


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
