"""What became of an alarm, from what its key said afterwards (the «тревога» page)."""

from collections.abc import Sequence
from datetime import datetime

from rules import Refused

LONGEST = 2000
CANCEL = {"E406", "R406", "BC"}  # cancelled at the panel by a user, Contact ID and SIA

Said = tuple[datetime, str, str]  # (at, kind, code)


def outcome(after: Sequence[Said]) -> tuple[str, str, datetime | None]:
    """(mark, words, when) of an alarm by what followed it, oldest first, the signal itself left out.

    A cancel outweighs all; then a disarm, for somebody with a code was there; then the sensor's own restore.
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


def note(text: str, field: str = "text") -> str:
    """What a person writes about an alarm: something, at most 2,000 characters."""
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
