"""Deadlines of staff: a first answer within one working day, a decision before the effective day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rules.days import MOSCOW, clock, day_words, midnight, today
from rules.numbers import plural
from rules.requests.requests import STEPS, UNDECIDED

SOON = timedelta(hours=2)


@dataclass(frozen=True)
class PendingWork:
    """The facts of a request that its deadline depends on; `answered_at` None means nobody has
    answered yet.
    """

    state: str
    answer_by: datetime
    answered_at: datetime | None
    effective_day: date | None


def due_at(request: PendingWork) -> datetime | None:
    """Return the nearest instant by which staff must act; None when nothing is due."""
    if request.state not in UNDECIDED:
        return None
    owed = [request.answer_by] if request.answered_at is None else []
    if request.effective_day:
        owed.append(midnight(request.effective_day))
    return min(owed, default=None)


def is_overdue(at: datetime | None, now: datetime) -> bool:
    return at is not None and at < now


def due_words(at: datetime | None, now: datetime) -> tuple[str, str]:
    """Return (mark, words) of a deadline: alarm «просрочено на 3 ч», warn «сегодня до 18:00», off «до 24
    ноября».
    """
    if at is None:
        return "off", "без срока"
    if at < now:
        return "alarm", f"просрочено на {length_words(now - at)}"
    day = at.astimezone(MOSCOW).date()
    midnights = clock(at) == "00:00"
    if day == today(now):
        return ("warn" if at - now <= SOON else "wait"), f"сегодня до {clock(at)}"
    if midnights and day - today(now) == timedelta(days=1):
        return "warn", "до конца дня"
    if day - today(now) == timedelta(days=1):
        return "wait", f"завтра до {clock(at)}"
    return "off", f"до {day_words(day)}" if midnights else f"{day_words(day)}, {clock(at)}"


def length_words(span: timedelta) -> str:
    """Return «40 мин», «3 ч», «2 дня»."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{max(1, minutes)}\u00a0мин"
    if minutes < 24 * 60:
        return f"{minutes // 60}\u00a0ч"
    days = minutes // (24 * 60)
    return f"{days}\u00a0{plural(days, 'день', 'дня', 'дней')}"


MESSAGES = {
    "message": "написал(а)",
    "answer": "ответил(а) абоненту",
    "note": "добавил(а) заметку",
}


def change_words(name: str, verb: str, at: datetime, now: datetime) -> str:
    """Return «Абонент написал в 13:29», «Мария уже одобрил(а) эту заявку 22 ноября 2026 в 11:58»."""
    when = f"в {clock(at)}" if today(at) == today(now) else f"{day_words(today(at))} в {clock(at)}"
    did = MESSAGES.get(verb) or STEPS[verb if verb in STEPS else "send"].overtaken
    if name.startswith(("Абонент", "Представитель")):
        did = did.replace("(а)", "")
    return f"{name} {did} {when}"


def overtaken_message(change: str) -> str:
    """Return the message to an employee whose decision came second; `change` is `change_words`
    of the first.
    """
    return (
        f"{change}, пока вы решали. Ничего не отправлено, ваш текст на месте: посмотрите, что изменилось, и "
        "решите заново."
    )


def viewed_words(name: str, at: datetime) -> str:
    """Return «Эту заявку открыл(а) Семён в 13:20»."""
    return f"Эту заявку открыл(а) {name} в {clock(at)}"
