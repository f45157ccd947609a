"""«Не поставлен под охрану к 22:00», «не снят к 9:00»: when to say so, by weekdays the subscriber chose.

Said once per day and site. Late is better than never, but not the next day: the job may have been down for a
while.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rules import Refused
from rules.days import MOSCOW

ARM, DISARM = "arm", "disarm"
KINDS = {ARM: "не поставлен под охрану", DISARM: "не снят с охраны"}  # «Предупредить, если объект …»
# In the list it is a wish, in a message it has happened; a place of any gender goes before both.
WISHED = {ARM: "предупредить, если не под охраной", DISARM: "предупредить, если ещё под охраной"}
HAPPENED = {ARM: "нет постановки под охрану", DISARM: "нет снятия с охраны"}
CHANNELS = {"sms": "SMS", "mail": "письмом"}
SHORT_DAYS = "пн вт ср чт пт сб вс".split()
LATEST = timedelta(hours=3)
SILENCE = timedelta(minutes=30)


@dataclass(frozen=True)
class Watch:
    """One wish: by `by` o'clock (Moscow) on `weekdays` (0 = Monday) the site should be armed or disarmed."""

    kind: str
    by: time
    weekdays: frozenset[int]
    channel: str = "sms"


@dataclass(frozen=True)
class Site:
    """What is known when the watch is looked at; `turn` is the last (arm or disarm, at), None when there
    never was.
    """

    turn: tuple[str, datetime] | None
    at_deadline: str | None = None  # the state at the deadline itself
    contact: datetime | None = None  # when the station was last heard
    carried: bool = True  # False while the channel is suspended or off: silence then means nothing


def watch(kind: str, by: str, weekdays: Iterable[str], channel: str) -> Watch:
    """A wish as typed; Refused at "kind", "by", "weekdays", "channel"."""
    problems, clock = {}, re.fullmatch(r"(\d\d?)[:.](\d\d)", by.strip(), re.ASCII)
    if kind not in KINDS:
        problems["kind"] = "Выберите, о чём сообщать."
    if not clock or int(clock[1]) > 23 or int(clock[2]) > 59:
        problems["by"] = "Укажите время часами и минутами, например 22:00."
    days = frozenset(int(day) for day in weekdays if day in set("0123456"))
    if not days:
        problems["weekdays"] = "Отметьте хотя бы один день недели."
    if channel not in CHANNELS:
        problems["channel"] = "Выберите, как сообщать: SMS или письмом."
    if problems or not clock:
        raise Refused(**problems)
    return Watch(kind, time(int(clock[1]), int(clock[2])), days, channel)


def deadline(wish: Watch, now: datetime) -> datetime | None:
    """The latest deadline of the wish that may still be spoken of at `now`, UTC; None when there is none.

    A deadline late in the evening may still be said after midnight, as the day it belongs to.
    """
    today = now.astimezone(MOSCOW).date()
    for day in (today, today - timedelta(days=1)):
        at = datetime.combine(day, wish.by, MOSCOW).astimezone(UTC)
        if day.weekday() in wish.weekdays and at <= now <= at + LATEST:
            return at
    return None


def heard(site: Site, at: datetime) -> bool:
    """Whether the station was heard about that hour, so that what is known of the site is true."""
    return site.contact is not None and site.contact >= at - SILENCE


def missed(wish: Watch, site: Site, now: datetime, said: Iterable[date]) -> date | None:
    """The Moscow day to speak of now, None when there is nothing to say.

    Not said when the wish was met at the deadline or a little later, nor when the station has been silent:
    then the cabinet does not know, and an untrue warning is worse than none.
    """
    at = deadline(wish, now)
    if at is None or not site.carried or not heard(site, at):
        return None
    day = at.astimezone(MOSCOW).date()
    if day in said or wish.kind in {site.at_deadline, site.turn[0] if site.turn else None}:
        return None
    # A site that has never said anything is not armed; it is not «not disarmed» either.
    return None if wish.kind == DISARM and site.turn is None else day


def words(wish: Watch, name: str) -> str:
    """The message, one SMS in Cyrillic: «Магазин: нет постановки под охрану к 22:00»."""
    tail = f": {HAPPENED[wish.kind]} к {wish.by.hour}:{wish.by.minute:02}"
    room = 70 - len(tail)
    return f"{name if len(name) <= room else name[: room - 1] + '…'}{tail}"


def days_words(weekdays: Iterable[int]) -> str:
    """«каждый день», «пн–пт», «пн, ср, сб–вс»."""
    chosen = sorted(weekdays)
    if len(chosen) == 7:
        return "каждый день"
    runs: list[list[int]] = []
    for day in chosen:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(
        SHORT_DAYS[run[0]] if len(run) == 1 else f"{SHORT_DAYS[run[0]]}–{SHORT_DAYS[run[-1]]}" for run in runs
    )
