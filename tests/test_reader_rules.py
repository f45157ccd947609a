"""Sums, days, phones, contract numbers and names: however people write one, the same value; what is none,
refused.
"""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import Refused, amounts, days, names, phones
from rules.people import contracts
from rules.registry import cells

SPACES = ["", " ", "\u00a0", "\u202f", "\u2009", " \u200b"]
DASHES = ["-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u2212"]
HIDDEN = ["", "\u200b", "\ufeff", "\u200e", "\u00ad", "\u2060"]
hidden, space, dash = st.sampled_from(HIDDEN), st.sampled_from(SPACES), st.sampled_from(DASHES)
UNITS = ["", "₽", "руб", "руб.", "рублей", "рубля", "рубль", "р.", "р", "РУБ."]


def edged(text, before, after):
    return f"{before} {text}\u00a0{after}"


@given(
    st.integers(1, 10**8), space, st.sampled_from([",", "."]), space, st.sampled_from(UNITS), hidden, hidden
)
def test_a_sum_is_the_same_in_any_spelling(kopecks, gap, point, before_unit, unit, before, after):
    roubles, rest = divmod(kopecks, 100)
    written = f"{roubles:,}".replace(",", gap) + f"{point}{rest:02}" + before_unit + unit
    typed = edged(written, before, after)
    assert amounts.kopecks(typed, most=10**8) == cells.kopecks(typed) == kopecks


@given(st.integers(0, 10**6), st.sampled_from(UNITS))
def test_a_whole_sum_needs_no_kopecks(roubles, unit):
    assert amounts.parse_signed(f"{roubles} {unit}") == roubles * 100


@given(
    st.integers(1, 10**8),
    dash,
    st.sampled_from(["{0}{1}", "{0} {1}", "{1}{0}", "{1} {0}", "({1})", "({1}) руб."]),
)
def test_a_minus_before_or_behind_and_brackets_are_below_zero(kopecks, minus, shape):
    typed = shape.format(minus, f"{kopecks // 100},{kopecks % 100:02}")
    assert amounts.parse_signed(typed) == cells.kopecks(typed) == -kopecks
    with pytest.raises(Refused, match="без минуса"):
        amounts.kopecks(typed, most=10**8)


@given(st.text(alphabet=string.digits + " .,-+()₽руб", max_size=14))
def test_what_a_sum_says_is_in_its_digits(text):
    found = amounts.parse_signed(text)
    if found is not None:
        assert str(abs(found)).lstrip("0").rstrip("0") in "".join(filter(str.isdigit, text))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "сто",
        "1e3",
        "1.500",
        "1,234",
        "1 5",
        "15 00",
        "1500,",
        ",50",
        "--5",
        "-5-",
        "(-5)",
        "٥٠",
        "１５",
        "1500 $",
        "NaN",
    ],
)
def test_refuses_what_is_no_sum(typed):
    assert amounts.parse_signed(typed) is None


@pytest.mark.parametrize(
    ("typed", "kopecks"),
    [
        ("1.500,00", 150_000),
        ("1,500.00", 150_000),
        ("1'500", 150_000),
        ("1500 руб. 50 коп.", 150_050),
        ("1500 рублей 5 копеек", 150_005),
    ],
)
def test_sums_of_accountants(typed, kopecks):
    assert amounts.parse_signed(typed) == kopecks


@given(st.dates(date(1950, 1, 1), date(2149, 12, 31)), st.sampled_from([".", "/", *DASHES]), hidden, hidden)
def test_a_day_is_the_same_in_any_spelling(day, sign, before, after):
    whole = [
        f"{day:%d}{sign}{day:%m}{sign}{day:%Y}",
        f"{day.day}{sign}{day.month}{sign}{day.year}",
        day.isoformat(),
    ]
    words = f"{day.day} {days.MONTHS[day.month - 1]} {day.year}"
    for typed in [*whole, words, f"{words} г.", f"{whole[0]}г.", words.upper()]:
        assert days.parse(edged(typed, before, after)) == cells.day(typed) == day
    assert days.parse(days.format_iso(whole[0])) == day


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_two_digits_of_a_year_are_of_this_century(day):
    assert days.parse(f"{day.day}.{day.month}.{day:%y}") == day


@pytest.mark.parametrize(
    "typed", ["", "31.02.2026", "2026-13-01", "вчера", "1.11", "011126", "32.1.26", "1.1.1026", "٠١.٠٢.٢٠٢٤"]
)
def test_refuses_what_is_no_day(typed):
    with pytest.raises(Refused):
        days.parse(typed)
    assert days.format_iso(typed) == typed


@given(st.integers(9 * 10**9, 10**10 - 1), st.sampled_from(["+7", "8", "7", ""]), space, dash, hidden, hidden)
def test_a_mobile_is_the_same_in_any_spelling(digits, start, gap, minus, before, after):
    bare = str(digits)
    groups = (bare[:3], bare[3:6], bare[6:8], bare[8:])
    for typed in (
        start + bare,
        f"{start}{gap}{groups[0]}{gap}{groups[1]}{minus}{groups[2]}{minus}{groups[3]}",
        f"{start} ({groups[0]}) {groups[1]}{minus}{groups[2]}{minus}{groups[3]}",
    ):
        assert phones.parse(edged(typed, before, after)) == cells.phone(typed) == f"+7{bare}"


NO_SMS = ["8 800 555-35-35", "8-809-505-00-00", "+7 701 123-45-67", "8 (812) 326-17-20", "8 495 123-45-67"]


@pytest.mark.parametrize("typed", NO_SMS)
def test_a_number_no_sms_comes_to_is_refused_with_what_to_do(typed):
    with pytest.raises(Refused, match=r"SMS на него не придёт\. Укажите мобильный"):
        phones.parse(typed)


@pytest.mark.parametrize("typed", NO_SMS)
def test_a_number_we_filled_in_is_never_refused(typed):
    known = phones.parse(typed, mobile=False)
    assert phones.parse(phones.format_phone(known), prefilled=known) == known and not phones.is_mobile(known)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "921 123 45 6",
        "+375 29 123-45-67",
        "+8 921 123-45-67",
        "+1 202 555 0100",
        "абв",
        "٩٢١",
        "8 921 123-45-67 доб. 1",
    ],
)
def test_refuses_what_is_no_russian_number(typed):
    with pytest.raises(Refused):
        phones.parse(typed)
    with pytest.raises(Refused):
        phones.parse(typed, mobile=False)


@given(st.integers(0, 999_999), space, dash, hidden, hidden, st.sampled_from(["", "№", "№ ", "#"]))
def test_a_contract_number_is_the_same_in_any_spelling(tail, gap, minus, before, after, sign):
    digits = f"78{tail:06}"
    for typed in (
        digits,
        f"{digits[:2]}{gap}{digits[2:5]}{gap}{digits[5:]}",
        f"{digits[:2]}{minus}{digits[2:5]}{minus}{digits[5:]}",
    ):
        assert (
            contracts.parse_number(edged(sign + typed, before, after))
            == cells.contract_number(sign + typed)
            == int(digits)
        )


@given(st.text(alphabet=string.ascii_letters + string.punctuation + " ٣²½", max_size=12))
def test_refuses_what_is_no_contract_number(typed):
    with pytest.raises(Refused):
        contracts.parse_number(typed)


LETTERS = st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюяABCXYZ", min_size=2, max_size=20)


@given(
    LETTERS,
    st.sampled_from(
        ["{0}", "ТСЖ «{0} № 5»", 'ООО "{0}+Б"', "{0}\u2011{0}", "{0} О’Нил", "ИП {0} (филиал)", "«{0}», АО"]
    ),
    hidden,
)
def test_a_name_is_kept_as_it_stands(word, shape, sign):
    name = shape.format(word)
    assert names.parse(f" {name}{sign}  ", "name", "Нет") == name


@given(st.text(alphabet=string.digits + " .,-—«»\"'()\u200b\u3164", max_size=30))
def test_refuses_a_name_without_letters(text):
    with pytest.raises(Refused):
        names.parse(text, "name", "Нет")
