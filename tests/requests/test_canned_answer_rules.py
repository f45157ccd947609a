"""Ready-made answers and their variables."""

import pytest

from rules import Refused
from rules.requests.canned_answers import check, fill, first_name, unfilled_variables

FACTS = {"имя": "Анна Сергеевна", "договор": "78 000 001", "день": ""}


def test_variables_are_filled() -> None:
    assert (
        fill("{имя}, по договору {договор} всё готово.", FACTS)
        == "Анна Сергеевна, по договору 78 000 001 всё готово."
    )


def test_what_is_not_known_stays_to_be_seen() -> None:
    text = fill("С {день} и {баланс}", FACTS)
    assert text == "С {день} и {баланс}"
    assert unfilled_variables(text) == ["день", "баланс"]


def test_braces_a_person_typed_are_not_variables() -> None:
    assert unfilled_variables("{см. рисунок}") == []


def test_a_filled_value_is_not_filled_again() -> None:
    assert fill("{имя}", {"имя": "{договор}", "договор": "78 000 001"}) == "{договор}"


@pytest.mark.parametrize(
    ("title", "text", "field"),
    [
        ("", "Текст", "title"),
        ("Аб", "Текст", "title"),
        ("О" * 81, "Текст", "title"),
        ("Ответ", " ", "text"),
        ("Ответ", "{фамилия}, здравствуйте", "text"),
        ("Ответ", "а" * 4001, "text"),
    ],
)
def test_refuses_what_cannot_be_kept(title: str, text: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        check(title, text)
    assert set(refused.value.problems) == {field}


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("Иванова Анна Сергеевна", "person", "Анна Сергеевна"),
        ("Иванова Анна", "person", "Иванова Анна"),
        ("ООО «Невский двор плюс»", "company", "ООО «Невский двор плюс»"),
    ],
)
def test_people_are_addressed_by_name_and_patronymic(name: str, kind: str, words: str) -> None:
    assert first_name(name, kind) == words
