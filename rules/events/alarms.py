"""The outcome of an alarm, derived from the events after it, and the check of a note about an alarm."""

from collections.abc import Sequence
from datetime import datetime

from rules import Refused

LONGEST = 2000
CANCEL = {"E406", "R406", "BC"}  # cancelled by a user at the panel: Contact ID and SIA

FollowUp = tuple[datetime, str, str]  # (at, kind, code)


def outcome(after: Sequence[FollowUp]) -> tuple[str, str, datetime | None]:
    """Return (mark, words, instant) for an alarm. `after` holds the events that followed it, oldest first.

    A cancellation takes precedence over a disarm (which shows that somebody with a code was there), and a
    disarm over the restore of the sensor.
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
    """Return the note stripped. Refused at `field` when it is empty or longer than 2,000 characters."""
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
