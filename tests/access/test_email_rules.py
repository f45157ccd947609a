"""One rule of an e-mail address, wherever it is typed."""

import pytest

from rules import Refused, emails
from rules.payments import payments
from rules.registry import cells

GOOD = [
    "o'neil@mail.ru",
    " Anna@Mail.RU ",
    "a.b+c@sub.example.ru",
    "почта@пример.рф",
    "a@xn--e1afmkfd.xn--p1ai",
]
BAD = [
    "a@b",
    "a@@b.ru",
    "a b@c.ru",
    "a@b..ru",
    "a@-b.ru",
    "a@b.r",
    "a,b@c.ru",
    "<a@b.ru>",
    "a@b.ru;c@d.ru",
    "mailto:a@b.ru",
    "a" * 65 + "@b.ru",
    "a@" + "b." * 130 + "ru",
]


@pytest.mark.parametrize("typed", GOOD)
def test_one_address_is_taken_by_settings_by_paying_and_by_the_registry(typed):
    name, _, domain = typed.strip().rpartition("@")
    right = f"{name}@{domain.lower()}"
    assert (
        emails.parse(typed) == payments.read_contact(typed) == right and cells.email(typed) == right.lower()
    )


@pytest.mark.parametrize("typed", BAD)
def test_what_is_no_address_is_refused_by_all_three(typed):
    for read in (emails.parse, payments.read_contact, cells.email):
        with pytest.raises(Refused):
            read(typed)
