"""ClamAV, when the operator has one: an uploaded file is scanned by clamd before it is stored.

The INSTREAM command of clamd: «zINSTREAM\\0», pieces with their length in four bytes, an empty piece; the
answer is «stream: OK», «stream: <name> FOUND» or an error. Without an answer the file is not accepted.
"""

import socket
import struct

PIECE = 64 * 1024
TIMEOUT = 20


class ScannerUnreachable(Exception):
    """The scanner did not answer, or answered something else."""


def scan(address: str, data: bytes) -> str | None:
    """The name of what was found, None for nothing. `address` is a socket's path or host:port."""
    try:
        with _connect(address) as wire:
            wire.sendall(b"zINSTREAM\0")
            for at in range(0, len(data), PIECE):
                piece = data[at : at + PIECE]
                wire.sendall(struct.pack("!I", len(piece)) + piece)
            wire.sendall(struct.pack("!I", 0))
            answer = _read_answer(wire)
    except OSError as wrong:
        raise ScannerUnreachable(str(wrong)) from wrong
    if answer.endswith("FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    if answer != "stream: OK":
        raise ScannerUnreachable(answer)
    return None


def _connect(address: str) -> socket.socket:
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit():
        return socket.create_connection((host, int(port)), timeout=TIMEOUT)
    wire = socket.socket(socket.AF_UNIX)
    wire.settimeout(TIMEOUT)
    try:
        wire.connect(address)
    except OSError:
        wire.close()
        raise
    return wire


def _read_answer(wire: socket.socket) -> str:
    got = b""
    while b"\0" not in got and len(got) < 4096 and (more := wire.recv(1024)):
        got += more
    return got.split(b"\0")[0].decode("utf-8", "replace").strip()
