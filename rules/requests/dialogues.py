"""What may be said in the dialogue, and how the timeline of a request is told."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from rules import Refused, days
from rules.requests.requests import APPROVED, DONE, STEP_WORDS

LONGEST = 4000
SYSTEM = ("system:", "station:")


def check_text(text: str, has_files: bool) -> None:
    """A message says something or brings a file; Refused at `text` otherwise."""
    if not text and not has_files:
        raise Refused(text="Напишите сообщение или приложите файл.")
    if len(text) > LONGEST:
        raise Refused(
            text=f"Слишком длинно: {len(text)} знаков. Сократите до {LONGEST} или приложите файлом."
        )


def timeline(steps: Iterable[Any], state: str, day: Any) -> list[tuple[str, str, str]]:
    """(words, moment, "" | "now" | "ahead") oldest first; the last done is "now", the day of the change is
    ahead.

    A step has verb, at, actor, words. Who at the desk decided is not told, that a person did is.

    """
    told = [(_words(one), days.moment(one.at) + _by(one.actor), "") for one in steps]
    if told:
        told[-1] = (told[-1][0], told[-1][1], "now")
    if state == "approved" and day:
        told.append(("Изменение", f"{days.day_words(day)}, 00:00", "ahead"))
    return told


def _words(step: Any) -> str:
    words = STEP_WORDS.get(step.verb, step.verb)
    return words[0].upper() + words[1:] + (f": {step.words}" if step.words else "")


def _by(actor: str) -> str:
    if actor.startswith("subscriber:"):
        return ", вы"
    return ", автоматически" if actor.startswith(SYSTEM) else ", сотрудник"


def ahead(
    state: str, sent_at: datetime, decided_at: datetime, effective: date | None, answer_by: datetime
) -> list[tuple[str, str, str]]:
    """What has happened to a request just sent, and what will, as lines of a timeline: (words, when,
    mark).
    """
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


def require_words(words: str, ask: str, field: str = "words") -> None:
    """Refused at `field` with the sentence `ask` when staff wrote nothing to the subscriber."""
    if len(words.strip()) < 3:
        raise Refused(**{field: ask})
