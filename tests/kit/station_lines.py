"""The receiver on real sockets, and messages of panels to it."""

import asyncio
import contextlib
import socket
import threading
import time
from datetime import timedelta

import pytest
from sqlmodel import Session

import station as receiving
from db import writing
from db.clock import Clock
from db.events import events, keys
from db.people import contracts
from gateways.station import receiver
from tests.events.test_gateway_station import frame
from tests.kit import cast

SECRET = b"0123456789abcdef"


LIMITS = receiver.Limits(idle=2, frame=0.5, answer=2)


@pytest.fixture
def numbers(engine):
    """Return two keys of Anna's, the second with its own AES key."""
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
    """Run the receiver in a thread and return its two ports."""
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
    """Return codes of the events of these keys, oldest first."""

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
    """Return the bytes received on one connection within a second, or until it is closed."""
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


def until(true, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.02)


def plain(code: str = "3401", sequence: int = 1, account: str = "1234", who: int = 1) -> bytes:
    answered = f'"ADM-CID"{sequence:04}L0#{account}[#{account}|{code} 00 {who:03}]'
    return frame(answered.encode())
