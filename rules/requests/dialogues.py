"""The dialogue of a request: the check of a message, and the lines of the timeline."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from rules import Refused, days
from rules.requests.requests import APPROVED, DONE, STEPS


class StepRow(Protocol):
    """A stored step; `words` are the reason or the question."""

    verb: str
    at: datetime
    actor: str
    words: str


LONGEST = 4000
SYSTEM = ("system:", "station:")


def check_text(text: str, has_files: bool) -> None:
    """Refused at `text` when a message has neither text nor files, or is too long."""
    if not text and not has_files:
        raise Refused(text="Напишите сообщение или приложите файл.")
    if len(text) > LONGEST:
        raise Refused(
            text=f"Слишком длинно: {len(text)} знаков. Сократите до {LONGEST} или приложите файлом."
        )


def timeline(steps: Iterable[StepRow], state: str, day: date | None) -> list[tuple[str, str, str]]:
    """Return (words, moment, mark) for each step, oldest first.

    The mark is "now" for the last step made, "ahead" for the day of the change, "" for the others. Names of
    staff are left out.
    """
    lines = [(_step_words(one), days.moment(one.at) + _actor_words(one.actor), "") for one in steps]
    if lines:
        lines[-1] = (lines[-1][0], lines[-1][1], "now")
    if state == APPROVED and day:
        lines.append(("Изменение", f"{days.day_words(day)}, 00:00", "ahead"))
    return lines


def _step_words(step: StepRow) -> str:
    words = STEPS[step.verb].words if step.verb in STEPS else step.verb
    return words[0].upper() + words[1:] + (f": {step.words}" if step.words else "")


def _actor_words(actor: str) -> str:
    if actor.startswith("subscriber:"):
        return ", вы"
    return ", автоматически" if actor.startswith(SYSTEM) else ", сотрудник"


def sent_timeline(
    state: str, sent_at: datetime, decided_at: datetime, effective: date | None, answer_by: datetime
) -> list[tuple[str, str, str]]:
    """Return (words, when, mark) of a request that was just sent, both past and expected steps."""
    sent = ("Отправлена", days.moment(sent_at), "")
    if state == APPROVED and effective:
        return [
            sent,
            ("Одобрена", days.moment(decided_at), "now"),
            ("Изменение", days.day_words(effective), "ahead"),
        ]
    if state == DONE:
        return [sent, ("Выполнена", days.moment(decided_at), "now")]
    return [sent, ("Ответ", f"до {days.moment(answer_by)}", "ahead")]


def require_words(words: str, missing: str, field: str = "words") -> None:
    """Refused at `field` with the sentence `missing` when staff wrote no text for the subscriber."""
    if len(words.strip()) < 3:
        raise Refused(**{field: missing})


def author_words(actor: str, name: str) -> str:
    """Return the author for the desk: «Абонент», «Представитель Ольга», or the employee's name."""
    if not actor.startswith("subscriber:"):
        return name
    return f"Представитель {name}" if "/" in actor else "Абонент"
