"""Told to stop, a process finishes what it began; a file already migrated is served by the program of the day
before.
"""

import contextlib
import socket
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from siadc09 import util
from sqlmodel import Session, select

from db import outbox
from db.events.events import Event
from db.events.keys import SiteKey
from db.outbox import Message
from db.people import contracts
from tests.events.test_gateway_station import frame
from tests.kit import cast
from tests.kit.browser import Browser
from tests.kit.process import env, free_port, litestar, running, until, web


def servers(port):
    return {
        "granian": [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--factory",
            "app:create_app",
            "--no-ws",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            "1",
        ],
        "uvicorn": [
            sys.executable,
            "-m",
            "uvicorn",
            "--factory",
            "app:create_app",
            "--port",
            str(port),
            "--no-proxy-headers",
        ],
    }


@pytest.mark.parametrize("server", ["granian", "uvicorn"])
def test_a_request_begun_before_the_server_was_told_to_stop_is_answered(server, settings, tmp_path):
    port = free_port()
    with running(servers(port)[server], env(settings), tmp_path / "log") as process:
        until(
            lambda: httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False).status_code == 200, process
        )
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            body = b'{"object": {"id": "22e12f66-000f-5000-8000-18db351245c7"}}'
            head = (
                "POST /callbacks/bank HTTP/1.1",
                "Host: x",
                "Content-Type: application/json",
                f"Content-Length: {len(body)}",
            )
            line.sendall("\r\n".join((*head, "", "")).encode() + body[:10])
            httpx.get(
                f"http://127.0.0.1:{port}/ready", trust_env=False
            )  # the server has surely read what came before this
            process.terminate()
            until(lambda: not _open(port))  # it takes nobody new
            line.sendall(body[10:])
            assert line.recv(4096).startswith(b"HTTP/1.1 ")
        until(lambda: process.poll() is not None)


def _open(port) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_jobs_told_to_stop_leave_no_message_half_sent(settings, engine, write, tmp_path):
    with write() as db:
        for n in range(500):
            outbox.put(
                db,
                "sms",
                "+79211234567",
                f"Сообщение {n}",
                kind="notice",
                now=datetime(2026, 11, 1, tzinfo=UTC),
            )
    with running(litestar("jobs"), env(settings), tmp_path / "log") as process:
        until(lambda: _count(engine, "sent") > 0, process)
        process.terminate()
        assert process.wait(60) == 0
    assert _count(engine, "sending") == 0 and _count(engine, "sent") + _count(engine, "waiting") == 500


def _count(engine, state) -> int:
    with Session(engine) as db:
        return len(db.exec(select(Message.id).where(Message.state == state)).all())


def test_the_program_of_the_day_before_goes_on_over_a_file_migrated_since(settings, engine, tmp_path):
    with (
        web(settings, tmp_path / "log") as (_, origin),
        httpx.Client(base_url=origin, trust_env=False, timeout=60) as client,
    ):
        me = Browser(client)
        me.get("/login")
        _migrate_further(engine)
        assert me.submit("/login", number=str(cast.ANNA), password=cast.PASSWORD).path == "/"
        me.get("/requests/new/letter")
        me.submit("/requests/new/letter", text="Пишу, пока файл меняется под программой")
        assert client.get("/ready").status_code == 200
    with web(settings, tmp_path / "log") as (_, origin):  # and it may be brought back
        assert httpx.get(f"{origin}/login", trust_env=False).status_code == 200


def _migrate_further(engine) -> None:
    """What a later version may do: only add."""
    with engine.begin() as db:
        db.exec_driver_sql("ALTER TABLE subscriber ADD COLUMN later TEXT")
        db.exec_driver_sql("ALTER TABLE session ADD COLUMN later INTEGER NOT NULL DEFAULT 0")
        db.exec_driver_sql(
            "CREATE TABLE later (id INTEGER PRIMARY KEY, subscriber_id INTEGER REFERENCES subscriber (id))"
        )
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


def test_the_listener_told_to_stop_keeps_and_answers_what_it_heard(settings, engine, write, tmp_path):
    with write() as db:
        contract, _ = contracts.find_by_number(db, cast.ANNA)
        db.add(SiteKey(number="1234", contract_id=contract.id))
    port = free_port()
    more = {"CABINET_STATION_PORT": str(port), "CABINET_SURGARD_PORT": "0"}
    with running(litestar("station", "listen"), env(settings, **more), tmp_path / "log") as process:
        until(lambda: _open(port), process)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            line.sendall(b"".join(_frame(n) for n in range(1, 21)))
            heard = line.recv(65536)  # the first answers: all twenty were heard
            process.terminate()
            with contextlib.suppress(OSError):
                while piece := line.recv(65536):
                    heard += piece
        assert process.wait(60) == 0
    with Session(engine) as db:
        stored = len(db.exec(select(Event)).all())
    assert heard.count(b'"ACK"') == stored == 20


def _frame(sequence: int) -> bytes:
    at = util.totimestamp(
        datetime.now(UTC) - timedelta(seconds=sequence)
    )  # each its own event, none too old to be believed
    return frame(f'"ADM-CID"{sequence:04}L0#1234[#1234|3401 01 001]_{at}'.encode())
