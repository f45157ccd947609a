"""SIA DC-09 frames: siadc09 parses the body; the header and the answers are ours.

siadc09 turns an account into a number, and panel 0042 ignores an answer to 42, so the digits are kept here.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32

from siadc09 import message, util
from siadc09.admcid import DataCid
from siadc09.siadcs import DataDcsGroup, DcsInfo

from rules.events import event_codes
from rules.events.events import EventKind, StationReport

# DC-09 5.5.1.9: how far a panel's clock may be from ours
BEHIND, AHEAD = timedelta(seconds=40), timedelta(seconds=20)
LONGEST = 4096
LINKS = ("NULL", "XNM")
LETTERS = {"1": "E", "3": "R", "6": "P"}

_HEADER = re.compile(
    rb'"(\*?)([A-Z0-9-]{1,10})"(\d{4})((?:R[0-9A-Fa-f]{1,6})?L[0-9A-Fa-f]{1,6})#([0-9A-Fa-f]{1,16})\[',
    re.DOTALL,
)


class UnreadableFrame(Exception):
    """Not a frame, or damaged in transit: not answered, so the panel repeats it."""


class UnacceptableFrame(Exception):
    """A valid frame we cannot process (unknown layout, wrong or missing encryption): answered DUH."""


class UntimelyFrame(Exception):
    """The frame's time is too far from ours.

    It is answered NAK with our time; the panel sets its clock and repeats.
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
    reports: list[StationReport]
    mark: int = 0

    @property
    def link(self) -> bool:
        """Whether this frame is only a link test."""
        return self.header.token in LINKS


def header(frame: bytes) -> Header:
    """Return the header of a frame; UnreadableFrame if the envelope, length or checksum is wrong."""
    body = frame[9:-1]
    if len(frame) < 12 or len(frame) > LONGEST or frame[:1] != b"\n" or frame[-1:] != b"\r":
        raise UnreadableFrame("no frame")
    try:
        checksum, length = int(frame[1:5], 16), int(frame[5:9], 16)
    except ValueError:
        raise UnreadableFrame("no checksum") from None
    if length != len(body) or checksum != util.crc(body):
        raise UnreadableFrame("damaged")
    if not (found := _HEADER.match(body)):
        raise UnreadableFrame("no header")
    star, token, sequence, line, account = found.groups()
    return Header(token.decode(), int(sequence), account.decode().upper(), bool(star), line)


def read(frame: bytes, head: Header, key: bytes | None, now: datetime) -> Frame:
    """Return the reports of a frame whose header was read; `key` is the account's AES key, if it has one."""
    if head.encrypted != (key is not None):
        raise UnacceptableFrame("no key for this account" if key is None else "a keyed account in plain")
    try:
        parsed = message.parse_frame(bytes(frame), key)
    except Exception as trouble:
        raise UnacceptableFrame(f"{type(trouble).__name__}: {trouble}") from trouble
    if head.encrypted and parsed.timestamp is None:
        raise UntimelyFrame
    if parsed.timestamp is not None and not now - BEHIND <= parsed.timestamp <= now + AHEAD:
        raise UntimelyFrame
    if head.token in LINKS:
        return Frame(head, [])
    if head.token in ("ACK", "NAK", "DUH", "RSP"):
        raise UnacceptableFrame("an answer, not a report")
    content = bytes(getattr(parsed.data, "content", None) or b"")
    return Frame(head, _reports(head, parsed, content), crc32(head.token.encode() + content))


def ack(head: Header, key: bytes | None, now: datetime) -> bytes:
    """Return the answer ACK (stored), encrypted if the frame was; it repeats none of the frame's content."""
    if key is None:
        return _pack(b'"ACK"%04d%b#%b[]' % (head.sequence, head.line, head.account.encode()))
    tail = b"]_" + util.totimestamp(now).encode()
    pad = util.genpad(16 + -len(tail) % 16)
    secret = util.encrypt(key, bytes(pad) + tail).hex().upper().encode()
    return _pack(b'"*ACK"%04d%b#%b[%b' % (head.sequence, head.line, head.account.encode(), secret))


def duh(head: Header) -> bytes:
    """Return the answer DUH: received, but cannot be processed."""
    return _pack(b'"DUH"%04d%b#%b[]' % (head.sequence, head.line, head.account.encode()))


def nak(now: datetime) -> bytes:
    """Return the answer NAK (repeat), which carries our time."""
    return _pack(b'"NAK"0000R0L0A0[]_' + util.totimestamp(now).encode())


def _pack(body: bytes) -> bytes:
    return b"\n%04X%04X%b\r" % (util.crc(body), len(body), body)


def _reports(head: Header, parsed: message.Message, content: bytes) -> list[StationReport]:
    at = _instant(parsed)
    if isinstance(parsed.data, DataCid) and parsed.data.event is not None:
        event = parsed.data.event
        letter = LETTERS.get(str(event.qualifier))
        if letter is not None:
            return [_report(head, at, f"{letter}{event.code}", f"{event.addr:03X}", event.group, content)]
    if isinstance(parsed.data, DataDcsGroup):
        events = [e for block in parsed.data.blocks if isinstance(block, DcsInfo) for e in block.events]
        if events:
            return [_dcs(head, at, event, content) for event in events]
    return [
        StationReport(
            head.account, at, event_codes.canonical_code(head.token), EventKind.other, raw=_text(content)
        )
    ]


def _dcs(head: Header, at: datetime | None, event: object, content: bytes) -> StationReport:
    place, modifiers = getattr(event, "addr", None), getattr(event, "modifiers", {})
    who = f"{place:X}" if isinstance(place, int) else place
    # A modifier may be present but empty.
    if who is None and (user := getattr(modifiers.get("id"), "value", None)) is not None:
        who = str(user)
    area = getattr(modifiers.get("ri"), "value", 0)
    part = area if isinstance(area, int) else 0
    return _report(head, at, getattr(event, "code", ""), who, part, content)


def _report(
    head: Header, at: datetime | None, code: str, who: str | None, part: int, content: bytes
) -> StationReport:
    code = event_codes.canonical_code(code)
    who = (who or "").lstrip("0")[:32] or None
    raw = None if event_codes.is_listed(code) else _text(content)
    return StationReport(head.account, at, code, event_codes.kind_of(code), who, part % 2**31, raw=raw)


def _instant(parsed: message.Message) -> datetime | None:
    """Return the time of the event if the panel gives it, else of the frame, else None."""
    for extra in parsed.xdata:
        if getattr(extra, "prefix", "") == "H" and isinstance(getattr(extra, "value", None), datetime):
            return extra.value
    return parsed.timestamp


def _text(content: bytes) -> str:
    return content[:500].decode("ascii", "backslashreplace")
