"""The notice period: how long before its effective day a request must be sent.

Manual §3.3: «все заявления направляются за 10 календарных дней до даты соответствующего изменения»; the day
of sending is not counted. Resuming is possible «в любое время». A consumer may end the contract earlier
(Закон о защите прав потребителей, ст. 32), so an earlier termination is not refused but decided by staff as
«прошу ранее».
"""

from datetime import date, timedelta
from enum import Enum

from rules import Refused
from rules.days import day_words, parse

NOTICE = timedelta(days=10)
FARTHEST = timedelta(days=365)


class Notice(Enum):
    """Which effective days a kind of request allows."""

    NO_DAY = "no effective day"
    ANY_DAY = "any day from the day of sending"
    TEN_DAYS = "not before ten days"
    TEN_DAYS_OR_EARLIER = "an earlier day may be asked for, staff decide"


def earliest_day(notice: Notice, sent: date) -> date | None:
    """Return the first day that the notice period allows for a request sent on the Moscow day `sent`; None
    for NO_DAY.
    """
    if notice in (Notice.TEN_DAYS, Notice.TEN_DAYS_OR_EARLIER):
        return sent + NOTICE
    return sent if notice is Notice.ANY_DAY else None


def first_choice(notice: Notice, sent: date) -> date | None:
    """Return the `min` attribute of the form's date field."""
    return sent if notice is Notice.TEN_DAYS_OR_EARLIER else earliest_day(notice, sent)


def plan(notice: Notice, text: str, sent: date, field: str = "day") -> date:
    """Return the effective day typed in `field`. Refused when the notice period does not allow it."""
    day, first = parse(text, field), first_choice(notice, sent)
    if first and day < first:
        raise Refused(**{field: _too_early(notice, first)})
    if day > sent + FARTHEST:
        raise Refused(
            **{field: f"Выберите день не позже {day_words(sent + FARTHEST)}: дальше года мы не планируем."}
        )
    return day


def _too_early(notice: Notice, first: date) -> str:
    if notice is Notice.TEN_DAYS:
        return f"Заявку отправляют за 10 календарных дней. Выберите {day_words(first)} или день позже."
    return f"Этот день уже прошёл. Выберите {day_words(first)} или позже."


def is_early(notice: Notice, day: date, sent: date) -> bool:
    """Return whether the day is before the notice period ends, so that staff must agree («прошу ранее»)."""
    first = earliest_day(notice, sent)
    return first is not None and day < first


def hint(notice: Notice, sent: date) -> str:
    """Return the sentence beside the date field; empty for a kind that has no day."""
    first = earliest_day(notice, sent)
    if notice is Notice.TEN_DAYS_OR_EARLIER and first:
        return (
            f"По договору — с {day_words(first)}: заявление направляют за 10 календарных дней, день отправки "
            "не считается. Нужно раньше — укажите более ранний день, решит сотрудник."
        )
    if notice is Notice.ANY_DAY:
        return "Можно с сегодняшнего дня: тогда канал включится сразу, а день оплачивается полностью."
    if not first:
        return ""
    return (
        f"Не раньше {day_words(first)}: заявку отправляют за 10 календарных дней, день отправки не считается."
    )
