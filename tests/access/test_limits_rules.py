"""A refusal for too many says what is limited and when the next is possible."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.access import limits

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "wait", "said"),
    [
        (
            limits.sms_words(3, timedelta(hours=1)),
            timedelta(minutes=86),
            "За час отправили три SMS. Следующая — в\u00a013:26.",
        ),
        (
            limits.sms_words(5, timedelta(days=1)),
            timedelta(hours=13),
            "За сутки отправили пять SMS. Следующая — завтра в\u00a001:00.",
        ),
        (
            limits.cabinet_sms_words(20, timedelta(days=1)),
            timedelta(hours=1),
            "За сутки из вашего кабинета отправили 20 SMS. Следующая — в\u00a013:00.",
        ),
        (
            limits.try_words("Неверный код", 1, timedelta(minutes=15)),
            timedelta(seconds=61),
            "Неверный код ввели один раз за четверть часа. Следующая попытка — в\u00a012:02.",
        ),
        (
            limits.request_words(3, timedelta(hours=1)),
            timedelta(minutes=1),
            "За час SMS по этому договору отсюда просили три раза. Следующую можно попросить в\u00a012:01.",
        ),
        (
            limits.letter_words(5, timedelta(hours=1)),
            timedelta(minutes=1),
            "За час отправили пять писем. Следующее — в\u00a012:01.",
        ),
        (
            limits.TOTAL,
            timedelta(days=3),
            "Кабинет отправил слишком много SMS. "
            "Следующая — 26\u00a0ноября\u00a02026 в\u00a012:00. Если срочно, позвоните нам.",
        ),
    ],
)
def test_says_what_and_when(words, wait, said):
    assert limits.insert_moment(words, wait, NOON) == said


def test_the_moment_is_never_too_early():
    assert limits.moment_words(NOON + timedelta(seconds=1), NOON) == "в\u00a012:01"
