"""From the wire to the SMS centre: `python -m checks.bench.station [events a second] [seconds]`.

The receiver and the jobs run as the operator runs them, each a process of its own; panels send alarms over
TCP, an SMS centre (tests/kit/smsc.py) takes the messages. Budget: p99 of 1 s at 100 events a second.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from statistics import quantiles

from siadc09 import util
from sqlmodel import Session

import db as house
from checks.bench.house import Row
from db.events.keys import SiteKey
from db.migrations.run import migrate
from db.people.contracts import Contract, Site
from db.people.services import Service, ServiceInterval
from db.people.subscribers import Subscriber
from tests.kit.smsc import Centre

PANELS = 200


def main(rate: int, seconds: int) -> None:
    told, acknowledged, handed = run(rate, seconds)
    print(f"{told} alarms at {rate}/s: {len(acknowledged)} ACK, {len(handed)} told by SMS")
    print(f"  wire → ACK, on the disk: {show(acknowledged)}")
    print(f"  wire → SMS handed over: {show(handed)}")


def rows(short: bool = False) -> list[Row]:
    """(what, figure, budget, met) for `make bench`."""
    told, acknowledged, handed = run(100, 10 if short else 30)
    met = len(handed) == len(acknowledged) == told and p99(handed) <= 1
    heard = f"{show(handed)}; отдано {len(handed)} из {told}, подтверждение прибору {show(acknowledged)}"
    return [("Тревога с провода до отдачи SMS, 100 в секунду", heard, "p99 ≤ 1 с", met)]


def run(rate: int, seconds: int) -> tuple[int, list[float], list[float]]:
    """Alarms sent, and the seconds each took to its ACK and to its SMS."""
    with tempfile.TemporaryDirectory() as folder:
        path, port = Path(folder) / "bench.sqlite", free()
        settle(path)
        centre = Centre()
        told = os.environ | {
            "CABINET_DEMO": "1",
            "CABINET_DATABASE": str(path),
            "CABINET_STATION_PORT": str(port),
            "CABINET_SURGARD_PORT": "0",
            "CABINET_SMS_GATEWAY": "smpp",
            "CABINET_SMS_SERVER": f"127.0.0.1:{centre.port}",
        }
        cli = [sys.executable, "-m", "litestar", "--app", "app:create_app"]
        verbs = ["station", "listen"], ["jobs"]
        running = [subprocess.Popen([*cli, *verb], env=told, stderr=subprocess.DEVNULL) for verb in verbs]
        try:
            return measure(port, centre, rate, seconds)
        finally:
            for process in running:
                process.terminate()
                process.wait(20)
            centre.close()


def settle(path: Path) -> None:
    """Panels of one subscriber, all told by SMS."""
    engine = house.open_engine(f"sqlite:///{path}")
    migrate(engine)
    with Session(engine) as db, house.writing(db):
        db.add(Subscriber(id=1, code="x", kind="company", name="x"))
        db.flush()
        db.add(Contract(id=1, number=78000001, subscriber_id=1, signed_on=date(2020, 1, 1), address="x"))
        db.flush()
        db.add(Service(id=1, contract_id=1, kind="sms", tariff="SMS", mobile="+79210000000"))
        db.add_all(Site(id=1 + n, contract_id=1, name=f"К{1000 + n}", address="x") for n in range(PANELS))
        db.flush()
        db.add_all(SiteKey(number=f"{1000 + n}", contract_id=1, site_id=1 + n) for n in range(PANELS))
        db.flush()
        db.add(ServiceInterval(service_id=1, state="active", first=date(2020, 1, 1)))
    engine.dispose()


class Panel:
    """One line kept open, as panels with supervision keep it."""

    def __init__(self, port: int, account: str) -> None:
        self.account, self.line, self.sequence = account, socket.create_connection(("127.0.0.1", port)), 0

    def alarm(self, zone: int) -> None:
        """Send and wait for the ACK."""
        self.sequence += 1
        said = f'"ADM-CID"{self.sequence:04}L0#{self.account}[#{self.account}|1130 01 {zone:03}]'.encode()
        self.line.sendall(b"\n%04X%04X%b\r" % (util.crc(said), len(said), said))
        answer = b""
        while not answer.endswith(b"\r"):
            answer += self.line.recv(500)
        assert b'"ACK"' in answer, answer


def measure(port: int, centre: Centre, rate: int, seconds: int) -> tuple[int, list[float], list[float]]:
    until_open(port)
    panels = [Panel(port, f"{1000 + n}") for n in range(PANELS)]
    sent: dict[str, float] = {}
    heard: dict[str, float] = {}
    acknowledged: list[float] = []
    stopped = threading.Event()

    def one(n: int) -> None:
        panel, zone = panels[n % PANELS], 1 + n // PANELS
        began = sent[f"{panel.account}, зона {zone}"] = time.monotonic()
        panel.alarm(zone)
        acknowledged.append(time.monotonic() - began)

    watcher = threading.Thread(target=watch, args=(centre, heard, stopped), daemon=True)
    watcher.start()
    began = time.monotonic()
    with ThreadPoolExecutor(32) as pool:
        for n in range(rate * seconds):
            time.sleep(max(0, began + n / rate - time.monotonic()))
            pool.submit(one, n)
    end = time.monotonic() + 20
    while len(centre.received) < len(sent) and time.monotonic() < end:
        time.sleep(0.05)
    stopped.set()
    watcher.join()
    return len(sent), acknowledged, [heard[name] - sent[name] for name in heard]


def until_open(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.2)


def watch(centre: Centre, heard: dict[str, float], stopped: threading.Event) -> None:
    """When the centre took the message about each panel's zone."""
    seen = 0
    while not stopped.is_set():
        for _, text, _ in centre.received[seen:]:
            heard[text.rpartition("К")[2]] = time.monotonic()
            seen += 1
        time.sleep(0.002)


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def p99(times: list[float]) -> float:
    return quantiles(times, n=100)[98]


def show(times: list[float]) -> str:
    return (
        f"p50 {quantiles(times, n=100)[49] * 1000:.0f}, p99 {p99(times) * 1000:.0f}, worst "
        f"{max(times) * 1000:.0f} ms"
    )


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given or [100, 30]))
