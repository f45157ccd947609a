"""One rule of an e-mail address, wherever it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import Refused, emails
from rules.payments import payments
from rules.registry import cells

GOOD = {
    "o'neil@mail.ru": "o'neil@mail.ru",
    " anna@Mail.RU ": "anna@mail.ru",
    "a.b+c@sub.example.ru": "a.b+c@sub.example.ru",
    "maya@пример.рф": "maya@xn--e1afmkfd.xn--p1ai",
    "maya@ПРИМЕР.РФ": "maya@xn--e1afmkfd.xn--p1ai",
    "maya@example.com\u200b": "maya@example.com",
    "a@xn--e1afmkfd.xn--p1ai": "a@xn--e1afmkfd.xn--p1ai",
}
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
    "a(b)@example.com",
    ".a@b.ru",
    "a..b@c.ru",
    "почта@пример.рф",
    "a@ex_ample.ru",
    "a@127.0.0.1",
    "a@[127.0.0.1]",
    "a@пример.рф@b.ru",
    "a" * 65 + "@b.ru",
    "a@" + "b." * 130 + "ru",
    "a@" + "я" * 64 + ".рф",
    "",
    "\u200b@\u200b",
]


@pytest.mark.parametrize("typed", GOOD)
def test_one_address_is_taken_by_settings_by_paying_and_by_the_registry(typed):
    assert emails.parse(typed) == payments.read_contact(typed) == cells.email(typed) == GOOD[typed]


@pytest.mark.parametrize("typed", [one for one in BAD if one])
def test_what_is_no_address_is_refused_by_all_three(typed):
    for read in (emails.parse, payments.read_contact, cells.email):
        with pytest.raises(Refused):
            read(typed)


def test_an_address_is_shown_as_its_owner_writes_it():
    kept = emails.parse("maya@пример.рф")
    assert (
        emails.format_address(kept) == "maya@пример.рф" and emails.parse(emails.format_address(kept)) == kept
    )
    assert emails.format_address("anna@mail.ru") == "anna@mail.ru" and emails.format_address(None) == ""
    assert emails.format_address("a@xn--.ru") == "a@xn--.ru"


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_is_taken_smtp_can_carry_and_is_taken_again(name, domain):
    try:
        kept = emails.parse(f"{name}@{domain}")
    except Refused:
        return
    assert kept.isascii() and kept.isprintable() and " " not in kept and kept.count("@") == 1
    assert emails.parse(kept) == kept
