"""What `litestar station listen` does with a frame: whose is it, may we take it, is it kept, and what is
answered.
"""

import asyncio
import logging
import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from db import writing
from db.clock import Clock
from db.events import panels, station
from db.group_commit import AsyncGroupCommit
from gateways.station import dc09, receiver, surgard
from gateways.station.dc09 import Frame
from rules.events.events import Kind, Report

log = logging.getLogger("station")

REPEATED_LINE = timedelta(seconds=15)
STRANGERS = 10_000
KEYS_AGE = 2  # seconds


@dataclass
class Desk:
    """Frames in, answers out. `keys` are AES keys of the settings by account; "*" is the key of every account
    not named.

    Those registered at the desk come first; a change there is heard of within seconds.

    """

    engine: Engine
    clock: Clock
    keys: dict[str, bytes] = field(default_factory=dict)
    seals: list[str] = field(default_factory=list)
    registered: dict[str, bytes] = field(default_factory=dict)
    version: object = None
    asked_at: float = -math.inf
    strangers: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.frames: AsyncGroupCommit[Frame, bool] = AsyncGroupCommit(self.keep_frames)
        self.lines: AsyncGroupCommit[Report | None, bool] = AsyncGroupCommit(self.keep_lines)

    async def dc09(self, raw: bytes) -> bytes | None:
        """The answer to one DC-09 frame: ACK once it is kept, NAK, DUH, or None for silence."""
        now = self.clock.now()
        try:
            head = dc09.header(raw)
        except dc09.Unreadable as why:
            log.info("unreadable frame: %s", why)
            return None
        key = self._key(head.account)
        try:
            frame = dc09.read(raw, head, key, now)
        except dc09.Untimely:
            return dc09.nak(now)
        except dc09.Undeclared as why:
            log.warning("frame of …%s refused: %s", head.account[-2:], why)
            return dc09.duh(head)
        if self._met(frame):
            return dc09.duh(head)
        known = await self.frames.submit(frame)
        if known is None:
            return None
        return dc09.ack(head, key, self.clock.now()) if known else self._remember(frame)

    def _key(self, account: str) -> bytes | None:
        if self.seals and time.monotonic() > self.asked_at + KEYS_AGE:
            self.asked_at = time.monotonic()
            with Session(self.engine) as db:
                if (version := panels.changed(db)) != self.version:
                    self.registered, self.version = panels.keys(db, self.seals), version
        return self.registered.get(account, self.keys.get(account, self.keys.get("*")))

    async def surgard(self, line: bytes) -> bytes | None:
        """ACK once the line is kept, NAK for a damaged one, silence when storing failed."""
        report = None if surgard.heartbeat(line) else surgard.read(line)
        if report is None and not surgard.heartbeat(line):
            return surgard.NAK
        return None if await self.lines.submit(report) is None else surgard.ACK

    def keep_frames(self, frames: list[Frame]) -> list[bool]:
        """One transaction for all; per frame whether its account is a key we know."""
        now = self.clock.now()
        with Session(self.engine) as db, writing(db):
            known = station.known(db, {frame.header.account for frame in frames})
            strange = [frame for frame in frames if frame.header.account not in known]
            ours = [frame for frame in frames if frame.header.account in known]
            new = panels.heard(
                db, [(f.header.account, f.header.sequence, None if f.link else f.mark) for f in ours], now
            )
            reports = [
                report for frame, fresh in zip(ours, new, strict=True) if fresh for report in frame.reports
            ]
            if strange and not station.crowded(db):
                reports += [report for frame in strange for report in self._strange(frame)]
            if reports:
                station.ingest(db, "dc09", reports, now)
            else:
                station.contact(db, "dc09", now)
        return [frame.header.account in known for frame in frames]

    def keep_lines(self, lines: list[Report | None]) -> list[bool]:
        now = self.clock.now()
        with Session(self.engine) as db, writing(db):
            if reports := [line for line in lines if line]:
                station.ingest(db, "surgard", reports, now, REPEATED_LINE)
            else:
                station.contact(db, "surgard", now)
        return [True] * len(lines)

    def _strange(self, frame: Frame) -> list[Report]:
        return frame.reports or [Report(frame.header.account, None, frame.header.token, Kind.test)]

    def _met(self, frame: Frame) -> bool:
        """A stranger repeating what it was already refused writes nothing twice; a strange frame is cheap to
        make.
        """
        return self._name(frame) in self.strangers

    def _remember(self, frame: Frame) -> bytes:
        self.strangers[self._name(frame)] = None
        if len(self.strangers) > STRANGERS:
            self.strangers.popitem(last=False)
        return dc09.duh(frame.header)

    def _name(self, frame: Frame) -> str:
        account = frame.header.account
        return account if frame.link else f"{account}:{frame.header.sequence}:{frame.mark}"


@dataclass
class Ports:
    """Where to listen; 0 leaves a door shut."""

    host: str
    dc09: int
    surgard: int


async def listen(
    desk: Desk, ports: Ports, limits: receiver.Limits | None = None, ready: asyncio.Event | None = None
) -> None:
    """Serve until cancelled; then nobody new is taken, and what was heard is kept and answered first. A frame
    that could not be kept stays unanswered, and the panel repeats it.
    """
    limits = limits or receiver.Limits()
    panels_lines = receiver.Lines(desk.dc09, receiver.dc09_frames, limits)
    receivers = receiver.Lines(desk.surgard, receiver.surgard_lines, limits)
    loop = asyncio.get_running_loop()
    writers = [asyncio.create_task(desk.frames.run()), asyncio.create_task(desk.lines.run())]
    doors = [await panels_lines.serve(ports.host, ports.dc09)] if ports.dc09 else []
    if ports.dc09:
        udp, _ = await loop.create_datagram_endpoint(
            lambda: receiver.Datagrams(desk.dc09), local_addr=(ports.host, ports.dc09)
        )
    if ports.surgard:
        doors.append(await receivers.serve(ports.host, ports.surgard))
    if ready:
        ready.set()
    try:
        await asyncio.Event().wait()
    finally:
        for door in doors:
            door.close()
        await asyncio.gather(desk.frames.drain(), desk.lines.drain())
        await asyncio.sleep(0.1)  # the answers are on their way out
        if ports.dc09:
            udp.close()
        for task in writers:
            task.cancel()
        await panels_lines.close()
        await receivers.close()
        await asyncio.gather(*writers, return_exceptions=True)
