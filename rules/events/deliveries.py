"""SMS-информирование: which events are told, in what words, and when (manual §3.3 item 1; SPEC §4 SMS).

Alarms go at once whatever the hour. Arming and disarming wait until the quiet hours are over. What is told
too late is not told: a message about yesterday's disarming frightens and does not help.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rules import Refused, days
from rules.events import event_codes
from rules.events.events import Kind
from rules.numbers import whole_number

TOLD = (Kind.arm, Kind.disarm, Kind.alarm)
LONGEST = 69  # one SMS holds 70 Cyrillic characters
# Raised in secret, beside whoever must not learn of it; the message comes to a phone that may lie before both
# of them.
SECRET = {"E121", "E122", "E124", "E125", "E129", "HA"}
FRESH = {Kind.alarm: timedelta(hours=24), Kind.arm: timedelta(hours=3), Kind.disarm: timedelta(hours=3)}


@dataclass(frozen=True)
class Quiet:
    """Moscow minutes of the day from `since` up to `until`; past midnight when `until` is smaller."""

    since: int
    until: int

    def holds(self, minute: int) -> bool:
        if self.since <= self.until:
            return self.since <= minute < self.until
        return minute >= self.since or minute < self.until


def worth_telling(kind: int, at: datetime, now: datetime) -> bool:
    """Whether the event is of a kind that is told, and not too old by now."""
    return kind in TOLD and now - at <= FRESH[Kind(kind)]


def not_before(kind: int, now: datetime, quiet: Quiet | None) -> datetime:
    """The earliest instant to send: now, or the end of the quiet hours for what can wait."""
    here = now.astimezone(days.MOSCOW)
    if kind == Kind.alarm or quiet is None or not quiet.holds(here.hour * 60 + here.minute):
        return now
    end = here.replace(hour=quiet.until // 60, minute=quiet.until % 60, second=0, microsecond=0)
    return (end if end > here else end + timedelta(days=1)).astimezone(now.tzinfo)


def words(kind: int, code: str, at: datetime, site: str, who: str | None, now: datetime) -> str:
    """«14:05 Тревога: проникновение. Квартира, зона 3», at most 69 characters; the day named unless it is
    today.

    A secret alarm is told without its name: «14:05 Новое событие: Квартира».

    """
    when = days.clock(at)
    if days.today(at) != days.today(now):
        when = f"{days.today(at):%d.%m} {when}"
    if code in SECRET:
        return _fitted(f"{when} Новое событие: {site}", "")
    if kind == Kind.alarm:
        said = f"{when} {event_codes.say(kind, code)}. {site}"
        return _fitted(said, f", зона {who}" if who else "")
    said = f"{when} {'Под охраной' if kind == Kind.arm else 'Снято с охраны'}: {site}"
    return _fitted(
        said, f", {'польз. ' if who and who.isalnum() and who[:1].isdigit() else ''}{who}" if who else ""
    )


def _fitted(said: str, more: str) -> str:
    whole = said + more
    if len(whole) <= LONGEST:
        return whole
    return said if len(said) <= LONGEST else said[: LONGEST - 1].rstrip(" .,:«") + "…"


def quiet(since: str, until: str) -> Quiet | None:
    """Quiet hours as typed («23:00», «7»); both empty means none. Refused with a sentence at its field."""
    if not since.strip() and not until.strip():
        return None
    found, problems = {}, {}
    for name, text in (("since", since), ("until", until)):
        minute = _minute(text)
        if minute is None:
            problems[name] = (
                "Напишите время так: 23:00. Чтобы сообщения приходили и ночью, оставьте оба поля пустыми."
            )
        else:
            found[name] = minute
    if problems:
        raise Refused(**problems)
    if found["since"] == found["until"]:
        raise Refused(until="Конец тихих часов совпадает с началом. Укажите другое время.")
    return Quiet(**found)


def _minute(text: str) -> int | None:
    hours, _, minutes = text.strip().replace(".", ":").partition(":")
    hour, minute = whole_number(hours, 23), whole_number(minutes or "0", 59)
    return None if hour is None or minute is None else hour * 60 + minute


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
