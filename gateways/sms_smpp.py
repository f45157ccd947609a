"""SMS over SMPP 3.4: one bound line, a window of messages, and receipts of delivery picked up between them.

The library (smpplib) reads when asked, so there is no thread of ours: `send` writes a window and reads until each part
is answered; `receipts` reads what lies there. An answer that refuses one message must not end the line for the others.
"""

import re
import select
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import Any

from smpplib import consts, exceptions, gsm, smpp
from smpplib.client import Client

WINDOW = 20
DEADLINE = 15.0
# The centre says: not this message, ever
PERMANENT = {0x01, 0x0A, 0x0B, 0x0C, 0x33, 0x34, 0x40, 0x48, 0x49, 0x50, 0x51, 0x66}
_RECEIPT = re.compile(rb"id:(\S+).*?stat:(\w+)", re.DOTALL | re.IGNORECASE)
FINAL = {"DELIVRD": True, "EXPIRED": False, "DELETED": False, "UNDELIV": False, "REJECTD": False}


@dataclass(frozen=True)
class Centre:
    """Where and as whom to bind; `sender` is the name or number the message comes from."""

    host: str
    port: int
    login: str
    password: str
    sender: str
    tls: bool = False


@dataclass
class Line:
    centre: Centre
    client: Client | None = None
    answers: dict[int, tuple[str, int]] = field(default_factory=dict)
    delivered: list[tuple[str, bool]] = field(default_factory=list)
    heard: float = 0

    def send(self, messages: list[tuple[str, str]]) -> list[tuple[str, str, bool]]:
        """Per (E.164, text): the centre's id, or an error and whether it is for ever."""
        outcome: list[tuple[str, str, bool]] = []
        for start in range(0, len(messages), WINDOW):
            window = messages[start : start + WINDOW]
            try:
                outcome += self._window(window)
            except (exceptions.ConnectionError, exceptions.PDUError, OSError) as wrong:
                # What was on the line may have gone out. The next try may repeat it: an alarm twice beats none.
                self.drop()
                left = len(messages) - len(outcome)
                return outcome + [("", f"{type(wrong).__name__}: {wrong}".strip(": ")[:200], False)] * left
        return outcome

    def receipts(self) -> list[tuple[str, bool]]:
        """Ids the centre has reported about since, with whether the phone got them; keeps the line alive too."""
        if self.client is not None:
            try:
                self._read_waiting()
                if time.monotonic() - self.heard > 30:
                    self.client.send_pdu(smpp.make_pdu("enquire_link", client=self.client))
                    self.heard = time.monotonic()
            except (exceptions.ConnectionError, exceptions.PDUError, OSError):
                self.drop()
        found, self.delivered = self.delivered, []
        return found

    def drop(self) -> None:
        if self.client is not None:
            client, self.client = self.client, None
            client.state = consts.SMPP_CLIENT_STATE_OPEN
            client.disconnect()

    def _window(self, messages: list[tuple[str, str]]) -> list[tuple[str, str, bool]]:
        client = self._bound()
        self.answers.clear()
        parts = [self._submit(client, to, text) for to, text in messages]
        self._await({sequence for each in parts for sequence in each})
        return [self._judged(sequences) for sequences in parts]

    def _submit(self, client: Client, to: str, text: str) -> list[int]:
        parts, coding, flag = gsm.make_parts(text)
        return [
            client.send_message(
                source_addr_ton=consts.SMPP_TON_ALNUM, source_addr_npi=consts.SMPP_NPI_UNK,
                source_addr=self.centre.sender, dest_addr_ton=consts.SMPP_TON_INTL, dest_addr_npi=consts.SMPP_NPI_ISDN,
                destination_addr=to.lstrip("+"), short_message=part, data_coding=coding, esm_class=flag,
                registered_delivery=True,
            ).sequence
            for part in parts
        ]  # fmt: skip

    def _await(self, sequences: set[int]) -> None:
        end = time.monotonic() + DEADLINE
        while not sequences <= self.answers.keys():
            self._read(end - time.monotonic())

    def _read_waiting(self) -> None:
        while self.client is not None and self._readable(0):
            self._read(5)

    def _readable(self, seconds: float) -> bool:
        """TLS may hold decrypted bytes the socket no longer shows."""
        line = getattr(self.client, "_socket", None)
        if isinstance(line, ssl.SSLSocket) and line.pending():
            return True
        return bool(select.select([line], [], [], max(seconds, 0))[0])

    def _read(self, seconds: float) -> None:
        if self.client is None or not self._readable(seconds):
            raise exceptions.ConnectionError("the centre is silent")
        self.client.read_once(auto_send_enquire_link=False)
        self.heard = time.monotonic()

    def _judged(self, sequences: list[int]) -> tuple[str, str, bool]:
        answers = [self.answers[sequence] for sequence in sequences]
        for _, status in answers:
            if status:
                return "", f"SMPP 0x{status:02X} {consts.DESCRIPTIONS.get(status, '')}".strip(), status in PERMANENT
        return answers[0][0], "", False

    def _bound(self) -> Client:
        if self.client is None:
            centre = self.centre
            wrap = ssl.create_default_context() if centre.tls else None
            client = Client(centre.host, centre.port, timeout=10, ssl_context=wrap, allow_unknown_opt_params=True)
            client.set_message_sent_handler(self._answered)
            client.set_message_received_handler(self._received)
            client.set_error_pdu_handler(lambda *_, **__: None)
            try:
                client.connect()
                # A window is many small writes: without this each waits for the other side's delayed acknowledgement
                client._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.bind_transceiver(system_id=centre.login, password=centre.password)
            except BaseException:
                client.disconnect()
                raise
            self.client = client
        return self.client

    def _answered(self, pdu: Any, **_: Any) -> None:
        self.answers[pdu.sequence] = (_id(getattr(pdu, "message_id", b"") or b""), int(pdu.status))

    def _received(self, pdu: Any, **_: Any) -> int:
        """A receipt's number stands in its text; the field made for it is empty with most centres."""
        found = _RECEIPT.search(bytes(getattr(pdu, "short_message", b"") or b""))
        state = found[2].decode("ascii", "replace").upper() if found else ""
        if found and state in FINAL:
            self.delivered.append((_id(found[1]), FINAL[state]))
        return int(consts.SMPP_ESME_ROK)


def _id(raw: bytes | str) -> str:
    return (raw.decode("ascii", "replace") if isinstance(raw, bytes) else raw).strip("\0 ")[:65]
