"""Sockets of the station's receiver: TCP and UDP for DC-09, TCP for Sur-Gard lines.

Bytes are cut into frames and given to `take`, which answers when the frame is safely kept, or never. Panels
are poor correspondents: frames come glued together or in pieces, and half of the lines say nothing for hours.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

log = logging.getLogger("station")

Take = Callable[[bytes], Awaitable[bytes | None]]
Cut = Callable[[bytearray], list[bytes]]


class TooLong(Exception):
    """More bytes than any frame has, and no end in sight: whoever sends this is no panel."""


def dc09_frames(buffer: bytearray) -> list[bytes]:
    """Whole frames from LF to CR, taken out of the buffer; noise between frames is dropped."""
    frames = []
    while (end := buffer.find(b"\r")) >= 0:
        start = buffer.rfind(b"\n", 0, end)
        if start >= 0:
            frames.append(bytes(buffer[start : end + 1]))
        del buffer[: end + 1]
    if len(buffer) > 4096:
        raise TooLong
    return frames


def surgard_lines(buffer: bytearray) -> list[bytes]:
    """Whole lines ended by 0x14, without it and without stray line ends before them."""
    lines = []
    while (end := buffer.find(b"\x14")) >= 0:
        lines.append(bytes(buffer[:end]).lstrip(b"\r\n\x06\x15"))
        del buffer[: end + 1]
    if len(buffer) > 256:
        raise TooLong
    return lines


@dataclass
class Limits:
    """Seconds and numbers one may lean on: an open line, a started frame, an answer being read, lines at
    once.
    """

    idle: float = 300
    frame: float = 10
    answer: float = 10
    lines: int = 5000


@dataclass
class Lines:
    """One TCP port: every connection its own small loop, answers in the order of the frames."""

    take: Take
    cut: Cut
    limits: Limits = field(default_factory=Limits)
    open: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, host: str, port: int) -> asyncio.Server:
        return await asyncio.start_server(self._connected, host, port, backlog=1024, limit=16384)

    async def close(self) -> None:
        for task in list(self.open):
            task.cancel()
        await asyncio.gather(*self.open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self.open) >= self.limits.lines:
            writer.close()
            return
        self.open.add(task)
        try:
            await self._talk(reader, writer)
        except (TooLong, TimeoutError, OSError) as end:
            log.info("line closed: %s", type(end).__name__)
        finally:
            self.open.discard(task)
            writer.close()
            with contextlib.suppress(Exception):
                await asyncio.wait_for(writer.wait_closed(), 1)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        buffer = bytearray()
        clock = asyncio.get_running_loop()
        started: float | None = None
        while True:
            left = self.limits.idle if started is None else self.limits.frame - (clock.time() - started)
            data = await asyncio.wait_for(reader.read(8192), max(left, 0))
            if not data:
                return
            buffer += data
            frames = self.cut(buffer)
            started = None if not buffer else clock.time() if frames or started is None else started
            for answer in await asyncio.gather(*(self.take(frame) for frame in frames)):
                if answer is not None:
                    writer.write(answer)
            await asyncio.wait_for(writer.drain(), self.limits.answer)


class Datagrams(asyncio.DatagramProtocol):
    """DC-09 over UDP: a datagram holds whole frames, each answered by a datagram of its own."""

    def __init__(self, take: Take, most: int = 2000) -> None:
        self.take = take
        self.most = most
        self.tasks: set[asyncio.Task[None]] = set()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        with contextlib.suppress(TooLong):
            for frame in dc09_frames(bytearray(data)):
                if len(self.tasks) < self.most:  # beyond that a panel does better to repeat
                    task = asyncio.create_task(self._answer(frame, addr))
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)

    async def _answer(self, frame: bytes, addr: tuple[str, int]) -> None:
        answer = await self.take(frame)
        if answer is not None and self.transport is not None:
            self.transport.sendto(answer, addr)
