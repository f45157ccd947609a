"""Kinds of events, and the report of a panel as every protocol delivers it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zlib import crc32


class EventKind(IntEnum):
    """Numbers as stored; the two most frequent ones take no byte in SQLite."""

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
# Test events come many times a day and mean nothing to a subscriber.
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
    """`key` is the key number as the station wrote it; `at` an aware instant, None when the panel sent none.

    `code` is canonical (rules.events.event_codes); `who` the user or zone; `part` the partition; `external`
    the sender's own id of the report; `raw` the wire text of an unknown code.
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
    """Whether the time is possible: not before 2000, not more than ten minutes ahead of ours."""
    return at is not None and EARLIEST <= at <= now + AHEAD


def doubted_time(at: datetime) -> str:
    """How a report's impossible time is kept beside the event, which has the time of arrival."""
    return f"время {at:%d.%m.%Y %H:%M:%S}"


def epoch_seconds(at: datetime) -> int:
    """Whole seconds since 1970: the precision of the station."""
    return int(at.timestamp())


def from_epoch(at: int) -> datetime:
    """The aware UTC instant of whole seconds since 1970."""
    return datetime.fromtimestamp(at, UTC)


def event_identity(report: StationReport) -> int:
    """A 31-bit hash that is the same for repeats of one event at one instant of one key.

    Alarms of two zones differ. An arming reported over two protocols, each naming the user in its own way, is
    one event, so `who` does not count there.
    """
    who = "" if report.kind in (EventKind.arm, EventKind.disarm) else report.who
    return crc32(f"{report.code}|{report.part}|{who}".encode()) & 0x7FFFFFFF
