"""What adding a key number leads to."""

from datetime import UTC, datetime, timedelta

import pytest

from rules import Refused
from rules.keys import FOREIGN, VERIFIED, WAITING, Facts, masked, may_prove, named, number, plan, proved, user_number

MINE, OTHER = 1, 2
TRIED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

OUTCOMES = [
    (Facts(MINE, MINE), VERIFIED, "the registry says so"),
    (Facts(MINE, MINE, tries=4), VERIFIED, "the fifth try is still a try"),
    (Facts(MINE, OTHER), FOREIGN, "the registry names another contract"),
    (Facts(MINE, None, frozenset({OTHER})), FOREIGN, "another contract proved it"),
    (Facts(MINE, MINE, frozenset({OTHER})), VERIFIED, "the registry outweighs an older proof"),
    (Facts(MINE, None), WAITING, "nobody knows it"),
]

REFUSED = [
    (Facts(MINE, MINE, frozenset({MINE})), "уже добавлен"),
    (Facts(MINE, None, waits=True), "ждёт проверки"),
    (Facts(MINE, MINE, tries=5), "завтра"),
    (Facts(MINE, OTHER, tries=5), "завтра"),
]


@pytest.mark.parametrize(("facts", "outcome", "why"), OUTCOMES, ids=[row[2] for row in OUTCOMES])
def test_a_number_leads_to(facts: Facts, outcome: str, why: str) -> None:
    assert plan("1042", "дача", facts).outcome == outcome


@pytest.mark.parametrize(("facts", "said"), REFUSED)
def test_a_try_is_refused(facts: Facts, said: str) -> None:
    with pytest.raises(Refused, match=said):
        plan("1042", "", facts)


def test_a_foreign_number_is_answered_like_an_unknown_one() -> None:
    foreign, unknown = plan("1042", "", Facts(MINE, OTHER)), plan("1042", "", Facts(MINE, None))
    assert foreign.at_once is unknown.at_once is False
    now = TRIED + timedelta(minutes=3)
    assert may_prove(foreign.outcome, TRIED, now) == may_prove(unknown.outcome, TRIED, now)


NUMBERS = [
    ("1042", "1042"),
    (" 10 42 ", "1042"),
    ("№ 0010-42", "001042"),
    ("1A2F", "1A2F"),
    ("1а2с", "1A2C"),
    ("10\u00a0042", "10042"),
]


@pytest.mark.parametrize(("typed", "kept"), NUMBERS)
def test_a_number_is_kept_as_the_station_writes_it(typed: str, kept: str) -> None:
    assert number(typed) == kept


@pytest.mark.parametrize("typed", ["", "  ", "12", "1" * 17, "12X4", "дача", "١٢٣٤", "1042; drop", "1042\x00"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        number(typed)
    assert "отдел" in refused.value.problems["number"]


def test_a_mask_tells_neither_the_number_nor_its_length() -> None:
    assert masked("1042") == "•••42" and masked("00001042") == "•••42"


PROOFS = [
    (WAITING, [("arm", 3)], 3, "armed within ten minutes"),
    (WAITING, [("disarm", 10)], 10, "at the last second"),
    (WAITING, [("disarm", 10.1)], None, "too late"),
    (WAITING, [("arm", -1)], None, "before the number was typed"),
    (WAITING, [("alarm", 3), ("test", 4), ("restore", 5)], None, "an alarm may be anybody's"),
    (WAITING, [("disarm", 5), ("arm", 2)], 2, "out of order"),
    (FOREIGN, [("arm", 3)], None, "its owner came home: that proves nothing"),
    (WAITING, [], None, "nothing came"),
]


@pytest.mark.parametrize(("outcome", "events", "at", "why"), PROOFS, ids=[row[3] for row in PROOFS])
def test_a_real_arm_or_disarm_proves(outcome: str, events: list, at: float | None, why: str) -> None:
    seen = [(kind, TRIED + timedelta(minutes=minutes)) for kind, minutes in events]
    assert proved(outcome, TRIED, seen) == (None if at is None else TRIED + timedelta(minutes=at))


def test_a_rival_claim_leaves_it_to_the_desk() -> None:
    assert proved(WAITING, TRIED, [("arm", TRIED)], rivals=1) is None


def test_names_are_one_short_line() -> None:
    assert named("  наша\n дача ") == "наша дача" and named("") == ""
    with pytest.raises(Refused, match="40"):
        named("я" * 41)


@pytest.mark.parametrize("typed", ["", "0", "1000", "-1", "два", "١"])
def test_a_user_number_is_small(typed: str) -> None:
    with pytest.raises(Refused, match="999"):
        user_number(typed)


def test_a_user_number_is_read() -> None:
    assert user_number(" 003 ") == "3"
