"""Rights as pure rules: who may be a representative and which paths each right opens."""

import pytest

from rules import Refused, days
from rules.access import representatives as rule
from tests.kit.representative_steps import OLGA

TODAY = days.parse("23.11.2026")


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("name", {"name": " "}),
        ("phone", {"phone": "+79211234567"}),
        ("phone", {"phone": "12"}),
        ("until", {"until": "22.11.2026"}),
        ("until", {"until": "24.11.2029"}),
        ("rights", {"ticked": []}),
        ("rights", {"ticked": [], "role": "own"}),
        ("rights", {"ticked": [], "role": "chief"}),
        ("rights", {"ticked": ["requests"], "role": "accountant"}),
        ("phone", {"phone": "8 800 555-35-35"}),
    ],
)
def test_refuses_what_makes_no_representative(field, changed):
    whole = {"name": "Ольга", "phone": OLGA, "until": "2026-11-23", "role": "", "ticked": ["pay"]} | changed
    with pytest.raises(Refused) as refused:
        rule.plan(**whole, today=TODAY, own="+79211234567")
    assert list(refused.value.problems) == [field]


@pytest.mark.parametrize(
    ("role", "ticked", "rights"),
    [
        ("accountant", [], ("pay",)),
        ("guard", ["events"], ("events",)),
        ("assistant", [], ("events", "pay", "requests")),
        ("own", ["requests"], ("requests",)),
        ("", ["pay", "events", "unknown"], ("events", "pay")),
    ],
)
def test_a_role_or_the_exact_list_says_which_rights(role, ticked, rights):
    assert rule.choose_rights(role, ticked) == rights


@pytest.mark.parametrize(
    "path", ["/unknown", "/autopay/new", "/settings/phone", "/staff", "/welcome", "/devices/3/end"]
)
def test_what_nobody_listed_is_closed(path):
    assert not rule.is_path_allowed(rule.RIGHTS, "GET", path)


def test_keys_may_be_looked_at_but_not_changed():
    assert rule.is_path_allowed(["events"], "GET", "/keys") and not rule.is_path_allowed(
        ["events"], "POST", "/keys/new"
    )
