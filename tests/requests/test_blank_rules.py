"""The texts of the paper forms: every mark and every word in braces is one we can print."""

import pytest

from rules.requests import blanks

FACTS = {word: f"<{word}>" for word in blanks.LENGTHS}


@pytest.mark.parametrize("kind", blanks.KINDS)
def test_every_blank_is_made_of_pieces_and_words_we_know(kind):
    made = blanks.pieces(blanks.text(kind), FACTS)
    kinds = [piece.kind for piece in made]
    assert kinds.count("title") == kinds.count("subtitle") == kinds.count("sign") == kinds.count("marks") == 1
    assert any(piece.aside and piece.value == "<абонент>" for piece in made)


@pytest.mark.parametrize("kind", blanks.KINDS)
def test_nothing_in_braces_is_left_in_an_empty_one(kind):
    said = [piece.text + piece.value for piece in blanks.pieces(blanks.text(kind), {})]
    assert not any("{" in words or "}" in words or "@" in words for words in said)


def test_a_known_word_is_printed_and_an_unknown_one_is_a_line():
    assert blanks.fill("Договор № {договор}.", {"договор": "78 000 001"}) == "Договор № 78 000 001."
    assert blanks.fill("Договор № {договор}.", {}) == f"Договор № {'_' * 12}."


def test_a_word_nobody_knows_is_told():
    with pytest.raises(blanks.Unknown, match="отчество"):
        blanks.pieces("Здравствуйте, {отчество}", {})
    with pytest.raises(blanks.Unknown, match="@печать"):
        blanks.pieces("@печать", {})


def test_lines_of_a_paragraph_run_on_and_a_blank_line_ends_it():
    made = blanks.pieces("Прошу вернуть\nденьги.\n\nСпасибо.", {})
    assert [(piece.kind, piece.text) for piece in made] == [
        ("text", "Прошу вернуть деньги."),
        ("gap", ""),
        ("text", "Спасибо."),
    ]


def test_a_line_to_write_on_shows_what_is_known():
    [piece] = blanks.pieces("Получатель: {абонент} ____", {"абонент": "Соколова Анна"})
    assert (piece.kind, piece.text, piece.value) == ("write", "Получатель:", "Соколова Анна")


def test_cells_are_counted():
    [piece] = blanks.pieces("Паспорт: серия [4] номер [6]", {})
    assert piece.cells == (("Паспорт: серия", 4), ("номер", 6))


def test_a_blank_there_is_none_of_is_not_made():
    with pytest.raises(KeyError):
        blanks.text("../consent.v1")
