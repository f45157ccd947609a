"""A panel on the DC-09 wire: says its frame until it hears ACK."""

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from checks.chaos.client import Stopped


def send(port: int, frame: Callable[[datetime], bytes], stop: threading.Event) -> None:
    while True:
        try:
            if b"ACK" in say(port, frame(datetime.now(UTC))):
                return
        except OSError:
            pass
        if stop.is_set():
            raise Stopped
        stop.wait(0.2)


def say(port: int, raw: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(raw)
        answer = b""
        while not answer.endswith(b"\r"):
            if not (more := line.recv(1024)):
                raise ConnectionError("closed")
            answer += more
        return answer
