"""Sockets of the station's receiver: TCP and UDP for DC-09, TCP for Sur-Gard lines.

Bytes are split into frames and passed to `handle`, which answers once the frame is committed, or never.
Frames arrive joined or in pieces, and many connections are silent for hours.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

log = logging.getLogger("station")

FrameHandler = Callable[[bytes], Awaitable[bytes | None]]
FrameSplitter = Callable[[bytearray], list[bytes]]


class FrameTooLong(Exception):
    """More bytes than any frame has, without an end: the sender is not a panel."""


def dc09_frames(buffer: bytearray) -> list[bytes]:
    """Remove whole frames (LF to CR) from the buffer and return them; bytes between frames are dropped."""
    frames = []
    while (end := buffer.find(b"\r")) >= 0:
        start = buffer.rfind(b"\n", 0, end)
        if start >= 0:
            frames.append(bytes(buffer[start : end + 1]))
        del buffer[: end + 1]
    if len(buffer) > 4096:
        raise FrameTooLong
    return frames


def surgard_lines(buffer: bytearray) -> list[bytes]:
    """Remove whole lines ended by 0x14 from the buffer and return them.

    The end mark and stray bytes before a line are dropped.
    """
    lines = []
    while (end := buffer.find(b"\x14")) >= 0:
        lines.append(bytes(buffer[:end]).lstrip(b"\r\n\x06\x15"))
        del buffer[: end + 1]
    if len(buffer) > 256:
        raise FrameTooLong
    return lines


@dataclass
class Limits:
    """Timeouts in seconds (idle connection, started frame, unread answer) and the number of connections."""

    idle: float = 300
    frame: float = 10
    answer: float = 10
    lines: int = 5000


@dataclass
class TcpReceiver:
    """One TCP port; each connection gets its answers in the order of its frames."""

    handle: FrameHandler
    split: FrameSplitter
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
        except (FrameTooLong, TimeoutError, OSError) as end:
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
            frames = self.split(buffer)
            started = None if not buffer else clock.time() if frames or started is None else started
            for answer in await asyncio.gather(*(self.handle(frame) for frame in frames)):
                if answer is not None:
                    writer.write(answer)
            await asyncio.wait_for(writer.drain(), self.limits.answer)


class UdpReceiver(asyncio.DatagramProtocol):
    """DC-09 over UDP: a datagram holds whole frames, each answered by a datagram."""

    def __init__(self, take: FrameHandler, most: int = 2000) -> None:
        self.handle = take
        self.task_limit = most
        self.tasks: set[asyncio.Task[None]] = set()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        with contextlib.suppress(FrameTooLong):
            for frame in dc09_frames(bytearray(data)):
                if (
                    len(self.tasks) < self.task_limit
                ):  # over the limit a frame is dropped; the panel repeats it
                    task = asyncio.create_task(self._answer(frame, addr))
                    self.tasks.add(task)
                    task.add_done_callback(self.tasks.discard)

    async def _answer(self, frame: bytes, addr: tuple[str, int]) -> None:
        answer = await self.handle(frame)
        if answer is not None and self.transport is not None:
            self.transport.sendto(answer, addr)
