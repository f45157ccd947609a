"""What became of an alarm."""

from datetime import UTC, datetime, timedelta

import pytest

from rules import Refused
from rules.events.alarms import clean_note, outcome

AT = datetime(2026, 11, 22, 0, 12, tzinfo=UTC)


def after(*note_text: tuple[int, str, str]) -> list:
    return [(AT + timedelta(minutes=minutes), kind, code) for minutes, kind, code in note_text]


OUTCOMES = [
    ([], "alarm", None),
    ([(3, "restore", "R130")], "good", 3),
    ([(3, "restore", "R130"), (9, "disarm", "E401")], "good", 9),
    ([(3, "restore", "R130"), (4, "restore", "E406"), (9, "disarm", "E401")], "off", 4),
    ([(3, "alarm", "E131"), (4, "fault", "E301"), (5, "arm", "R401")], "alarm", None),
    ([(3, "disarm", "E401"), (8, "disarm", "E401")], "good", 3),
]


@pytest.mark.parametrize(("note_text", "mark", "minutes"), OUTCOMES)
def test_an_outcome_is_read_from_what_followed(note_text: list, mark: str, minutes: int | None) -> None:
    found, words, at = outcome(after(*note_text))
    assert found == mark and words
    assert at == (None if minutes is None else AT + timedelta(minutes=minutes))


def test_a_note_is_something_of_a_sane_length() -> None:
    assert clean_note("  дверь\r\nцела \n") == "дверь\nцела"
    for bad, note_text in (("", "Напишите"), (" \n ", "Напишите"), ("я" * 2001, "2001")):
        with pytest.raises(Refused, match=note_text):
            clean_note(bad)
