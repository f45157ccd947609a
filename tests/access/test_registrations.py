"""Registration: the phone must be the contract's, consent is given apart, the password comes by SMS, the
e-mail by a link.
"""

import re

from sqlmodel import select

from db.access.acceptances import Acceptance
from tests.kit import cast

PHONE = "+79215550055"


def register(browser, number="78 000 005", phone="8 921 555 00 55", email="Vera@Example.ru"):
    browser.get("/register")
    return browser.submit("/register", number=number, phone=phone, email=email)


def enter(browser, password):
    """By the password from the SMS, past the consent."""
    browser.get("/login")
    browser.submit("/login", number="78000005", password=password)
    return browser.submit("/consent", consent="yes")


def password_in(texts):
    return re.search(r"кабинет (\S+) — ", next(text for text in reversed(texts(PHONE)) if "пароль" in text))[
        1
    ]


def test_a_password_comes_by_sms_and_leads_to_the_choice(browser, texts):
    register(browser)
    password = password_in(texts)
    assert re.fullmatch(r"[a-hj-km-np-z2-9]{10}", password)
    assert enter(browser, password).path == "/choose"
    assert browser.get("/").path == "/choose", "nothing else opens before the choice"


def test_registering_agrees_to_nothing_in_the_persons_name(browser, db, texts):
    """Number and phone are known to neighbours: who fills the form in is nobody yet."""
    before = len(db.exec(select(Acceptance)).all())
    register(browser)
    db.rollback()
    assert texts(PHONE) and len(db.exec(select(Acceptance)).all()) == before


def test_a_password_in_the_sms_touches_nothing_but_spaces(browser, texts):
    register(browser)
    assert re.search(r"кабинет [a-hj-km-np-z2-9]{10} — действует сутки", texts(PHONE)[0])
    assert texts(PHONE)[0].startswith("Росохрана Телеком: ")


def test_a_wrong_phone_and_an_unknown_contract_are_answered_alike(visitor, texts):
    wrong, unknown, right = visitor(), visitor(), visitor()
    pages = [register(wrong, phone="+79210000001"), register(unknown, number="78999999"), register(right)]
    assert len({page.text for page in pages}) == 1
    assert len({page.path for page in pages}) == 1
    assert len([text for text in texts() if "пароль" in text]) == 1


def test_each_field_says_what_is_wrong_and_keeps_what_was_typed(browser):
    browser.get("/register")
    page = browser.submit("/register", number="77 000 005", phone="12345", email="vera", status=422)
    assert set(page.errors) == {"number", "phone", "email"}
    assert page.one("#f-phone").get("value") == "12345"
    assert page.one("#f-email").get("value") == "vera"


def test_arabic_digits_are_no_phone(browser):
    browser.get("/register")
    page = browser.submit(
        "/register", number="78000005", phone="٨٩٢١٥٥٥٠٠٥٥", email="v@example.ru", status=422
    )
    assert "phone" in page.errors


def test_a_form_sent_twice_sends_one_password(browser, texts):
    browser.get("/register")
    form = dict(browser.page.form("/register").form_values()) | {
        "number": "78000005",
        "phone": PHONE,
        "email": "v@example.ru",
    }
    for _ in range(2):
        assert browser.client.post("/register", data=form).status_code == 200
    assert len([text for text in texts() if "пароль" in text]) == 1


def test_tries_that_send_nothing_are_limited_by_the_address(browser, visitor, settings, texts):
    settings.registrations_from_address = 5
    for n in range(5):
        register(browser, number=f"7899990{n}")
    browser.get("/register")
    page = browser.submit("/register", number="78000005", phone=PHONE, email="v@example.ru", status=429)
    assert int(page.response.headers["retry-after"]) > 0 and "Следующий — в 13:00" in page.text
    assert texts() == []


def first_entry(browser, texts, **fields):
    """From the registration to the choice, an own password chosen; the page that answered it."""
    register(browser)
    enter(browser, password_in(texts))
    return browser.submit("/choose", entry="password", password=cast.PASSWORD, **fields)


def test_no_letter_goes_before_the_first_entry_and_its_address_is_shown_there(browser, texts, db):
    """Number and phone are known to neighbours: an address they typed must not be confirmed behind the
    owner's back.
    """
    register(browser, email="thief@example.ru")
    assert texts(to="thief@example.ru") == []
    page = enter(browser, password_in(texts))
    assert page.one("#f-email").get("value") == "thief@example.ru"
    browser.submit("/choose", entry="password", password=cast.PASSWORD, email="Vera@example.ru")
    assert texts(to="thief@example.ru") == [] and "/email/" in texts(to="Vera@example.ru")[-1]


def test_the_first_entry_goes_on_without_an_address_and_refuses_half_of_one(browser, texts):
    page = first_entry(browser, texts, email="vera", status=422)
    assert list(page.errors) == ["email"]
    assert browser.submit("/choose", entry="sms", email="").path == "/"
    assert not [text for text in texts() if "/email/" in text]


def link_in(texts):
    return re.search(r"http://\S+(/email/\S+)", "\n".join(texts("Vera@example.ru")))[1]


def test_an_email_becomes_the_subscribers_once_its_link_is_opened(browser, texts, db):
    from db.people import contracts

    first_entry(browser, texts)
    browser.get(link_in(texts))
    assert contracts.find_by_number(db, cast.VERA)[1].email == "p-5@example.ru", (
        "opening alone confirms nothing"
    )
    browser.submit(link_in(texts))
    db.rollback()
    vera = contracts.find_by_number(db, cast.VERA)[1]
    assert vera.email == "Vera@example.ru" and vera.email_confirmed_at


def test_a_used_or_forged_or_old_link_says_so(browser, texts, clock):
    first_entry(browser, texts)
    link = link_in(texts)
    browser.get(link)
    browser.submit(link)
    assert "больше не действует" in browser.get(link).heading
    assert "больше не действует" in browser.get(link + "x").heading


def test_the_link_names_nobody(browser, texts):
    import base64

    first_entry(browser, texts)
    body = link_in(texts).removeprefix("/email/").split(".")[0]
    assert b"example" not in base64.urlsafe_b64decode(body + "==")


def test_who_has_a_cabinet_does_not_get_another_address_by_registering_again(browser, texts, db):
    """Number and phone of a contract are known to neighbours; the letter with the link must not go where they
    say.
    """
    from db.people import contracts

    register(browser, number="78 000 001", phone="8 921 123-45-67", email="thief@example.ru")
    assert texts(to="thief@example.ru") == []
    assert contracts.find_by_number(db, cast.ANNA)[1].email_asked is None
