"""The journal in words."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rules import Refused
from rules.desk.audit_log import NAMES, action_words, fact_words, parse_period


def test_a_period_is_whole_moscow_days() -> None:
    assert parse_period(date(2026, 11, 22), date(2026, 11, 22)) == (
        datetime(2026, 11, 21, 21, tzinfo=UTC),
        datetime(2026, 11, 22, 21, tzinfo=UTC),
    )


def test_a_period_may_be_open() -> None:
    assert parse_period(None, None) == (None, None)


def test_refuses_an_end_before_the_beginning() -> None:
    with pytest.raises(Refused):
        parse_period(date(2026, 11, 22), date(2026, 11, 21))


def test_an_unknown_verb_is_itself() -> None:
    assert action_words("desk.look") == "открыто обращение" and action_words("moon.landed") == "moon.landed"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("amount", "248000", ("сумма", "2\u00a0480,00\u00a0₽")),
        ("day", "2026-11-22", ("день", "22.11.2026")),
        ("day", "суббота", ("день", "суббота")),
        ("kind", "suspend", ("вид", "Приостановить канал связи")),
        ("entry", "sms", ("вход", "код из SMS")),
        ("kind", "arm", ("вид", "нет постановки")),
        ("outcome", "foreign", ("итог", "чужой: записан за другим договором")),
        ("alarm", "1-1795423800-7", ("тревога", "23\u00a0ноября\u00a02026,\u00a011:50")),
        ("alarm", "1", ("тревога", "1")),
        ("reason", "card_expired", ("причина", "срок карты истёк")),
        ("reason", "Две оплаты", ("причина", "Две оплаты")),
        ("moon", "full", ("moon", "full")),
    ],
)
def test_a_fact_is_said_in_words_and_a_strange_one_as_it_is(
    name: str, value: str, said: tuple[str, str]
) -> None:
    assert fact_words(name, value) == said


def test_every_fact_the_house_notes_has_a_name() -> None:
    house, columns = Path(__file__).parent.parent.parent, {"contract_id", "subscriber_id"}
    noted = set()
    for folder in ("db", "routes", "web", "commands"):
        for path in (house / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(call, ast.Call) and ast.unparse(call.func) in ("journal.note", "looked"):
                    noted |= {word.arg for word in call.keywords if word.arg}
    assert len(noted) > 40 and noted - columns <= NAMES.keys()
