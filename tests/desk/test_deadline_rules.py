"""What the desk owes and by when."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.days import MOSCOW
from rules.desk.deadlines import (
    PendingWork,
    change_words,
    due_at,
    due_words,
    is_overdue,
    length_words,
    overtaken_message,
)
from rules.numbers import plural


def moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).astimezone(UTC)


NOW = moscow("2026-11-23 12:00")
ANSWER_BY = moscow("2026-11-24 12:00")

OWED = [
    ("new", None, None, ANSWER_BY, "a first answer"),
    ("work", None, None, ANSWER_BY, "taken is not answered"),
    ("work", NOW, None, None, "answered, no day: nothing is owed"),
    ("work", NOW, date(2026, 12, 1), moscow("2026-12-01 00:00"), "a decision before its day"),
    ("new", None, date(2026, 11, 24), moscow("2026-11-24 00:00"), "the nearer of the two"),
    (
        "needs_info",
        NOW,
        date(2026, 12, 1),
        moscow("2026-12-01 00:00"),
        "waiting for the subscriber does not lift the day",
    ),
    ("approved", None, date(2026, 12, 1), None, "decided"),
    ("done", None, None, None, "closed"),
    ("withdrawn", None, date(2026, 12, 1), None, "withdrawn"),
]


@pytest.mark.parametrize(("state", "answered", "day", "at", "why"), OWED, ids=[row[4] for row in OWED])
def test_the_desk_owes(state, answered, day, at, why) -> None:
    assert due_at(PendingWork(state, ANSWER_BY, answered, day)) == at


WORDS = [
    (None, "off", "без срока"),
    ("2026-11-23 11:59", "alarm", "просрочено на 1\u00a0мин"),
    ("2026-11-23 09:00", "alarm", "просрочено на 3\u00a0ч"),
    ("2026-11-18 12:00", "alarm", "просрочено на 5\u00a0дней"),
    ("2026-11-23 13:30", "warn", "сегодня до 13:30"),
    ("2026-11-23 18:00", "wait", "сегодня до 18:00"),
    ("2026-11-24 00:00", "warn", "до конца дня"),
    ("2026-11-24 12:00", "wait", "завтра до 12:00"),
    ("2026-12-01 00:00", "off", "до 1\u00a0декабря\u00a02026"),
    ("2026-11-30 17:00", "off", "30\u00a0ноября\u00a02026, 17:00"),
]


@pytest.mark.parametrize(("at", "mark", "words"), WORDS)
def test_due_is_said_in_words(at, mark, words) -> None:
    assert due_words(at and moscow(at), NOW) == (mark, words)


def test_overdue_begins_after_the_instant() -> None:
    assert (
        not is_overdue(NOW, NOW) and is_overdue(NOW - timedelta(seconds=1), NOW) and not is_overdue(None, NOW)
    )


@pytest.mark.parametrize(
    ("count", "word"),
    [(1, "день"), (2, "дня"), (5, "дней"), (11, "дней"), (12, "дней"), (21, "день"), (112, "дней")],
)
def test_nouns_agree_with_numbers(count, word) -> None:
    assert plural(count, "день", "дня", "дней") == word
    assert length_words(timedelta(days=count)) == f"{count}\u00a0{word}"


def test_the_second_of_two_is_told_who_and_when() -> None:
    told = overtaken_message(change_words("Мария Петрова", "refuse", moscow("2026-11-23 11:58"), NOW))
    assert told.startswith("Мария Петрова уже отказал(а) по этой заявке в 11:58, пока вы решали.")
    before = change_words("Мария", "approve", moscow("2026-11-22 11:58"), NOW)
    assert "22\u00a0ноября\u00a02026 в 11:58" in before


@pytest.mark.parametrize(
    ("name", "verb", "words"),
    [
        ("Абонент", "message", "Абонент написал в 11:58"),
        ("Абонент", "reply", "Абонент прислал ответ на вопрос в 11:58"),
        ("Представитель Ольга", "message", "Представитель Ольга написал в 11:58"),
        ("Мария", "answer", "Мария ответил(а) абоненту в 11:58"),
        ("Мария", "note", "Мария добавил(а) заметку в 11:58"),
    ],
)
def test_a_message_is_told_like_a_step(name, verb, words) -> None:
    assert change_words(name, verb, moscow("2026-11-23 11:58"), NOW) == words
