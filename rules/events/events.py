"""Kinds of events, and the report of a panel in the form that is common to all protocols."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zlib import crc32


class EventKind(IntEnum):
    """Numbers as stored. The two most frequent kinds are 0 and 1, which take no byte in SQLite."""

    arm = 0
    disarm = 1
    alarm = 2
    restore = 3
    fault = 4
    test = 5
    other = 6


NAMES = {
    EventKind.arm: "Постановка",
    EventKind.disarm: "Снятие",
    EventKind.alarm: "Тревога",
    EventKind.restore: "Восстановление",
    EventKind.fault: "Неисправность",
    EventKind.test: "Проверка связи",
    EventKind.other: "Сообщение",
}
# Test events arrive many times a day and are of no use to a subscriber.
VISIBLE_KINDS = (
    EventKind.arm,
    EventKind.disarm,
    EventKind.alarm,
    EventKind.restore,
    EventKind.fault,
    EventKind.other,
)

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class StationReport:
    """One report of a panel.

    `key` is the key number as the station wrote it; `at` is an aware instant, None when the panel sent none;
    `code` is canonical (rules.events.event_codes); `who` is the user or zone; `part` is the partition;
    `external` is the sender's own id of the report; `raw` is the wire text of an unknown code.
    """

    key: str
    at: datetime | None
    code: str
    kind: EventKind
    who: str | None = None
    part: int = 0
    external: str | None = None
    raw: str | None = None


def is_believable(at: datetime | None, now: datetime) -> bool:
    """Return whether the time is plausible: not before 2000, and at most ten minutes ahead of the server's
    clock.
    """
    return at is not None and EARLIEST <= at <= now + AHEAD


def doubted_time(at: datetime) -> str:
    """Return the text that keeps a report's implausible time; the event itself gets the time of arrival."""
    return f"время {at:%d.%m.%Y %H:%M:%S}"


def epoch_seconds(at: datetime) -> int:
    """Return whole seconds since 1970, which is the precision of the station."""
    return int(at.timestamp())


def from_epoch(at: int) -> datetime:
    """Return the aware UTC instant of whole seconds since 1970."""
    return datetime.fromtimestamp(at, UTC)


def event_identity(report: StationReport) -> int:
    """Return a 31-bit hash that is equal for repeated reports of one event of one key at one instant.

    Alarms of two zones have different hashes. For arming and disarming `who` is left out of the hash: two
    protocols may report the same arming and name its user differently.
    """
    who = "" if report.kind in (EventKind.arm, EventKind.disarm) else report.who
    return crc32(f"{report.code}|{report.part}|{who}".encode()) & 0x7FFFFFFF
