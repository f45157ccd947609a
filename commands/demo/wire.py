"""Simulated panels: each key's day sent over the real DC-09 protocol and acknowledged by the
real receiver.
"""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rich.progress import track
from siadc09 import util
from sqlmodel import Session, col, select

from commands import Context
from commands.demo import habits
from db.events.keys import SiteKey
from db.people.contracts import Site
from rules import days
from rules.events import event_codes

TRIES = 3
QUALIFIERS = {"E": "1", "R": "3", "P": "6"}


@dataclass
class Sender:
    """One connection for all panels, as a concentrator has; it reconnects after an error."""

    where: tuple[str, int]
    keys: dict[str, bytes] = field(default_factory=dict)
    line: socket.socket | None = None
    sequences: dict[str, int] = field(default_factory=dict)

    def send(self, number: str, happening: habits.Happening, now: datetime) -> bool:
        """Send an event and return whether the receiver acknowledged it (ACK)."""
        sequence = self.sequences[number] = self.sequences.get(number, int(now.timestamp()) % 9999) % 9999 + 1
        raw = frame(number, sequence, happening, self.keys.get(number, self.keys.get("*")), now)
        for attempt in range(TRIES):
            try:
                return b"ACK" in self._exchange(raw)
            except OSError:
                self.line = None
                if attempt == TRIES - 1:
                    raise
                time.sleep(0.3)
        return False

    def _exchange(self, raw: bytes) -> bytes:
        if self.line is None:
            self.line = socket.create_connection(self.where, timeout=20)
        self.line.sendall(raw)
        answer = b""
        while not answer.endswith(b"\r"):
            if not (more := self.line.recv(1024)):
                raise ConnectionError("closed")
            answer += more
        return answer


def frame(number: str, sequence: int, happening: habits.Happening, key: bytes | None, now: datetime) -> bytes:
    """Return a Contact ID frame with the time of occurrence, encrypted when the account has a key."""
    who = f"{int(happening.who or 0):03}"
    message = (
        f"#{number}|{QUALIFIERS[happening.code[0]]}{happening.code[1:]} 01 "
        f"{who}][H{util.totimestamp(happening.at)}]"
    )
    if key is None:
        return _packed(f'"ADM-CID"{sequence:04}L0#{number}[{message}_{util.totimestamp(now)}'.encode())
    tail = b"|" + message.encode() + b"_" + util.totimestamp(now).encode()
    secret = util.encrypt(key, bytes(util.genpad(16 + -len(tail) % 16)) + tail).hex().upper()
    return _packed(f'"*ADM-CID"{sequence:04}L0#{number}[{secret}'.encode())


def past(context: Context, sender: Sender, over: list[date]) -> int:
    """Send all events of these days up to now, with a progress bar; return how many were acknowledged."""
    now = context.clock.now()
    happenings = sorted(
        (
            (h.at, number, h)
            for number, life in panels(context)
            for day in over
            for h in habits.day(number, life, day)
        ),
        key=lambda each: each[:2],
    )
    due = [(number, happening) for at, number, happening in happenings if at <= now]
    return sum(sender.send(number, h, context.clock.now()) for number, h in track(due, "Отправляем события"))


def live(context: Context, sender: Sender, faster: float) -> Iterator[str]:
    """Send each event at its minute, for ever. With `faster` above real time, days run ahead and events carry
    the time of sending.

    Yields each event in words once it is acknowledged.
    """
    started, begun = context.clock.now(), time.monotonic()
    for at, number, happening in _coming(context, started):
        wait = (at - started).total_seconds() / faster - (time.monotonic() - begun)
        if wait > 0:
            time.sleep(wait)
        now = context.clock.now()
        taken = sender.send(number, habits.Happening(now, happening.code, happening.who), now)
        words = event_codes.event_words(event_codes.kind_of(happening.code), happening.code)
        yield f"{days.moment(at)}  {number}  {words}{'' if taken else ' — не принято'}"


def _coming(context: Context, after: datetime) -> Iterator[tuple[datetime, str, habits.Happening]]:
    day, lives = days.today(after), panels(context)
    while True:
        today = [
            (h.at, number, h) for number, life in lives for h in habits.day(number, life, day) if h.at > after
        ]
        yield from sorted(today, key=lambda each: each[:2])
        day += timedelta(days=1)


def panels(context: Context) -> list[tuple[str, str]]:
    """Return key numbers and their sites' routines; numbers that are no hexadecimal account cannot be sent
    over this protocol.
    """
    with Session(context.engine) as db:
        rows = db.exec(select(SiteKey.number, Site.name).join(Site).order_by(col(SiteKey.id))).all()
    return [(number, habits.way(site)) for number, site in rows if set(number) <= set("0123456789ABCDEF")]


def _packed(body: bytes) -> bytes:
    return b"\n%04X%04X%b\r" % (util.crc(body), len(body), body)
