"""Russian words as a search sees them, tried against the real FTS5."""

import sqlite3

import pytest

from rules.desk.search import excerpt, fts_query, phone_words, stem, stems

KEPT = {
    1: "Пётр Ёлкин просит копию договора",
    2: "Иванова Анна Сергеевна 78123456 " + phone_words("+79211234567"),
    3: "Вчера сработала тревога, а снятие с охраны не прошло",
    4: "Возврат денежных средств: отказ «по ГОСТ 56042», 50 %",
    5: "Подъезд 5, кв. 10; приостановить с 1 декабря",
}


def found(typed: str) -> set[int]:
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table t using fts5(words, stems, tokenize='unicode61 remove_diacritics 2')")
    for id_, text in KEPT.items():
        db.execute(
            "insert into t(rowid, words, stems) values (?, ?, ?)", (id_, text.replace("ё", "е"), stems(text))
        )
    asked = fts_query(typed)
    return {row[0] for row in db.execute("select rowid from t where t match ?", (asked,))} if asked else set()


FINDS = [
    ("петр", 1), ("Пётр", 1), ("петра", 1), ("елкина", 1), ("Ёлкин", 1), ("ЁЛКИНУ", 1),
    ("договор", 1), ("договоров", 1), ("договорам", 1), ("дог", 1),
    ("иванов", 2), ("Иванову", 2), ("иванова анна", 2), ("анна иван", 2), ("анны ивановой", 2),
    ("78123456", 2), ("78 123 456", 2), ("78-123-456", 2), ("№ 78 123", 2),
    ("+7 921 123-45-67", 2), ("8 (921) 123-45-67", 2), ("9211234567", 2), ("123-45-67", 2), ("921 123", 2),
    ("тревоги", 3), ("снятия", 3), ("тревога снятие", 3),
    ("возвращать", None), ("возврата", 4), ("средства", 4), ("ГОСТ 56042", 4),
    ("приостановка", None), ("приостановил", 5), ("5 10", 5), ("1 декабря", 5), ("квартира", None),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "id_"), FINDS)
def test_finds_in_any_ending_and_spelling(typed: str, id_: int | None) -> None:
    assert found(typed) == ({id_} if id_ else set())


@pytest.mark.parametrize(
    "typed",
    ['"', "'", "*", "a AND", "NEAR(", "words:петр", "петр*", ".", "-", "(", "^", "", " ", "%", "\x00"],
)
def test_nothing_typed_is_read_as_query_language(typed: str) -> None:
    found(typed)


def test_all_words_are_wanted() -> None:
    assert found("петр иванова") == set()


def test_a_long_query_is_cut() -> None:
    assert fts_query("слово " * 500).count("AND") == 11


def test_endings_go_until_nothing_more_goes() -> None:
    assert stem("иванова") == stem("иванову") == stem("иванов")


def test_the_excerpt_marks_what_was_found() -> None:
    pieces = excerpt("а" * 200 + " просит копию договора <b>завтра</b> " + "б" * 300, "договоры")
    assert ("договора", True) in pieces
    assert pieces[0] == ("…", False) and pieces[-1][0].endswith("…")
    assert len("".join(text for text, _ in pieces)) < 250


def test_the_excerpt_of_a_text_without_the_word_is_its_beginning() -> None:
    assert excerpt("Короткое письмо", "ничего") == [("Короткое письмо", False)]
