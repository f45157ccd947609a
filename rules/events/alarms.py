"""The outcome of an alarm, from the events that followed it, and notes about it."""

from collections.abc import Sequence
from datetime import datetime

from rules import Refused

LONGEST = 2000
CANCEL = {"E406", "R406", "BC"}  # cancelled by a user at the panel: Contact ID and SIA

FollowUp = tuple[datetime, str, str]  # (at, kind, code)


def outcome(after: Sequence[FollowUp]) -> tuple[str, str, datetime | None]:
    """(mark, words, instant) of an alarm by the events after it, oldest first.

    A cancel wins over all, then a disarm (somebody with a code was there), then the restore of the sensor.
    """
    for codes, kinds, mark, words in (
        (CANCEL, set(), "off", "отменена пользователем"),
        (set(), {"disarm"}, "good", "объект снят с охраны после сигнала"),
        (set(), {"restore"}, "good", "датчик восстановился"),
    ):
        for at, kind, code in after:
            if code in codes or kind in kinds:
                return mark, words, at
    return "alarm", "восстановления после сигнала не было", None


def clean_note(text: str, field: str = "text") -> str:
    """A note as typed: not empty, at most 2,000 characters; else Refused."""
    text = "\n".join(
        line.rstrip() for line in text.replace("\r\n", "\n").replace("\0", "").split("\n")
    ).strip()
    if not text:
        raise Refused(**{field: "Напишите, что случилось или что вы сделали."})
    if len(text) > LONGEST:
        raise Refused(
            **{field: f"Слишком длинно: не больше {LONGEST} знаков, сейчас {len(text)}. Сократите."}
        )
    return text
