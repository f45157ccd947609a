"""Sur-Gard MLR2 lines from a receiver that already speaks to the panels.

A line is `5RRL 18AAAAQXYZGGCCC` ended by 0x14: RR receiver, L line, AAAA account, Q is E (new, opening), R
(restore, closing) or P (still present), XYZ the Contact ID code, GG the partition, CCC the zone or user. The
receiver waits four seconds for ACK and repeats; a heartbeat ends in `@`.
"""

import re

from rules.events import event_codes
from rules.events.events import EventKind, StationReport

ACK, NAK, END = b"\x06", b"\x15", b"\x14"
LONGEST = 128

_LINE = re.compile(
    r"5([0-9A-F]{2})([0-9A-F]) 18([0-9A-F]{4,16})([ERP])([0-9A-F]{3})([0-9A-F]{2})([0-9A-F]{3})"
)
_HEARTBEAT = re.compile(r"[01][0-9A-F]{2,3} *@ *")


def is_heartbeat(line: bytes) -> bool:
    return _HEARTBEAT.fullmatch(line.decode("ascii", "replace")) is not None


def read(line: bytes) -> StationReport | None:
    """Return the report of a line; None if the line is damaged: answered NAK, so the receiver repeats it.

    A valid line in an unknown layout becomes a report with its raw text. If it were refused, the receiver
    would repeat it for ever and block the queue.
    """
    text = line.decode("ascii", "replace")
    if found := _LINE.fullmatch(text):
        _receiver, _line, account, letter, number, part, who = found.groups()
        code = event_codes.canonical_code(letter + number)
        raw = None if event_codes.is_listed(code) else text
        who = who.lstrip("0") or None
        return StationReport(
            account, None, code, event_codes.kind_of(code), who, int(part, 16), external=text, raw=raw
        )
    if len(text) < 5 or not text.isprintable() or "\ufffd" in text:
        return None
    return StationReport("?", None, "SURGARD", EventKind.other, external=text[:64], raw=text)
