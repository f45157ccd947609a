"""SMS about events: which events are sent, the text, and the time of sending (manual §3.3 item 1).

Alarms are sent at once. Messages about arming and disarming wait until the quiet hours are over. Old events
are not sent: a message about yesterday's disarming would only frighten.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rules import Problems, Refused, days
from rules.events import event_codes
from rules.events.events import EventKind
from rules.numbers import whole_number

SENT_KINDS = (EventKind.arm, EventKind.disarm, EventKind.alarm)
LONGEST = 69  # one SMS holds 70 Cyrillic characters
# Silent alarms: an attacker may see the phone, so the message does not name them.
SECRET_CODES = {"E121", "E122", "E124", "E125", "E129", "HA"}
MAX_AGE = {
    EventKind.alarm: timedelta(hours=24),
    EventKind.arm: timedelta(hours=3),
    EventKind.disarm: timedelta(hours=3),
}


@dataclass(frozen=True)
class QuietPeriod:
    """Quiet hours as minutes of the Moscow day: since <= minute < until. They span midnight when `until` is
    smaller than `since`.
    """

    since: int
    until: int

    def contains(self, minute: int) -> bool:
        if self.since <= self.until:
            return self.since <= minute < self.until
        return minute >= self.since or minute < self.until


def is_deliverable(kind: int, at: datetime, now: datetime) -> bool:
    """Return whether an event of this kind is sent by SMS and is recent enough."""
    return kind in SENT_KINDS and now - at <= MAX_AGE[EventKind(kind)]


def not_before(kind: int, now: datetime, quiet: QuietPeriod | None) -> datetime:
    """Return the earliest instant to send: now, or the end of the quiet hours for events that can wait."""
    here = now.astimezone(days.MOSCOW)
    if kind == EventKind.alarm or quiet is None or not quiet.contains(here.hour * 60 + here.minute):
        return now
    end = here.replace(hour=quiet.until // 60, minute=quiet.until % 60, second=0, microsecond=0)
    return (end if end > here else end + timedelta(days=1)).astimezone(now.tzinfo)


def sms_text(kind: int, code: str, at: datetime, site: str, who: str | None, now: datetime) -> str:
    """Return the SMS, at most 69 characters: «14:05 Тревога: проникновение. Квартира, зона 3». The day is
    given unless it is today.

    A silent alarm is not named: «14:05 Новое событие: Квартира».
    """
    when = days.clock(at)
    if days.today(at) != days.today(now):
        when = f"{days.today(at):%d.%m} {when}"
    if code in SECRET_CODES:
        return _fit(f"{when} Новое событие: {site}", "")
    if kind == EventKind.alarm:
        text = f"{when} {event_codes.event_words(kind, code)}. {site}"
        return _fit(text, f", зона {who}" if who else "")
    text = f"{when} {'Под охраной' if kind == EventKind.arm else 'Снято с охраны'}: {site}"
    return _fit(
        text, f", {'польз. ' if who and who.isalnum() and who[:1].isdigit() else ''}{who}" if who else ""
    )


def _fit(text: str, more: str) -> str:
    whole = text + more
    if len(whole) <= LONGEST:
        return whole
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip(" .,:«") + "…"


def parse_quiet_hours(since: str, until: str) -> QuietPeriod | None:
    """Return the quiet hours as typed («23:00», «7»), or None when both fields are empty. Refused at the
    field that is wrong.
    """
    if not since.strip() and not until.strip():
        return None
    found, problems = {}, Problems()
    for name, text in (("since", since), ("until", until)):
        minute = _minute(text)
        if minute is None:
            problems[name] = (
                "Напишите время так: 23:00. Чтобы сообщения приходили и ночью, оставьте оба поля пустыми."
            )
        else:
            found[name] = minute
    problems.check()
    if found["since"] == found["until"]:
        raise Refused(until="Конец тихих часов совпадает с началом. Укажите другое время.")
    return QuietPeriod(**found)


def _minute(text: str) -> int | None:
    hours, _, minutes = text.strip().replace(".", ":").partition(":")
    hour, minute = whole_number(hours, 23), whole_number(minutes or "0", 59)
    return None if hour is None or minute is None else hour * 60 + minute


def clock_words(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
