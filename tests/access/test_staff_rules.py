"""Who at the desk may do what."""

import pytest

from rules import Refused
from rules.access.staff import RIGHTS, ROLES, may, may_decide, parse_login


def test_the_table_names_every_role_and_no_other() -> None:
    assert set().union(*RIGHTS.values()) == set(ROLES)


def test_every_act_is_somebodys() -> None:
    assert all(RIGHTS.values())


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        ("manager", {"look", "answer", "decide", "decide_money", "override", "keys", "notices", "canned"}),
        ("accountant", {"look", "answer", "decide_money", "correct"}),
        ("engineer", {"keys", "work"}),
        ("admin", set(RIGHTS)),
        ("nobody", set()),
        (None, set()),
    ],
)
def test_a_role_may_do_its_own_and_nothing_else(role: str | None, acts: set[str]) -> None:
    assert {act for act in RIGHTS if may(role, act)} == acts


def test_an_accountant_decides_money_only() -> None:
    assert may_decide("accountant", "refund") and not may_decide("accountant", "terminate")
    assert may_decide("manager", "terminate") and not may_decide("engineer", "refund")


def test_an_unknown_act_is_a_mistake_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        may("admin", "fly")


@pytest.mark.parametrize(
    "text", ["", "a", "Мария", "maria petrova", "1maria", "m" * 33, "-maria", "maria\n;"]
)
def test_refuses_a_login_hard_to_type(text: str) -> None:
    with pytest.raises(Refused):
        parse_login(text)


def test_a_login_is_kept_in_small_letters() -> None:
    assert parse_login(" M.Petrova ") == "m.petrova"
