"""Writing: forms that are on the disk when they are answered, sixty at once, and reading while others
write.
"""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import db as house
from checks.bench import data
from checks.bench.house import CABINET, FLOOR, Bench, Row, cookies, times, token
from checks.bench.load import Case, Server, Shot, shoot, warm

FORM = "/settings/contacts"
AT_ONCE, COMMITS = 60, 200


def rows(bench: Bench) -> Iterator[Row]:
    path = data.copy(bench.contracts(), "writes.sqlite")
    with bench.running({"cabinet": CABINET, "floor": FLOOR}, path) as servers:
        server = servers["cabinet"]
        yield from _forms(bench, server, servers["floor"], path)
        yield _at_once(server)
        yield from _beside(bench, server, path)
    for made in path.parent.glob(f"{path.name}*"):
        made.unlink()


def _form(server: Server) -> Case:
    """Telephones kept: the session looked up, a subscriber changed, a line of the journal, one durable
    commit, 303.
    """
    value = token()
    body = urlencode({"_csrf_token": value, "contact_mobile": "+79211234567", "landline": ""})
    return Case(server, FORM, cookies(value), body)


def _forms(bench: Bench, server: Server, floor: Server, path: Path) -> Iterator[Row]:
    case, bare, disk, shots, lowest = _form(server), _form(floor), [], [], []
    warm(case)
    warm(bare)
    for _ in range(bench.rounds):
        disk.append(_synced(path.parent, 1))
        shots.append(shoot(case, bench.seconds))
        lowest.append(shoot(bare, bench.seconds))
    share = median(shot.rate / one for shot, one in zip(shots, disk, strict=True))
    tail = median(shot.p99 / shot.p50 for shot in shots)
    speed = f"{median(shot.rate for shot in shots):.0f} и {median(disk):.0f} в секунду"
    yield (
        f"Форма с записью на диск: к fdatasync того же диска ({speed})",
        f"{share:.2f}",
        "≥ 0,25",
        share >= 0.25,
    )
    least = median(shot.rate / one for shot, one in zip(lowest, disk, strict=True))
    yield (
        f"То же у пола: голый ASGI и sqlite3 ({median(shot.rate for shot in lowest):.0f} в секунду)",
        f"{least:.2f}",
        "",
        True,
    )
    yield "Форма с записью на диск: p99 ÷ p50", f"{tail:.2f}", "≤ 2,5", tail <= 2.5
    one = 1000 / _commits(path, 200)
    yield "Подтверждённая запись лежит на диске (WAL, FULL)", f"{one:.2f} мс одна", "да", True


def _synced(folder: Path, seconds: float) -> float:
    """How often a second this disk takes a page and says that it has it."""
    handle, page, count = os.open(folder / "disk", os.O_CREAT | os.O_WRONLY), bytes(4096), 0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        os.pwrite(handle, page, 4096 * (count % 256))
        os.fdatasync(handle)
        count += 1
    os.close(handle)
    (folder / "disk").unlink()
    return count / seconds


def _commits(path: Path, count: int) -> float:
    """Durable commits a second of one writer that waits for nobody, as the product opens its file."""
    engine = house.open_engine(f"sqlite:///{path}")
    raw = engine.raw_connection()
    began = time.perf_counter()
    for _ in range(count):
        raw.cursor().execute("UPDATE contract SET unread = 1 - unread WHERE id = 1")
    took = time.perf_counter() - began
    raw.close()
    engine.dispose()
    return count / took


def _at_once(server: Server) -> Row:
    """Sixty people press the button in the same instant."""
    case, gate = _form(server), threading.Barrier(AT_ONCE)

    def press(n: int) -> int:
        line = HTTPConnection("127.0.0.1", server.port, timeout=30)
        line.connect()
        gate.wait()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        line.request("POST", FORM, case.body, {"Cookie": case.cookies[n], **kind})
        return line.getresponse().status

    began = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        good = sum(status == 303 for status in pool.map(press, range(AT_ONCE)))
    took = time.perf_counter() - began
    return (
        f"{AT_ONCE} записей разом",
        f"{good} за {took:.2f} с",
        f"{AT_ONCE}, ≤ 1 с",
        good == AT_ONCE and took <= 1,
    )


def _beside(bench: Bench, server: Server, path: Path) -> Iterator[Row]:
    """The home page while another process makes 200 durable commits a second, and while nobody does, in
    turn.
    """
    case = Case(server, "/", cookies(), before=lambda: data.refresh(path))
    quiet: list[Shot] = []
    busy: list[Shot] = []
    warm(case)
    for _ in range(bench.rounds):
        quiet.append(shoot(case, bench.seconds))
        with _writing(path):
            busy.append(shoot(case, bench.seconds))
    rate = median(b.rate / q.rate for b, q in zip(busy, quiet, strict=True))
    tail = median(b.p99 / q.p99 for b, q in zip(busy, quiet, strict=True))
    yield f"Главная, пока идут {COMMITS} записей в секунду: к тихой", f"{rate:.2f}", "≥ 0,9", rate >= 0.9
    yield f"Главная, пока идут {COMMITS} записей в секунду: p99 к тихой", times(tail), "≤ 1,2 ×", tail <= 1.2


class _writing:
    """A process beside, as the jobs and the station's receiver are."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.pid = os.fork()
        if not self.pid:
            self._write()

    def _write(self) -> None:
        raw, began, count = house.open_engine(f"sqlite:///{self.path}").raw_connection(), time.monotonic(), 0
        while True:
            # Another value each time: SQLite writes nothing where nothing changes.
            raw.cursor().execute("UPDATE contract SET unread = 1 - unread WHERE id = ?", [1 + count % 1000])
            count += 1
            time.sleep(max(0, began + count / COMMITS - time.monotonic()))

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
