"""A small SMS centre for tests: binds, answers each submission, reports delivery later. SMPP 3.4 is
implemented by hand, so that the product's library is checked by independent code.
"""

import socket
import ssl
import struct
import threading
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

BIND, SUBMIT, DELIVER, ENQUIRE, UNBIND = 0x09, 0x04, 0x05, 0x15, 0x06


class Centre:
    """`statuses`: responses to the next submissions (0 when empty); `received`: (to, text, data_coding)."""

    def __init__(self, port: int = 0, certificate: str = "") -> None:
        self.received: list[tuple[str, str, int]] = []
        self.statuses: list[int] = []
        self.receipt = "DELIVRD"
        self.hang = False
        self.cut_after = 0  # the connection is closed after so many responses
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if certificate else None
        if self._tls:
            self._tls.load_cert_chain(certificate)
        self._number = 0
        self._door = socket.create_server(("127.0.0.1", port))
        self.port = self._door.getsockname()[1]
        self.lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):  # a test may have closed it already
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self.cut()

    def cut(self) -> None:
        for line in self.lines:
            with suppress(OSError):  # the other side may have closed first
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        self.lines.clear()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                line = self._tls.wrap_socket(line, server_side=True) if self._tls else line
            except OSError:
                continue  # the client did not trust our certificate
            self.lines.append(line)
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        try:
            got = line.makefile("rb")
            while head := got.read(16):
                length, command, _, sequence = struct.unpack(">4L", head)
                body = got.read(length - 16)
                self._answer(line, command, sequence, body)
                if self.cut_after and self._number == self.cut_after:
                    line.shutdown(socket.SHUT_RDWR)
        except (OSError, struct.error):
            line.close()

    def _answer(self, line: socket.socket, command: int, sequence: int, body: bytes) -> None:
        if command == SUBMIT:
            if self.hang:
                return
            status = self.statuses.pop(0) if self.statuses else 0
            self._number += 1
            name = f"{self._number:08x}".encode()
            if not status:  # recorded before the response, because whoever has the response may look
                self.received.append(_submitted(body))
            line.sendall(_pdu(0x80000004, status, sequence, b"" if status else name + b"\0"))
            if self.receipt and not status:
                words = b"id:%b sub:001 dlvrd:001 stat:%b err:000" % (name, self.receipt.encode())
                line.sendall(_pdu(DELIVER, 0, 9000 + self._number, _delivery(words)))
        elif command == BIND:
            line.sendall(_pdu(0x80000009, 0, sequence, b"centre\0"))
        elif command in (ENQUIRE, UNBIND):
            line.sendall(_pdu(0x80000000 | command, 0, sequence, b""))


def _pdu(command: int, status: int, sequence: int, body: bytes) -> bytes:
    return struct.pack(">4L", 16 + len(body), command, status, sequence) + body


def _delivery(words: bytes) -> bytes:
    ends = b"\x01\x01" + b"79210000000\0" + b"\x01\x01" + b"me\0"
    return b"\0" + ends + b"\x04\0\0" + b"\0\0" + b"\0\0\0\0" + bytes([len(words)]) + words


def _submitted(body: bytes) -> tuple[str, str, int]:
    def text(at: int) -> tuple[bytes, int]:
        end = body.index(b"\0", at)
        return body[at:end], end + 1

    _, at = text(0)
    _, at = text(at + 2)
    to, at = text(at + 2)
    flag = body[at]
    _, at = text(at + 3)
    _, at = text(at)
    coding, length = body[at + 2], body[at + 4]
    reply = body[at + 5 : at + 5 + length]
    reply = reply[1 + reply[0] :] if flag & 0x40 else reply
    return to.decode(), reply.decode("utf-16-be" if coding == 8 else "latin-1"), coding


def certificate(folder: Path) -> str:
    """Return a file with a key and a self-signed certificate of 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "centre")])
    ours = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    term = (
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2099, 1, 1, tzinfo=UTC),
    )  # TLS uses the real clock, not the suite's
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *term)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    whole = (
        made.add_extension(ours, critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    (folder / "centre.pem").write_bytes(secret + whole)
    return str(folder / "centre.pem")
