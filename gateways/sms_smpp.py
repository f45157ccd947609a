"""SMS over SMPP 3.4: one bound line, a window of messages, and receipts of delivery picked up between them.

The library (smpplib) reads when asked, so there is no thread of ours: `send` writes a window and reads until
each part is answered; `receipts` reads what lies there. An answer that refuses one message must not end the
line for the others.
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
# A centre that is sent too much a second is given a second, some times, before its refusal is believed
SLOWER = {0x14, 0x58}
TURNS, BREATH = 5, 1.0
BROKEN = (exceptions.ConnectionError, exceptions.PDUError, OSError)
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
class Part:
    """One submission of a message; a short message is one part."""

    fields: dict[str, Any]
    sequence: int = 0


class Ours(Client):
    """The library's own connection knows no IPv6, hides what was wrong behind «refused», and wraps a TLS
    socket without the server's name, which a checked certificate cannot do without.
    """

    def connect(self) -> None:
        line = socket.create_connection((self.host, self.port), self.timeout)
        # A window is many small writes: without this each waits for the other side's delayed acknowledgement
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
            parts = [_parts(self.centre.sender, to, text) for to, text in messages[start : start + WINDOW]]
            broke = self._hand_over([part for each in parts for part in each])
            outcome += [self._judged(each, broke) for each in parts]
            if broke:
                return outcome + [("", broke, False)] * (len(messages) - len(outcome))
        return outcome

    def receipts(self) -> list[tuple[str, bool]]:
        """Ids the centre has reported about since, with whether the phone got them; keeps the line alive
        too.
        """
        if self.client is not None:
            try:
                self._read_waiting()
                if time.monotonic() - self.heard > 30:
                    self.client.send_pdu(smpp.make_pdu("enquire_link", client=self.client))
                    self.heard = time.monotonic()
            except BROKEN:
                self.drop()
        found, self.delivered = self.delivered, []
        return found

    def drop(self) -> None:
        if self.client is not None:
            client, self.client = self.client, None
            client.disconnect()

    def _hand_over(self, left: list[Part]) -> str:
        """Each part is answered, or what broke the line. Parts the centre wants slower go again, the others
        of their message do not.
        """
        self.answers.clear()
        try:
            client = self._bound()
            for turn in range(TURNS):
                time.sleep(BREATH if turn else 0)
                for part in left:
                    part.sequence = client.send_message(**part.fields).sequence
                self._await({part.sequence for part in left})
                left = [part for part in left if self.answers[part.sequence][1] in SLOWER]
                if not left:
                    break
        except BROKEN as wrong:
            # What was not answered may have gone out. The next try may repeat it: an alarm twice beats none.
            self._salvage()
            self.drop()
            return f"{type(wrong).__name__}: {wrong}".strip(": ")[:200]
        return ""

    def _await(self, sequences: set[int]) -> None:
        end = time.monotonic() + DEADLINE
        while not sequences <= self.answers.keys():
            self._read(end - time.monotonic())

    def _read_waiting(self) -> None:
        while self.client is not None and self._readable(0):
            self._read(5)

    def _salvage(self) -> None:
        """Answers that came before the line broke lie there still; receipts among them can no longer be
        thanked for.
        """
        if self.client is not None:
            self.client.send_pdu = lambda _: True
            with suppress(*BROKEN):
                self._read_waiting()

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

    def _judged(self, parts: list[Part], broke: str) -> tuple[str, str, bool]:
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

    def _bound(self) -> Client:
        if self.client is None:
            centre = self.centre
            wrap = ssl.create_default_context() if centre.tls else None
            client = Ours(
                centre.host, centre.port, timeout=10, ssl_context=wrap, allow_unknown_opt_params=True
            )
            client.set_message_sent_handler(self._answered)
            client.set_message_received_handler(self._received)
            client.set_error_pdu_handler(lambda *_, **__: None)
            try:
                client.connect()
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


def _parts(sender: str, to: str, text: str) -> list[Part]:
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
    return [Part(usual | {"short_message": text}) for text in texts]


def _id(raw: bytes | str) -> str:
    return (raw.decode("ascii", "replace") if isinstance(raw, bytes) else raw).strip("\0 ")[:65]
