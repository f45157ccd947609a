"""The second factor, by the clock handed in."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from rules.access.totp import hash_recovery_code, match_step, new_recovery_codes, new_secret, provisioning_uri

NOW = datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
THIS = int(NOW.timestamp()) // 30


def code(at: datetime) -> str:
    return pyotp.TOTP(SECRET).at(at)


@pytest.mark.parametrize(("late", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_one_step_early_or_late_is_forgiven(late: int, right: bool) -> None:
    assert (match_step(SECRET, code(NOW + timedelta(seconds=late)), NOW) is not None) is right


def test_a_code_is_good_once() -> None:
    assert match_step(SECRET, code(NOW), NOW) == THIS
    assert match_step(SECRET, code(NOW), NOW, last=THIS) is None
    assert (
        match_step(SECRET, code(NOW + timedelta(seconds=30)), NOW + timedelta(seconds=30), last=THIS)
        == THIS + 1
    )


def test_spaces_typed_do_not_matter() -> None:
    assert match_step(SECRET, f" {code(NOW)[:3]} {code(NOW)[3:]} ", NOW) == THIS


@pytest.mark.parametrize("typed", ["", "000000", "12345", "١٢٣٤٥٦", "abcdef", "0" * 5000])
def test_anything_else_is_wrong(typed: str) -> None:
    assert match_step(SECRET, typed, NOW) is None


def test_the_application_shows_whose_code_it_is() -> None:
    assert provisioning_uri(new_secret(), "m.petrova", "Охрана").startswith("otpauth://totp/")


def test_recovery_codes_differ_and_forgive_the_hand() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert hash_recovery_code(codes[0]) == hash_recovery_code(f" {codes[0].upper().replace('-', ' ')} ")
    assert hash_recovery_code(codes[0]) != hash_recovery_code(codes[1])
