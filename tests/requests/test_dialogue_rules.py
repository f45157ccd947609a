"""Whose a message is, as the desk sees it."""

import pytest

from rules.requests.dialogues import author_words


@pytest.mark.parametrize(
    ("actor", "name", "words"),
    [
        ("subscriber:7", "Соколова Анна Игоревна", "Абонент"),
        ("subscriber:7/5", "Ольга", "Представитель Ольга"),
        ("staff:2", "Мария", "Мария"),
        ("system:rule", "Система", "Система"),
    ],
)
def test_an_author_is_the_subscriber_a_representative_or_an_employee(actor, name, words):
    assert author_words(actor, name) == words
