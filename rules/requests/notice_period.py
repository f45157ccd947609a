"""The notice period: how long before its effective day a request is sent.

Manual §3.3: «все заявления направляются за 10 календарных дней до даты соответствующего изменения»; the day
of sending is not counted. Resuming is possible «в любое время». Leaving earlier is a consumer's right (Закон
о защите прав потребителей, ст. 32), so an earlier termination is not blocked but goes to a person as «прошу
ранее».
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
    """The first day by the contract's notice period for a request sent on the Moscow day `sent`; None for
    NO_DAY.
    """
    if notice in (Notice.TEN_DAYS, Notice.TEN_DAYS_OR_EARLIER):
        return sent + NOTICE
    return sent if notice is Notice.ANY_DAY else None


def first_choice(notice: Notice, sent: date) -> date | None:
    """The `min` of the form's date field."""
    return sent if notice is Notice.TEN_DAYS_OR_EARLIER else earliest_day(notice, sent)


def plan(notice: Notice, text: str, sent: date, field: str = "day") -> date:
    """The effective day typed in `field`, if the notice allows it; else Refused."""
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
    """Whether the day comes before the notice period ends, so that staff must agree («прошу ранее»)."""
    first = earliest_day(notice, sent)
    return first is not None and day < first


def hint(notice: Notice, sent: date) -> str:
    """The sentence beside the date field; empty where there is no day."""
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
