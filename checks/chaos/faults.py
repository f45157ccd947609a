"""Every other trouble, one after another: while people live, something goes wrong for some seconds, then is
well again.
"""

import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from checks.chaos import audit
from checks.chaos.acts import KINDS
from checks.chaos.table import Row
from checks.chaos.trial import Trial, trial

ALL = ("web", "jobs", "station")
LASTS = 12.0
FORMS = ("request", "message", "payment")
Fault = Callable[[Trial], None]


def run(base: int, names: list[str] | None = None) -> list[Row]:
    return [each(base) for name, each in FAULTS.items() if not names or name in names]


def row(
    base: int, name: str, fault: Fault, kinds: tuple[str, ...] = KINDS, people: int = 8, **options: Any
) -> Row:
    """Live, be troubled, be well again: how soon the first form is acknowledged after the trouble, and all is
    counted.
    """
    with trial(base, people, **options) as found:
        found.house.start(*ALL)
        found.house.ready(*ALL)
        found.begin(kinds)
        found.entered()
        fault(found)
        back = _acknowledged_again(found)
        time.sleep(3)
        found.end()
        quiet = audit.settled(found.house.path, found.bank)
        found.broken += audit.whole(found.house.path)
        said = "; ".join(found.sentences()) or "никто не заметил"
        done = Row.of(
            f"{name}; людям: {said}", found.counts(), f"{back:.1f} с; всё доделано через {quiet:.0f} с", found
        )
        print(done.line, *done.wrong, sep="\n", flush=True)
        return done


def _acknowledged_again(found: Trial) -> float:
    """Seconds until every kind of form that was going on is acknowledged again."""
    began = time.monotonic()
    before = {kind: len(found.book.acknowledged[kind]) for kind in FORMS}
    while any(len(found.book.acknowledged[kind]) == many for kind, many in before.items()):
        if time.monotonic() - began > 90 or found.broken:
            found.broken.append("не ожил за 90 с")
            break
        time.sleep(0.05)
    return time.monotonic() - began


@contextmanager
def small_disk(megabytes: int = 48) -> Iterator[Path]:
    """A folder on a disk of its own, of this size, by tmpfs."""
    place = Path(f"/tmp/chaos-disk-{time.time_ns()}")
    place.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


def disk_full(base: int) -> Row:
    def fault(found: Trial) -> None:
        balloon = found.house.folder / "balloon"
        with balloon.open("wb", buffering=0) as air:
            began = time.monotonic()
            while time.monotonic() - began < LASTS:
                try:
                    air.write(b"\0" * 65536)
                except OSError:
                    time.sleep(0.05)
        balloon.unlink()

    with small_disk() as place:
        return row(base, f"диск полон {LASTS:.0f} с (tmpfs)", fault, folder=place)


def locked(base: int, seconds: float = 5) -> Row:
    def fault(found: Trial) -> None:
        with closing(sqlite3.connect(found.house.path, timeout=30, isolation_level=None)) as file:
            file.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            file.execute("ROLLBACK")

    return row(base, f"файл занят другой программой {seconds:.0f} с", fault)


def long_locked(base: int) -> Row:
    return locked(base, 25)


def gateway(mood: str, words: str) -> Callable[[int], Row]:
    def fault(found: Trial) -> None:
        found.gateway.feel(mood)
        time.sleep(LASTS)
        found.gateway.feel("well")

    return lambda base: row(base, f"SMS-шлюз {words} {LASTS:.0f} с", fault)


def bank(mood: str, words: str) -> Callable[[int], Row]:
    def fault(found: Trial) -> None:
        found.bank.feel(mood)
        time.sleep(LASTS)
        found.bank.feel("well")
        found.bank.gone.set() if mood == "hangs" else None
        found.bank.gone.clear()

    return lambda base: row(base, f"банк {words} {LASTS:.0f} с", fault)


def bank_twice(base: int) -> Row:
    """Every word of the bank said twice at once, from two threads."""

    def fault(found: Trial) -> None:
        for actor in found.actors:
            actor.manners = ("twice",)
        echo = threading.Thread(target=_echo, args=(found, time.monotonic() + LASTS))
        echo.start()
        echo.join()

    return row(base, "банк отвечает дважды", fault, FORMS)


def _echo(found: Trial, until: float) -> None:
    from gateways.sandbox import payment_page

    while time.monotonic() < until:
        payment_page.deliver_webhooks(found.bank.till)
        time.sleep(0.1)


def clock(base: int) -> Row:
    """The cabinet's own clock, which all its processes read, is moved through the file, as `/demo/clock`
    does.
    """

    def fault(found: Trial) -> None:
        for seconds in (26 * 3600, -2 * 3600, 3 * 3600, 0):
            with closing(sqlite3.connect(found.house.path, timeout=30)) as file, file:
                file.execute("DELETE FROM clock_shift")
                file.execute("INSERT INTO clock_shift (seconds) VALUES (?)", (seconds,))
            time.sleep(LASTS / 4)

    return row(base, "часы прыгают: +26 ч, −2 ч, +3 ч, назад", fault, FORMS, change={"CABINET_DEMO": "1"})


FAULTS: dict[str, Callable[[int], Row]] = {
    "disk": disk_full,
    "locked": locked,
    "long-locked": long_locked,
    "sms-down": gateway("down", "лежит"),
    "sms-slow": gateway("slow", "отвечает по 3 с"),
    "bank-hangs": bank("hangs", "молчит"),
    "bank-refuses": bank("refuses", "отвечает 500"),
    "bank-twice": bank_twice,
    "clock": clock,
}
