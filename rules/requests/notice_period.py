"""How long before its day a request is sent.

Manual §3.3: «все заявления направляются за 10 календарных дней до даты соответствующего изменения»; the day
of sending is not counted. Resuming is possible «в любое время». Leaving earlier is a consumer's right (Закон
о защите прав потребителей, ст. 32), so an earlier termination is not blocked but goes to a person as «прошу
ранее».
"""

from datetime import date, timedelta

from rules import Refused
from rules.days import day_words, parse

NOTICE = timedelta(days=10)
FARTHEST = timedelta(days=365)
NOTICED = frozenset({"sms_on", "sms_off", "suspend", "terminate"})


def earliest(kind: str, sent: date) -> date | None:
    """The first day a kind may take effect when sent on the Moscow day `sent`; None where there is no day."""
    if kind in NOTICED:
        return sent + NOTICE
    return sent if kind == "resume" else None


def first_choice(kind: str, sent: date) -> date | None:
    """The `min` of the form's date field: a termination may be asked for any day from today."""
    return sent if kind == "terminate" else earliest(kind, sent)


def plan(kind: str, text: str, sent: date, field: str = "day") -> date:
    """The day asked for, allowed by notice; else Refused."""
    day, first = parse(text, field), first_choice(kind, sent)
    if first and day < first:
        raise Refused(**{field: too_early(kind, first)})
    if day > sent + FARTHEST:
        raise Refused(
            **{field: f"Выберите день не позже {day_words(sent + FARTHEST)}: дальше года мы не планируем."}
        )
    return day


def too_early(kind: str, first: date) -> str:
    if kind in NOTICED - {"terminate"}:
        return f"Заявку отправляют за 10 календарных дней. Выберите {day_words(first)} или день позже."
    return f"Этот день уже прошёл. Выберите {day_words(first)} или позже."


def early(kind: str, day: date, sent: date) -> bool:
    """Whether the day comes before the notice the contract gives, so that a person must agree («прошу
    ранее»).
    """
    first = earliest(kind, sent)
    return first is not None and day < first


def why(kind: str, sent: date) -> str:
    """The sentence beside the date field; empty where there is no day."""
    first = earliest(kind, sent)
    if kind == "terminate" and first:
        return (
            f"По договору — с {day_words(first)}: заявление направляют за 10 календарных дней, день отправки "
            "не считается. Нужно раньше — укажите более ранний день, решит сотрудник."
        )
    if kind == "resume":
        return "Можно с сегодняшнего дня: тогда канал включится сразу, а день оплачивается полностью."
    if not first:
        return ""
    return (
        f"Не раньше {day_words(first)}: заявку отправляют за 10 календарных дней, день отправки не считается."
    )
