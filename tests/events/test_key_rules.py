"""What adding a key number leads to."""

from datetime import UTC, datetime, timedelta

import pytest

from rules import Refused
from rules.events.keys import (
    FOREIGN,
    SEQUENCES,
    VERIFIED,
    WAITING,
    KeyFacts,
    check_challenge,
    clean_name,
    mask,
    parse_number,
    parse_user_number,
    plan,
    proved_at,
)

MINE, OTHER = 1, 2
TRIED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

OUTCOMES = [
    (KeyFacts(MINE, MINE), VERIFIED, "the registry says so"),
    (KeyFacts(MINE, MINE, tries=4), VERIFIED, "the fifth try is still a try"),
    (KeyFacts(MINE, OTHER), FOREIGN, "the registry names another contract"),
    (KeyFacts(MINE, None, frozenset({OTHER})), FOREIGN, "another contract proved it"),
    (KeyFacts(MINE, MINE, frozenset({OTHER})), VERIFIED, "the registry outweighs an older proof"),
    (KeyFacts(MINE, None), WAITING, "nobody knows it"),
]

REFUSED = [
    (KeyFacts(MINE, MINE, frozenset({MINE})), "уже добавлен"),
    (KeyFacts(MINE, None, is_waiting=True), "ждёт проверки"),
    (KeyFacts(MINE, MINE, tries=5), "завтра"),
    (KeyFacts(MINE, OTHER, tries=5), "завтра"),
]


@pytest.mark.parametrize(("facts", "outcome", "why"), OUTCOMES, ids=[row[2] for row in OUTCOMES])
def test_a_number_leads_to(facts: KeyFacts, outcome: str, why: str) -> None:
    assert plan("1042", "дача", facts).outcome == outcome


@pytest.mark.parametrize(("facts", "problem"), REFUSED)
def test_a_try_is_refused(facts: KeyFacts, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        plan("1042", "", facts)


def test_a_foreign_number_is_answered_like_an_unknown_one() -> None:
    foreign, unknown = plan("1042", "", KeyFacts(MINE, OTHER)), plan("1042", "", KeyFacts(MINE, None))
    assert foreign.at_once is unknown.at_once is False


NUMBERS = [
    ("1042", "1042"),
    (" 10 42 ", "1042"),
    ("№ 0010-42", "001042"),
    ("1A2F", "1A2F"),
    ("1а2с", "1A2C"),
    ("10\u00a0042", "10042"),
]


@pytest.mark.parametrize(("typed", "canonical"), NUMBERS)
def test_a_number_is_kept_as_the_station_writes_it(typed: str, canonical: str) -> None:
    assert parse_number(typed) == canonical


@pytest.mark.parametrize("typed", ["", "  ", "12", "1" * 17, "12X4", "дача", "١٢٣٤", "1042; drop"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_number(typed)
    assert "отдел" in refused.value.problems["number"]


def test_a_mask_tells_neither_the_number_nor_its_length() -> None:
    assert mask("1042") == "•••42" and mask("00001042") == "•••42"


ARM_FIRST, DISARM_FIRST = SEQUENCES
PROOFS = [
    (ARM_FIRST, "arm 1, disarm 2, arm 3", 3, "as told"),
    (ARM_FIRST, "arm 1, disarm 2, arm 5", 5, "at the last second"),
    (DISARM_FIRST, "disarm 1, arm 2, disarm 3", 3, "the other order"),
    (ARM_FIRST, "disarm 0.5, arm 1, disarm 2, arm 3", 3, "the site was armed, so it was disarmed first"),
    (ARM_FIRST, "arm 1, test 1.5, disarm 2, fault 2.5, arm 3", 3, "a test and a fault are nobody's doing"),
    (ARM_FIRST, "disarm 3", None, "its true owner came home"),
    (ARM_FIRST, "arm 1", None, "its true owner went out"),
    (ARM_FIRST, "disarm 1, arm 2", None, "came home and went out again"),
    (ARM_FIRST, "disarm 1, arm 2, disarm 3", None, "the other order than we told"),
    (DISARM_FIRST, "arm 1, disarm 2, arm 3", None, "the other order than we told, the other way round"),
    (ARM_FIRST, "arm 1, disarm 2, disarm 2.5, arm 3", None, "something between"),
    (ARM_FIRST, "arm 1, disarm 2, arm 5.1", None, "too late"),
    (ARM_FIRST, "arm -1, disarm 1, arm 2", None, "begun before we told"),
    (ARM_FIRST, "arm 1, arm 2, arm 3", None, "no disarm at all"),
    (ARM_FIRST, "alarm 1, restore 2, test 3", None, "an alarm may be anybody's"),
    (ARM_FIRST, "", None, "nothing came"),
]


def at_panel(orders: str) -> list:
    pairs = [one.split() for one in orders.split(", ") if one]
    return [(kind, TRIED + timedelta(minutes=float(minutes))) for kind, minutes in pairs]


@pytest.mark.parametrize(("sequence", "orders", "at", "why"), PROOFS, ids=[row[3] for row in PROOFS])
def test_only_what_we_told_in_our_order_proves(
    sequence: tuple, orders: str, at: float | None, why: str
) -> None:
    assert proved_at(WAITING, TRIED, sequence, at_panel(orders)) == (
        None if at is None else TRIED + timedelta(minutes=at)
    )


def test_a_foreign_number_is_never_proved_and_a_rival_claim_leaves_it_to_the_desk() -> None:
    done = at_panel("arm 1, disarm 2, arm 3")
    assert proved_at(WAITING, TRIED, ARM_FIRST, done)
    assert proved_at(FOREIGN, TRIED, ARM_FIRST, done) is None
    assert proved_at(WAITING, TRIED, ARM_FIRST, done, rivals=1) is None


def test_days_of_ordinary_life_prove_neither_order() -> None:
    """Out in the morning and home in the evening, with a child home at noon: whenever the check begins."""
    week = [
        (kind, day * 1440 + minute)
        for day in range(7)
        for kind, minute in (("arm", 500), ("disarm", 760), ("arm", 790), ("disarm", 1120))
    ]
    events = [(kind, TRIED + timedelta(minutes=minute)) for kind, minute in week]
    starts = [TRIED + timedelta(minutes=minute - 1) for _, minute in week]
    assert not [
        start for start in starts for sequence in SEQUENCES if proved_at(WAITING, start, sequence, events)
    ]


def test_five_checks_a_day() -> None:
    check_challenge(4)
    with pytest.raises(Refused, match="завтра"):
        check_challenge(5)


def test_names_are_one_short_line() -> None:
    assert clean_name("  наша\n дача ") == "наша дача" and clean_name("") == ""
    with pytest.raises(Refused, match="40"):
        clean_name("я" * 41)


@pytest.mark.parametrize("typed", ["", "0", "1000", "-1", "два", "١"])
def test_a_user_number_is_small(typed: str) -> None:
    with pytest.raises(Refused, match="999"):
        parse_user_number(typed)


def test_a_user_number_is_read() -> None:
    assert parse_user_number(" 003 ") == "3"
