"""A forgotten password and the choice at the first entry; what makes an own password good enough."""

import re

import pytest

from rules import Refused
from rules.access import passwords
from tests.kit import cast

PERSONAL = ["78000001", "Соколова Анна Игоревна", "+79211234567", "anna@example.ru"]


@pytest.mark.parametrize(
    "password",
    ["синий трамвай у моста", "correct horse battery", "Ж7-фонарь+пристань", " пробелы по краям важны "],
)
def test_takes_what_is_hard_to_guess(password):
    assert passwords.plan(password, PERSONAL) == password


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("короткий", "короче 12"),
        ("x" * 129, "длиннее 128"),
        ("password1234", "списках"),
        ("йцукенгшщзхъ", "соседним клавишам"),
        ("gfhjkmgfhjkm", "пробуют первым"),
        ("аааааааааааааа", "повторяет"),
        ("78000001-78000001", "легко узнать"),
        ("Соколова Анна 1", "легко узнать"),
    ],
)
def test_refuses_what_a_guesser_tries_first_with_the_reason(password, reason):
    with pytest.raises(Refused) as refused:
        passwords.plan(password, PERSONAL)
    assert reason in refused.value.problems["password"]


def recover(browser, number="78000001", status=200):
    browser.get("/recover")
    return browser.submit("/recover", number=number, status=status)


def new_password(texts):
    return re.search(r"кабинет (\S+) — ", texts("+79211234567")[-1])[1]


def sign_in(browser, password, status=200):
    browser.get("/login")
    return browser.submit("/login", number="78000001", password=password, status=status)


def test_recovery_tells_nothing_of_whom_it_concerns(visitor):
    known, unknown = recover(visitor()), recover(visitor(), "78999999")
    assert known.text == unknown.text
    assert "921" not in known.text


def test_the_old_password_works_until_the_new_one_is_used(browser, visitor, texts):
    recover(browser)
    assert sign_in(visitor(), cast.PASSWORD).path == "/"
    newcomer = visitor()
    assert sign_in(newcomer, new_password(texts)).path == "/choose"
    newcomer.submit("/choose", entry="password", password="другие слова про реку Неву")
    sign_in(visitor(), cast.PASSWORD, status=422)
    assert sign_in(visitor(), "другие слова про реку Неву").path == "/"


def test_a_password_from_an_sms_is_good_once(browser, visitor, texts):
    recover(browser)
    first, password = visitor(), new_password(texts)
    sign_in(first, password)
    first.submit("/choose", entry="sms")
    sign_in(visitor(), password, status=422)


def test_a_password_from_an_sms_lives_a_day_and_then_says_so(browser, visitor, texts, clock):
    recover(browser)
    clock.forward(hours=24, minutes=1)
    page = sign_in(visitor(), new_password(texts), status=422)
    assert "действовал сутки" in page.errors["password"]


def test_choosing_ends_the_other_sessions(anna, visitor, texts):
    recover(visitor())
    other = visitor()
    sign_in(other, new_password(texts))
    other.submit("/choose", entry="password", password="другие слова про реку Неву")
    assert anna.get("/").path == "/login"


def test_a_weak_choice_is_refused_at_its_field(visitor, texts):
    recover(visitor())
    browser = visitor()
    sign_in(browser, new_password(texts))
    page = browser.submit("/choose", entry="password", password="78000001 78000001", status=422)
    assert "легко узнать" in page.errors["password"]
    assert "78000001 78000001" not in page.source
    assert browser.submit("/choose", entry="neither", password="x", status=422).errors["entry"]
