"""What the station can say, and what becomes of a report whose clock is wrong (SPEC §1 and §4, Station).

`Report` is one thing a panel said, already read out of its protocol: the station's doors make it,
`db.events.events` keeps it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from zlib import crc32


class Kind(IntEnum):
    """Numbers as the file has them; the two that come most often are the two SQLite stores without a byte."""

    arm = 0
    disarm = 1
    alarm = 2
    restore = 3
    fault = 4
    test = 5
    other = 6


NAMES = {
    Kind.arm: "Постановка",
    Kind.disarm: "Снятие",
    Kind.alarm: "Тревога",
    Kind.restore: "Восстановление",
    Kind.fault: "Неисправность",
    Kind.test: "Проверка связи",
    Kind.other: "Сообщение",
}
# Tests come many times a day and mean nothing to a subscriber.
SHOWN = (Kind.arm, Kind.disarm, Kind.alarm, Kind.restore, Kind.fault, Kind.other)

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Report:
    """`key` is the key number as the station wrote it; `at` an aware instant, None when the panel sent no
    time.

    `code` is canonical (rules.events.event_codes); `who` the user or zone; `part` the partition; `external`
    the sender's own id of it; `raw` the wire text, kept when we do not know the code or do not believe the
    clock.
    """

    key: str
    at: datetime | None
    code: str
    kind: Kind
    who: str | None = None
    part: int = 0
    external: str | None = None
    raw: str | None = None


def believable(at: datetime | None, now: datetime) -> bool:
    """Whether a panel's clock may be right: not before 2000, not more than ten minutes ahead of ours."""
    return at is not None and EARLIEST <= at <= now + AHEAD


def seconds(at: datetime) -> int:
    """Whole seconds since 1970: the station's own precision, and half the bytes of milliseconds."""
    return int(at.timestamp())


def identity(report: Report) -> int:
    """31 bits that are the same for the same thing said twice at one instant of one key.

    Two zones alarmed in one second are two alarms; one arming told by two doors, each naming the user its
    way, is one.
    """
    who = "" if report.kind in (Kind.arm, Kind.disarm) else report.who
    return crc32(f"{report.code}|{report.part}|{who}".encode()) & 0x7FFFFFFF
