"""The cleaner at the door: what cannot be seen is not there, what is seen stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.typed_text import clean, clean_line, normalize_dashes, remove_spaces

FAMILY, HEART = "👨‍👩‍👧", "❤️‍🔥"


def test_drops_every_sign_of_category_cf():
    kept = [
        hex(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf" and clean(chr(code))
    ]
    assert not kept


@pytest.mark.parametrize(
    "sign",
    [
        "\u200b",
        "\ufeff",
        "\u200e",
        "\u202e",
        "\u2066",
        "\u00ad",
        "\u115f",
        "\u3164",
        "\uffa0",
        "\u2800",
        "\u034f",
    ],
)
def test_a_text_of_invisible_signs_is_empty(sign):
    assert clean(sign * 12) == "" and clean(f" {sign}а{sign}б ") == "аб"


def test_a_joiner_or_selector_alone_is_nothing():
    assert clean("\u200d") == clean("\ufe0f") == clean("а\u200d\ufe0f").removeprefix("а") == ""


@pytest.mark.parametrize("picture", [FAMILY, HEART, "👍🏽", "☎️"])
def test_pictures_stay_whole(picture):
    assert clean(f"Спасибо {picture}") == f"Спасибо {picture}"


def test_line_ends_are_one_and_control_signs_go():
    assert clean("а\r\nб\rв\u2028г\x85д\x00\x1b") == "а\nб\nв\nг\nд"


def test_letters_are_composed_even_when_a_hidden_sign_stood_between():
    assert clean("и\u0306") == "й" and clean("и\u200b\u0306") == "й"


def test_one_line_has_single_spaces():
    assert clean_line("  ТСЖ\u00a0\n «Дом\u200b №  5» ") == "ТСЖ «Дом № 5»"


@pytest.mark.parametrize("dash", [*map(chr, range(0x2010, 0x2016)), "\u2212", "-"])
def test_dashes_are_alike_where_numbers_are_read(dash):
    assert remove_spaces(f"78{dash}000 003") == "78-000003" and normalize_dashes(dash) == "-"


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


@given(st.text(alphabet=st.characters(categories=["Cf", "Cc", "Zs", "Zl", "Zp"])))
def test_what_has_no_ink_is_empty(text):
    assert clean(text) == ""
