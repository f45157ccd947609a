"""A line as slow as GPRS, real to TCP: two TUN interfaces, one of them in a network namespace of its own, and
this between them.

Every packet goes through its direction's bucket, comes to the other end half a round trip later, or is lost.
netem would do the same where the kernel has it. Needs root; `possible()` says whether it may be.
"""

import ctypes
import fcntl
import heapq
import os
import random
import select
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RATE, TRIP = 50_000 / 8, 1.0  # bytes a second, seconds there and back
NEAR, FAR, ROOM = "10.78.50.1", "10.78.50.2", "cabinet-gprs"
TUNSETIFF, TUN, BARE, NEWNET = 0x400454CA, 0x0001, 0x1000, 0x40000000


def possible() -> bool:
    return os.geteuid() == 0 and Path("/dev/net/tun").exists()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def _tun(name: str) -> int:
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH", name.encode(), TUN | BARE))
    return end


class Line:
    """The air between the two ends; `loss` is the share of packets that never come."""

    def __init__(self, ends: tuple[int, int], loss: float) -> None:
        self.ends, self.loss, self.over = ends, loss, False
        self.free = dict.fromkeys(ends, 0.0)
        self.dice = random.Random(50)
        self.flying: list[tuple[float, int, int, bytes]] = []

    def run(self) -> None:
        sent = 0
        while not self.over:
            wait = max(0.0, self.flying[0][0] - time.monotonic()) if self.flying else 0.1
            for end in select.select(self.ends, [], [], min(wait, 0.1))[0]:
                packet, now = os.read(end, 4096), time.monotonic()
                self.free[end] = max(now, self.free[end]) + len(packet) / RATE
                if self.dice.random() >= self.loss:
                    sent += 1
                    heapq.heappush(
                        self.flying, (self.free[end] + TRIP / 2, sent, self.ends[end == self.ends[0]], packet)
                    )
            while self.flying and self.flying[0][0] <= time.monotonic():
                _, _, end, packet = heapq.heappop(self.flying)
                os.write(end, packet)


@contextmanager
def gprs(loss: float = 0.0) -> Iterator[socket.socket]:
    """A listening socket at the far end; whoever asks FAR and its port asks it through the air."""
    _ip("netns", "add", ROOM)
    ends = _tun("gprs-near"), _tun("gprs-far")
    _ip("link", "set", "gprs-far", "netns", ROOM)
    for name, here, there, inside in (("gprs-near", NEAR, FAR, ()), ("gprs-far", FAR, NEAR, ("-n", ROOM))):
        _ip(*inside, "addr", "add", here, "peer", there, "dev", name)
        _ip(*inside, "link", "set", name, "up")
    line = Line(ends, loss)
    air = threading.Thread(target=line.run, daemon=True)
    air.start()
    try:
        yield _listening()
    finally:
        line.over = True
        air.join(timeout=5)
        for end in ends:
            os.close(end)
        _ip("netns", "del", ROOM)


def _listening() -> socket.socket:
    """Made by a thread that has gone over to the other namespace; a socket stays where it was born."""
    made: list[socket.socket] = []

    def make() -> None:
        with Path(f"/var/run/netns/{ROOM}").open() as door:
            if ctypes.CDLL(None, use_errno=True).setns(door.fileno(), NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        made.append(socket.create_server((FAR, 0)))

    there = threading.Thread(target=make)
    there.start()
    there.join()
    return made[0]
