"""ClamAV, if the operator has one: clamd scans an uploaded file before it is stored.

The command INSTREAM of clamd: «zINSTREAM\\0», then chunks, each after its length in four bytes, then an empty
chunk. The answer is «stream: OK», «stream: <name> FOUND» or an error. Without an answer the file is not
accepted.
"""

import socket
import struct

PIECE = 64 * 1024
TIMEOUT = 20


class ScannerUnreachable(Exception):
    """The scanner did not answer, or gave an unknown answer."""


def scan(address: str, data: bytes) -> str | None:
    """Scan the bytes and return the name of the malware found; None if there is none.

    `address` is the path of a Unix socket or host:port. Raises ScannerUnreachable.
    """
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
