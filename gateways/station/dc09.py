"""SIA DC-09 frames read and answered; the codec is siadc09, the header and the answers are ours.

siadc09 keeps an account as a number, and a panel named 0042 does not know an answer to 42: its digits are
kept.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32

from siadc09 import message, util
from siadc09.admcid import DataCid
from siadc09.siadcs import DataDcsGroup, DcsInfo

from rules.events import event_codes
from rules.events.events import Kind, Report

# DC-09 5.5.1.9: how far a panel's clock may be from ours
BEHIND, AHEAD = timedelta(seconds=40), timedelta(seconds=20)
LONGEST = 4096
LINKS = ("NULL", "XNM")
LETTERS = {"1": "E", "3": "R", "6": "P"}

_HEADER = re.compile(
    rb'"(\*?)([A-Z0-9-]{1,10})"(\d{4})((?:R[0-9A-Fa-f]{1,6})?L[0-9A-Fa-f]{1,6})#([0-9A-Fa-f]{1,16})\[',
    re.DOTALL,
)


class Unreadable(Exception):
    """Nothing to say back: not a frame, or damaged on the way. The panel repeats it."""


class Undeclared(Exception):
    """A sound frame we cannot take (unknown layout, wrong or missing cipher): answered DUH."""


class Untimely(Exception):
    """The frame's time is too far from ours: answered NAK with our time, the panel sets its clock and
    repeats.
    """


@dataclass(frozen=True)
class Header:
    token: str
    sequence: int
    account: str
    encrypted: bool
    line: bytes = field(repr=False)


@dataclass(frozen=True)
class Frame:
    header: Header
    reports: list[Report]
    mark: int = 0

    @property
    def link(self) -> bool:
        """Whether this is only the panel saying that it is there."""
        return self.header.token in LINKS


def header(frame: bytes) -> Header:
    """Whose frame this is; Unreadable when its envelope, length or checksum is wrong."""
    body = frame[9:-1]
    if len(frame) < 12 or len(frame) > LONGEST or frame[:1] != b"\n" or frame[-1:] != b"\r":
        raise Unreadable("no frame")
    try:
        checksum, length = int(frame[1:5], 16), int(frame[5:9], 16)
    except ValueError:
        raise Unreadable("no checksum") from None
    if length != len(body) or checksum != util.crc(body):
        raise Unreadable("damaged")
    if not (found := _HEADER.match(body)):
        raise Unreadable("no header")
    star, token, sequence, line, account = found.groups()
    return Header(token.decode(), int(sequence), account.decode().upper(), bool(star), line)


def read(frame: bytes, head: Header, key: bytes | None, now: datetime) -> Frame:
    """The reports of a frame whose header was read; `key` is the account's AES key or None when it has
    none.
    """
    if head.encrypted != (key is not None):
        raise Undeclared("no key for this account" if key is None else "a keyed account in plain")
    try:
        heard = message.parse_frame(bytes(frame), key)
    except Exception as trouble:
        raise Undeclared(f"{type(trouble).__name__}: {trouble}") from trouble
    if head.encrypted and heard.timestamp is None:
        raise Untimely
    if heard.timestamp is not None and not now - BEHIND <= heard.timestamp <= now + AHEAD:
        raise Untimely
    if head.token in LINKS:
        return Frame(head, [])
    if head.token in ("ACK", "NAK", "DUH", "RSP"):
        raise Undeclared("an answer, not a report")
    content = bytes(getattr(heard.data, "content", None) or b"")
    return Frame(head, _reports(head, heard, content), crc32(head.token.encode() + content))


def ack(head: Header, key: bytes | None, now: datetime) -> bytes:
    """Taken and kept. Encrypted when the frame was; never a word of what the frame carried."""
    if key is None:
        return _packed(b'"ACK"%04d%b#%b[]' % (head.sequence, head.line, head.account.encode()))
    tail = b"]_" + util.totimestamp(now).encode()
    pad = util.genpad(16 + -len(tail) % 16)
    secret = util.encrypt(key, bytes(pad) + tail).hex().upper().encode()
    return _packed(b'"*ACK"%04d%b#%b[%b' % (head.sequence, head.line, head.account.encode(), secret))


def duh(head: Header) -> bytes:
    """Heard, and cannot be taken."""
    return _packed(b'"DUH"%04d%b#%b[]' % (head.sequence, head.line, head.account.encode()))


def nak(now: datetime) -> bytes:
    """Repeat with the time as it is here."""
    return _packed(b'"NAK"0000R0L0A0[]_' + util.totimestamp(now).encode())


def _packed(body: bytes) -> bytes:
    return b"\n%04X%04X%b\r" % (util.crc(body), len(body), body)


def _reports(head: Header, heard: message.Message, content: bytes) -> list[Report]:
    at = _instant(heard)
    if isinstance(heard.data, DataCid) and heard.data.event is not None:
        event = heard.data.event
        letter = LETTERS.get(str(event.qualifier))
        if letter is not None:
            return [_report(head, at, f"{letter}{event.code}", f"{event.addr:03X}", event.group, content)]
    if isinstance(heard.data, DataDcsGroup):
        events = [e for block in heard.data.blocks if isinstance(block, DcsInfo) for e in block.events]
        if events:
            return [_dcs(head, at, event, content) for event in events]
    return [Report(head.account, at, event_codes.canonical(head.token), Kind.other, raw=_text(content))]


def _dcs(head: Header, at: datetime | None, event: object, content: bytes) -> Report:
    place, modifiers = getattr(event, "addr", None), getattr(event, "modifiers", {})
    who = f"{place:X}" if isinstance(place, int) else place
    # A modifier may be named and left empty.
    if who is None and (user := getattr(modifiers.get("id"), "value", None)) is not None:
        who = str(user)
    area = getattr(modifiers.get("ri"), "value", 0)
    part = area if isinstance(area, int) else 0
    return _report(head, at, getattr(event, "code", ""), who, part, content)


def _report(
    head: Header, at: datetime | None, code: str, who: str | None, part: int, content: bytes
) -> Report:
    code = event_codes.canonical(code)
    who = (who or "").lstrip("0")[:32] or None
    raw = None if event_codes.known(code) else _text(content)
    return Report(head.account, at, code, event_codes.kind(code), who, part % 2**31, raw=raw)


def _instant(heard: message.Message) -> datetime | None:
    """When it happened, if the panel says so; else when it wrote the frame; else None."""
    for extra in heard.xdata:
        if getattr(extra, "prefix", "") == "H" and isinstance(getattr(extra, "value", None), datetime):
            return extra.value
    return heard.timestamp


def _text(content: bytes) -> str:
    return content[:500].decode("ascii", "backslashreplace")
