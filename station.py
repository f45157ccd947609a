"""The receiver of panels (`litestar station listen`): authenticates each frame, stores it and answers."""

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
from db.events import panels, station, waiting_events
from db.group_commit import AsyncGroupCommit
from gateways.station import dc09, receiver, surgard
from gateways.station.dc09 import Frame
from rules.events.events import EventKind, StationReport

log = logging.getLogger("station")

REPEATED_LINE = timedelta(seconds=15)
REJECTED_LIMIT = 10_000
KEYS_MAX_AGE = 2  # seconds


@dataclass
class PanelListener:
    """Takes frames and returns answers. `keys` are the AES keys of the settings by account, "*" for any other
    account. Keys that staff registered take precedence and are reloaded within seconds of a change.
    """

    engine: Engine
    clock: Clock
    keys: dict[str, bytes] = field(default_factory=dict)
    seals: list[str] = field(default_factory=list)
    registered: dict[str, bytes] = field(default_factory=dict)
    version: object = None
    keys_checked_at: float = -math.inf
    rejected: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.frames: AsyncGroupCommit[Frame, bool] = AsyncGroupCommit(self.store_frames)
        self.lines: AsyncGroupCommit[StationReport | None, bool] = AsyncGroupCommit(self.store_lines)

    async def dc09(self, raw: bytes) -> bytes | None:
        """Return the answer to one DC-09 frame: ACK after the commit, NAK, DUH, or None for no answer."""
        now = self.clock.now()
        try:
            head = dc09.header(raw)
        except dc09.UnreadableFrame as why:
            log.info("unreadable frame: %s", why)
            return None
        key = self._key(head.account)
        try:
            frame = dc09.read(raw, head, key, now)
        except dc09.UntimelyFrame:
            return dc09.nak(now)
        except dc09.UnacceptableFrame as why:
            log.warning("frame of …%s refused: %s", head.account[-2:], why)
            return dc09.duh(head)
        if self._already_rejected(frame):
            return dc09.duh(head)
        answer = await self.frames.submit(frame)
        if answer is None:
            return None
        return dc09.ack(head, key, self.clock.now()) if answer else self._reject(frame)

    def _key(self, account: str) -> bytes | None:
        if self.seals and time.monotonic() > self.keys_checked_at + KEYS_MAX_AGE:
            self.keys_checked_at = time.monotonic()
            with Session(self.engine) as db:
                if (version := panels.keys_version(db)) != self.version:
                    self.registered, self.version = panels.open_keys(db, self.seals), version
        return self.registered.get(account, self.keys.get(account, self.keys.get("*")))

    async def surgard(self, line: bytes) -> bytes | None:
        """Return ACK after the line is committed, NAK for a damaged line, None when storing failed."""
        report = None if surgard.is_heartbeat(line) else surgard.read(line)
        if report is None and not surgard.is_heartbeat(line):
            return surgard.NAK
        return None if await self.lines.submit(report) is None else surgard.ACK

    def store_frames(self, frames: list[Frame]) -> list[bool]:
        """Store frames in one transaction; return for each whether its account is a registered key."""
        now = self.clock.now()
        with Session(self.engine) as db, writing(db):
            accounts = station.known_numbers(db, {frame.header.account for frame in frames})
            unknown = [frame for frame in frames if frame.header.account not in accounts]
            ours = [frame for frame in frames if frame.header.account in accounts]
            new = panels.record_frames(
                db, [(f.header.account, f.header.sequence, None if f.link else f.mark) for f in ours], now
            )
            reports = [
                report for frame, fresh in zip(ours, new, strict=True) if fresh for report in frame.reports
            ]
            if unknown and not waiting_events.is_full(db):
                reports += [report for frame in unknown for report in self._unknown_key_reports(frame)]
            if reports:
                station.ingest(db, "dc09", reports, now)
            else:
                station.record_contact(db, "dc09", now)
        return [frame.header.account in accounts for frame in frames]

    def store_lines(self, lines: list[StationReport | None]) -> list[bool]:
        now = self.clock.now()
        with Session(self.engine) as db, writing(db):
            if reports := [line for line in lines if line]:
                station.ingest(db, "surgard", reports, now, REPEATED_LINE)
            else:
                station.record_contact(db, "surgard", now)
        return [True] * len(lines)

    def _unknown_key_reports(self, frame: Frame) -> list[StationReport]:
        return frame.reports or [
            StationReport(frame.header.account, None, frame.header.token, EventKind.test)
        ]

    def _already_rejected(self, frame: Frame) -> bool:
        """Return whether this frame of an unknown account was stored and refused before, so that a repeat
        needs no write.
        """
        return self._frame_id(frame) in self.rejected

    def _reject(self, frame: Frame) -> bytes:
        self.rejected[self._frame_id(frame)] = None
        if len(self.rejected) > REJECTED_LIMIT:
            self.rejected.popitem(last=False)
        return dc09.duh(frame.header)

    def _frame_id(self, frame: Frame) -> str:
        account = frame.header.account
        return account if frame.link else f"{account}:{frame.header.sequence}:{frame.mark}"


@dataclass
class Ports:
    """The ports to listen on; port 0 means that this protocol is off."""

    host: str
    dc09: int
    surgard: int


async def listen(
    listener: PanelListener,
    ports: Ports,
    limits: receiver.Limits | None = None,
    ready: asyncio.Event | None = None,
) -> None:
    """Serve until cancelled; then stop accepting, and commit and answer what was received.

    A frame that could not be stored is not answered, so the panel repeats it.
    """
    limits = limits or receiver.Limits()
    panel_connections = receiver.TcpReceiver(listener.dc09, receiver.dc09_frames, limits)
    surgard_connections = receiver.TcpReceiver(listener.surgard, receiver.surgard_lines, limits)
    loop = asyncio.get_running_loop()
    writers = [asyncio.create_task(listener.frames.run()), asyncio.create_task(listener.lines.run())]
    servers = [await panel_connections.serve(ports.host, ports.dc09)] if ports.dc09 else []
    if ports.dc09:
        udp, _ = await loop.create_datagram_endpoint(
            lambda: receiver.UdpReceiver(listener.dc09), local_addr=(ports.host, ports.dc09)
        )
    if ports.surgard:
        servers.append(await surgard_connections.serve(ports.host, ports.surgard))
    if ready:
        ready.set()
    try:
        await asyncio.Event().wait()
    finally:
        for server in servers:
            server.close()
        await asyncio.gather(listener.frames.drain(), listener.lines.drain())
        await asyncio.sleep(0.1)  # so that the last answers are sent
        if ports.dc09:
            udp.close()
        for task in writers:
            task.cancel()
        await panel_connections.close()
        await surgard_connections.close()
        await asyncio.gather(*writers, return_exceptions=True)
