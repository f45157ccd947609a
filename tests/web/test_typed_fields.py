"""What people type and paste, over HTTP: understood at every door, and refused where nothing can be seen."""

import re
import unicodedata
from pathlib import Path

import pytest

from db.access import passwords
from db.people import contracts
from tests.access.test_passwords import new_password, recover, sign_in
from tests.kit import cast
from tests.kit.requests import ACCOUNT, PASSPORT, fill, number_of, send, the
from tests.people.test_settings import confirm
from web.request_forms import PASSWORDS

NFD = unicodedata.normalize("NFD", cast.PASSWORD)


def test_every_field_of_a_password_is_kept_to_the_letter():
    pages = (page.read_text() for page in Path("partials").rglob("*.html"))
    named = {name for page in pages for name in re.findall(r'field\(\s*"(\w+)"[^{]*?type="password"', page)}
    assert named == PASSWORDS and NFD != cast.PASSWORD


def test_a_password_typed_in_pieces_opens_as_the_whole_one(browser):
    assert sign_in(browser, NFD).path == "/"


@pytest.mark.parametrize("typed", [NFD, cast.PASSWORD])
def test_a_password_an_earlier_release_kept_in_pieces_opens_typed_either_way(browser, write, typed):
    with write() as db:
        owner = contracts.find_by_number(db, cast.ANNA)[1]
        owner.password_hash = passwords._hasher.hash(NFD)
        db.add(owner)
    assert sign_in(browser, typed).path == "/"


def test_the_edges_of_an_own_password_are_meant(browser):
    assert "password" in sign_in(browser, f"{cast.PASSWORD} ", status=422).errors


@pytest.mark.parametrize("shape", ["{0} ", "{0}.", " {0}\u200b", "{1}", "{1}.", "{2}"])
def test_the_password_from_our_sms_is_read_as_a_phone_types_it(browser, visitor, texts, shape):
    recover(browser)
    sent = new_password(texts)
    typed = shape.format(sent, sent.upper(), " ".join((sent[:5], sent[5:])))
    assert sign_in(visitor(), typed).path == "/choose"


@pytest.mark.parametrize("typed", ["78\u200b000001", "78\u2011000\u2011001", "№\u00a078\u2212000\u2013001 "])
def test_a_contract_s_number_is_understood(browser, typed):
    browser.get("/login")
    assert browser.submit("/login", number=typed, password=cast.PASSWORD).path == "/"


@pytest.mark.parametrize(
    "text", ["\u200b" * 12, "\u3164" * 12, " \ufeff\n\u00ad\u2060 " * 6, "\u200e\u200f" * 6]
)
def test_a_letter_of_invisible_signs_is_empty(anna, text):
    assert "text" in fill(anna, "letter", status=422, text=text).errors


def test_a_letter_keeps_its_letters_and_pictures(anna, db):
    typed = "Пост\u0301авка сломалась \u200b👨‍👩‍👧 ❤️"
    request = the(db, number_of(send(anna, "letter", text=typed)))
    assert request.payload["text"] == "По\u0441\u0442\u0301авка сломалась 👨‍👩‍👧 ❤️"


def test_text_beside_files_is_cleaned_too(anna, db):
    files = [("files", ("a.png", PASSPORT[0][1][1], "image/png"))]
    request = the(
        db, number_of(send(anna, "letter", files, text="Не работает\u200b ключ\u202e\r\nвторой день"))
    )
    assert request.payload["text"] == "Не работает ключ\nвторой день"


def test_filters_in_an_address_are_read_like_fields(anna):
    page = anna.get("/statement?from=1.11.26%E2%80%8B&to=22%E2%80%9111%E2%80%912026")
    assert not page.errors
    assert [page.one(f"[name={name}]").get("value") for name in ("from", "to")] == [
        "2026-11-01",
        "2026-11-22",
    ]


@pytest.mark.parametrize("typed", ["1500 руб", "1500 рублей", "1\u202f500,00 ₽", "1500\u200b"])
def test_a_sum_is_understood(anna, typed):
    anna.get("/payments/operator")
    page = anna.submit(amount=typed, contact="anna@example.ru")
    assert page.path.startswith("/bank/pay/") and "1 500,00" in page.text


@pytest.mark.parametrize("typed", ["-1500", "1500-", "(1500)", "1500− руб"])
def test_a_sum_below_zero_is_refused_with_a_sentence(anna, typed):
    anna.get("/payments/operator")
    page = anna.submit(amount=typed, contact="anna@example.ru", status=422)
    assert "без минуса" in page.errors["amount"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("maya@пример.рф", "maya@xn--e1afmkfd.xn--p1ai"), ("maya@example.com\u200b", "maya@example.com")],
)
def test_an_address_is_asked_in_what_smtp_carries(anna, write, clock, db, typed, kept):
    confirm(write, clock)
    anna.get("/settings/email")
    page = anna.submit(email=typed)
    db.rollback()
    assert contracts.find_by_number(db, cast.ANNA)[1].email_asked == kept
    assert typed.rstrip("\u200b") in page.text


@pytest.mark.parametrize("typed", ["mailto:maya@example.com", "a(b)@example.com"])
def test_what_smtp_does_not_carry_is_refused_by_settings_and_by_paying(anna, write, clock, typed):
    confirm(write, clock)
    anna.get("/settings/email")
    assert "email" in anna.submit(email=typed, status=422).errors
    anna.get("/payments/operator")
    assert "contact" in anna.submit(amount="100", contact=typed, status=422).errors


@pytest.mark.parametrize(
    "change",
    [
        {"recipient": "ТСЖ «Дом № 5»"},
        {"recipient": 'ООО "А+Б"'},
        {"recipient": "Соколова\u2011Ким Анна"},
        {"bic": "014030106", "account": "03224643400000007200"},
        {"bic": "014 030 106", "account": "0322\u20114643 4000 0000 7200"},
        {"bic": "049805746", "account": "40602810700000000025"},
    ],
)
def test_a_refund_is_taken_to_whoever_has_an_account(anna, change):
    assert (
        fill(anna, "refund", PASSPORT, amount="100,00 ₽", **ACCOUNT | change).heading
        == "Проверьте и отправьте"
    )
