"""SMS over SMPP 3.4: one bound connection, a window of messages, delivery reports read in between.

smpplib reads only when asked, so no thread is needed: `send` writes a window and reads until each part is
answered; `delivery_reports` reads what has arrived. A refused message must not end the connection for the
others.
"""

import re
import select
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from smpplib import consts, exceptions, gsm, smpp
from smpplib.client import Client

WINDOW = 20
DEADLINE = 15.0
# Throttling errors (message queue full, throttled): wait a second and try again a few times
THROTTLED = {0x14, 0x58}
THROTTLE_TRIES, THROTTLE_PAUSE = 5, 1.0
BROKEN = (exceptions.ConnectionError, exceptions.PDUError, OSError)
# Errors of the message itself: never retried
PERMANENT = {0x01, 0x0A, 0x0B, 0x0C, 0x33, 0x34, 0x40, 0x48, 0x49, 0x50, 0x51, 0x66}
_RECEIPT = re.compile(rb"id:(\S+).*?stat:(\w+)", re.DOTALL | re.IGNORECASE)
FINAL = {"DELIVRD": True, "EXPIRED": False, "DELETED": False, "UNDELIV": False, "REJECTD": False}


@dataclass(frozen=True)
class SmppServer:
    """Address and credentials of the SMS centre; `sender` is the name or number messages come from."""

    host: str
    port: int
    login: str
    password: str
    sender: str
    tls: bool = False


@dataclass
class MessagePart:
    """One submit_sm; a short message is one part."""

    fields: dict[str, Any]
    sequence: int = 0


class SmppClient(Client):
    """An smpplib client with its own `connect`.

    The library's `connect` has no IPv6, hides the cause of an error, and wraps a TLS socket without the
    server's name, which certificate checks need.
    """

    def connect(self) -> None:
        line = socket.create_connection((self.host, self.port), self.timeout)
        # A window is many small writes; without TCP_NODELAY each would wait for a delayed ACK.
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = (
            self._ssl_context.wrap_socket(line, server_hostname=self.host) if self._ssl_context else line
        )
        self.state = consts.SMPP_CLIENT_STATE_OPEN

    def disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self.state = None, consts.SMPP_CLIENT_STATE_CLOSED


@dataclass
class SmppConnection:
    centre: SmppServer
    client: Client | None = None
    answers: dict[int, tuple[str, int]] = field(default_factory=dict)
    delivered: list[tuple[str, bool]] = field(default_factory=list)
    last_read_at: float = 0

    def send(self, messages: list[tuple[str, str]]) -> list[tuple[str, str, bool]]:
        """Return per (E.164, text): the centre's id, an error, and whether the error is permanent."""
        outcome: list[tuple[str, str, bool]] = []
        for start in range(0, len(messages), WINDOW):
            parts = [
                _split_message(self.centre.sender, to, text) for to, text in messages[start : start + WINDOW]
            ]
            broke = self._submit([part for each in parts for part in each])
            outcome += [self._outcome(each, broke) for each in parts]
            if broke:
                return outcome + [("", broke, False)] * (len(messages) - len(outcome))
        return outcome

    def delivery_reports(self) -> list[tuple[str, bool]]:
        """Return (id, whether it was delivered) of reports since the last call, and keep the connection
        alive.
        """
        if self.client is not None:
            try:
                self._read_waiting()
                if time.monotonic() - self.last_read_at > 30:
                    self.client.send_pdu(smpp.make_pdu("enquire_link", client=self.client))
                    self.last_read_at = time.monotonic()
            except BROKEN:
                self.close()
        found, self.delivered = self.delivered, []
        return found

    def close(self) -> None:
        if self.client is not None:
            client, self.client = self.client, None
            client.disconnect()

    def _submit(self, left: list[MessagePart]) -> str:
        """Submit parts and wait for their answers; return the error that broke the connection, or "".

        Throttled parts are submitted again; the other parts of their message are not.
        """
        self.answers.clear()
        try:
            client = self._connect()
            for turn in range(THROTTLE_TRIES):
                time.sleep(THROTTLE_PAUSE if turn else 0)
                for part in left:
                    part.sequence = client.send_message(**part.fields).sequence
                self._await({part.sequence for part in left})
                left = [part for part in left if self.answers[part.sequence][1] in THROTTLED]
                if not left:
                    break
        except BROKEN as wrong:
            # Unanswered parts may have been sent, and the retry may repeat them: a second alarm is better
            # than none.
            self._read_leftovers()
            self.close()
            return f"{type(wrong).__name__}: {wrong}".strip(": ")[:200]
        return ""

    def _await(self, sequences: set[int]) -> None:
        end = time.monotonic() + DEADLINE
        while not sequences <= self.answers.keys():
            self._read(end - time.monotonic())

    def _read_waiting(self) -> None:
        while self.client is not None and self._readable(0):
            self._read(5)

    def _read_leftovers(self) -> None:
        """Read the answers that arrived before the connection broke; they can no longer be acknowledged."""
        if self.client is not None:
            self.client.send_pdu = lambda _: True
            with suppress(*BROKEN):
                self._read_waiting()

    def _readable(self, seconds: float) -> bool:
        """Return whether there is data to read; TLS may hold decrypted bytes that `select` does not see."""
        line: Any = getattr(self.client, "_socket", None)
        if isinstance(line, ssl.SSLSocket) and line.pending():
            return True
        return bool(select.select([line], [], [], max(seconds, 0))[0])

    def _read(self, seconds: float) -> None:
        if self.client is None or not self._readable(seconds):
            raise exceptions.ConnectionError("the centre is silent")
        self.client.read_once(auto_send_enquire_link=False)
        self.last_read_at = time.monotonic()

    def _outcome(self, parts: list[MessagePart], broke: str) -> tuple[str, str, bool]:
        answers = [self.answers.get(part.sequence) for part in parts]
        for _, status in filter(None, answers):
            if status:
                return (
                    "",
                    f"SMPP 0x{status:02X} {consts.DESCRIPTIONS.get(status, '')}".strip(),
                    status in PERMANENT,
                )
        first = answers[0]
        return (first[0], "", False) if first and all(answers) else ("", broke, False)

    def _connect(self) -> Client:
        if self.client is None:
            centre = self.centre
            wrap = ssl.create_default_context() if centre.tls else None
            client = SmppClient(
                centre.host, centre.port, timeout=10, ssl_context=wrap, allow_unknown_opt_params=True
            )
            client.set_message_sent_handler(self._on_submit_response)
            client.set_message_received_handler(self._on_deliver)
            client.set_error_pdu_handler(lambda *_, **__: None)
            try:
                client.connect()
                client.bind_transceiver(system_id=centre.login, password=centre.password)
            except BaseException:
                client.disconnect()
                raise
            self.client = client
        return self.client

    def _on_submit_response(self, pdu: Any, **_: Any) -> None:
        self.answers[pdu.sequence] = (_id(getattr(pdu, "message_id", b"") or b""), int(pdu.status))

    def _on_deliver(self, pdu: Any, **_: Any) -> int:
        """Handle a delivery report. Its message id is in the text: most centres leave the id field empty."""
        found = _RECEIPT.search(bytes(getattr(pdu, "short_message", b"") or b""))
        state = found[2].decode("ascii", "replace").upper() if found else ""
        if found and state in FINAL:
            self.delivered.append((_id(found[1]), FINAL[state]))
        return int(consts.SMPP_ESME_ROK)


def _split_message(sender: str, to: str, text: str) -> list[MessagePart]:
    texts, coding, flag = gsm.make_parts(text)
    usual = {
        "source_addr_ton": consts.SMPP_TON_ALNUM,
        "source_addr_npi": consts.SMPP_NPI_UNK,
        "source_addr": sender,
        "dest_addr_ton": consts.SMPP_TON_INTL,
        "dest_addr_npi": consts.SMPP_NPI_ISDN,
        "destination_addr": to.lstrip("+"),
        "data_coding": coding,
        "esm_class": flag,
        "registered_delivery": True,
    }
    return [MessagePart(usual | {"short_message": text}) for text in texts]


def _id(raw: bytes | str) -> str:
    return (raw.decode("ascii", "replace") if isinstance(raw, bytes) else raw).strip("\0 ")[:65]
