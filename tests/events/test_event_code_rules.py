"""Each code the table names, and what becomes of those it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.events import event_codes
from rules.events.code_table import CONTACT_ID
from rules.events.code_table import SIA as SIA_CODES
from rules.events.events import EventKind

OPENINGS = ("400", "401", "402", "403", "405", "407", "408", "409", "441", "442", "444", "450", "451", "452")
CID = [line.split(maxsplit=3) for line in CONTACT_ID.strip().splitlines()]
SIA = [line.split(maxsplit=2) for line in SIA_CODES.strip().splitlines()]


@pytest.mark.parametrize("code", OPENINGS)
def test_an_opening_disarms_and_a_closing_arms(code: str) -> None:
    assert event_codes.kind_of(event_codes.canonical_code(f"1{code}")) is EventKind.disarm
    assert event_codes.kind_of(event_codes.canonical_code(f"3{code}")) is EventKind.arm


def test_partial_arming_never_reads_as_disarmed() -> None:
    assert event_codes.kind_of("R456") is EventKind.arm
    assert event_codes.kind_of("E456") is EventKind.other


@pytest.mark.parametrize(("code", "new", "restore", "_words"), CID)
def test_every_contact_id_code_of_the_table(code: str, new: str, restore: str, _words: str) -> None:
    assert event_codes.kind_of(event_codes.canonical_code("1" + code)).name == new
    assert event_codes.kind_of(event_codes.canonical_code("3" + code)).name == restore
    assert event_codes.kind_of(event_codes.canonical_code("6" + code)) is EventKind.other
    if code[0] == "1":
        assert new == "alarm"
    if code[0] == "3":
        assert new in ("fault", "other")


@pytest.mark.parametrize(("code", "kind", "_words"), SIA)
def test_every_sia_code_of_the_table(code: str, kind: str, _words: str) -> None:
    assert event_codes.kind_of(event_codes.canonical_code(code)).name == kind


SIA_SENSE = {
    "CL": "arm",
    "CA": "arm",
    "CQ": "arm",
    "NL": "arm",
    "OP": "disarm",
    "OA": "disarm",
    "OQ": "disarm",
    "OR": "disarm",
    "BA": "alarm",
    "FA": "alarm",
    "PA": "alarm",
    "HA": "alarm",
    "GA": "alarm",
    "WA": "alarm",
    "TA": "alarm",
    "BR": "restore",
    "FR": "restore",
    "BC": "restore",
    "AT": "fault",
    "YT": "fault",
    "RP": "test",
    "TX": "test",
}


@pytest.mark.parametrize(("code", "kind"), SIA_SENSE.items())
def test_the_usual_sia_codes_mean_what_panels_mean(code: str, kind: str) -> None:
    assert event_codes.kind_of(code).name == kind


CID_SENSE = {
    "1110": "alarm", "3110": "restore", "1120": "alarm", "1121": "alarm", "1130": "alarm", "3130": "restore",
    "1137": "alarm", "1151": "alarm", "1154": "alarm", "1301": "fault", "3301": "restore", "1302": "fault",
    "1602": "test", "3602": "test", "1406": "restore", "3456": "arm", "1570": "other",
}  # fmt: skip


@pytest.mark.parametrize(("code", "kind"), CID_SENSE.items())
def test_the_usual_contact_id_codes_mean_what_panels_mean(code: str, kind: str) -> None:
    assert event_codes.kind_of(event_codes.canonical_code(code)).name == kind


def test_an_unlisted_alarm_is_still_an_alarm() -> None:
    assert event_codes.kind_of("E148") is EventKind.alarm and event_codes.kind_of("R148") is EventKind.restore
    assert event_codes.kind_of("E399") is EventKind.fault
    assert event_codes.kind_of("E799") is EventKind.other and not event_codes.is_listed("E799")


@pytest.mark.parametrize("text", ["Постановка", " взятие ", "ARM"])
def test_words_are_codes_too(text: str) -> None:
    assert event_codes.kind_of(event_codes.canonical_code(text)) is EventKind.arm


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("E130", "Тревога: проникновение"),
        ("R403", "Постановка по расписанию"),
        ("E401", "Снятие"),
        ("OP", "Снятие"),
        ("R110", "Восстановление: пожар"),
        ("ZZ9", "Сообщение: код ZZ9"),
        ("TEST", "Проверка связи"),
    ],
)
def test_says_it_in_russian(code: str, words: str) -> None:
    assert event_codes.event_words(event_codes.kind_of(code), code) == words


def test_no_words_are_too_long_for_a_message() -> None:
    assert (
        max(len(event_codes.event_words(kind, code)) for code, (kind, _) in event_codes.MEANINGS.items())
        <= 60
    )


@given(st.text())
def test_any_text_becomes_some_code(text: str) -> None:
    code = event_codes.canonical_code(text)
    assert len(code) <= 16 and event_codes.canonical_code(code) == code
    assert event_codes.event_words(event_codes.kind_of(code), code)
