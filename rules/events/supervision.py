"""Warnings «не поставлен под охрану к 22:00», «не снят к 9:00» on the weekdays that the subscriber chose.

At most one warning per rule of the subscriber and day. It is sent up to three hours late, in case the job was
not running at the deadline.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rules import Problems, Refused
from rules.days import MOSCOW

ARM, DISARM = "arm", "disarm"
KINDS = {ARM: "не поставлен под охрану", DISARM: "не снят с охраны"}  # «Предупредить, если объект …»
# WISHED is for the list of rules, HAPPENED for the message; both fit after a place name of any grammatical
# gender.
WISHED = {ARM: "предупредить, если не под охраной", DISARM: "предупредить, если ещё под охраной"}
HAPPENED = {ARM: "нет постановки под охрану", DISARM: "нет снятия с охраны"}
CHANNELS = {"sms": "SMS", "mail": "письмом"}
SHORT_DAYS = "пн вт ср чт пт сб вс".split()
LATEST = timedelta(hours=3)
SILENCE = timedelta(minutes=30)


@dataclass(frozen=True)
class SupervisionWish:
    """A subscriber's rule: the site should be armed or disarmed by `by` (Moscow time) on `weekdays` (0 is
    Monday).
    """

    kind: str
    by: time
    weekdays: frozenset[int]
    channel: str = "sms"


@dataclass(frozen=True)
class SiteFacts:
    """The state of a site when a rule is checked; `turn` is its last (arm or disarm, at), None when there is
    none.
    """

    turn: tuple[str, datetime] | None
    at_deadline: str | None = None  # the state at the deadline itself
    contact: datetime | None = None  # the last contact of the station
    channel_active: bool = True  # False while the service is suspended or off, when no event is expected


def parse_wish(kind: str, by: str, weekdays: Iterable[str], channel: str) -> SupervisionWish:
    """Return the rule as typed. Refused at "kind", "by", "weekdays", "channel"."""
    problems, clock = Problems(), re.fullmatch(r"(\d\d?)[:.](\d\d)", by.strip(), re.ASCII)
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
    return SupervisionWish(kind, time(int(clock[1]), int(clock[2])), days, channel)


def deadline(wish: SupervisionWish, now: datetime) -> datetime | None:
    """Return the latest deadline (UTC) that is at most `LATEST` before `now`; None when there is none.

    The deadline may be before midnight; the warning then belongs to the day of the deadline.
    """
    today = now.astimezone(MOSCOW).date()
    for day in (today, today - timedelta(days=1)):
        at = datetime.combine(day, wish.by, MOSCOW).astimezone(UTC)
        if day.weekday() in wish.weekdays and at <= now <= at + LATEST:
            return at
    return None


def was_in_contact(site: SiteFacts, at: datetime) -> bool:
    """Return whether the station made contact around the deadline, so that the site's state is known for
    certain.
    """
    return site.contact is not None and site.contact >= at - SILENCE


def missed_day(wish: SupervisionWish, site: SiteFacts, now: datetime, warned: Iterable[date]) -> date | None:
    """Return the Moscow day to warn about now, or None. `warned` are the days already warned about.

    There is no warning when the site was in the right state at the deadline or later. There is none while the
    station is silent either: the state is unknown then, and a false warning is worse than no warning.
    """
    at = deadline(wish, now)
    if at is None or not site.channel_active or not was_in_contact(site, at):
        return None
    day = at.astimezone(MOSCOW).date()
    if day in warned or wish.kind in {site.at_deadline, site.turn[0] if site.turn else None}:
        return None
    # A site without events is not armed, so it cannot be late with its disarming.
    return None if wish.kind == DISARM and site.turn is None else day


def warning_text(wish: SupervisionWish, name: str) -> str:
    """Return the message, which fits one Cyrillic SMS: «Магазин: нет постановки под охрану к 22:00»."""
    tail = f": {HAPPENED[wish.kind]} к {wish.by.hour}:{wish.by.minute:02}"
    room = 70 - len(tail)
    return f"{name if len(name) <= room else name[: room - 1] + '…'}{tail}"


def weekdays_words(weekdays: Iterable[int]) -> str:
    """Return the weekdays in words: «каждый день», «пн–пт», «пн, ср, сб–вс»."""
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
