"""A form says whose it is and of which contract; when something else is chosen it is refused, what was typed
stays, and nothing is written.
"""

import pytest
from sqlmodel import select

from db.journal import Note
from db.payments.payments import Payment
from db.requests.requests import Request
from tests.kit import cast
from tests.kit.tabs import choose, other_tab, sign_in_again, stored_rows

TEXT = "Прошу перезвонить мне вечером."


@pytest.fixture
def leto(enter):
    """Two contracts: the first is chosen."""
    return enter(cast.LETO)


def refused_letter(browser):
    """A letter written for the first contract and sent after the second was chosen in another tab."""
    browser.get("/requests/new/letter")
    choose(other_tab(browser), 4)
    return browser.submit(text=TEXT, status=409)


def test_a_form_of_another_contract_is_refused_and_both_are_named(leto, db):
    leto.get("/requests/new/letter")
    choose(other_tab(leto), 4)
    before = stored_rows(db)
    page = leto.submit(text=TEXT, status=409)
    assert "Форма открыта для договора 78 000 003, сейчас выбран 78 000 004." in page.text
    assert TEXT in page.text and stored_rows(db) == before


def test_goes_on_with_the_contract_of_the_form(leto, db):
    refused_letter(leto)
    page = leto.submit("/requests/new/letter", _fill="3")
    assert page.one("[name=text]").text.strip() == TEXT and "договор 78 000 003" in page.text
    leto.submit(text=TEXT)
    assert "Проверьте" in leto.page.text
    assert (
        db.exec(select(Note).where(Note.verb == "home.switch").order_by(Note.id)).all()[-1].contract_id == 3
    )


def test_goes_on_with_the_contract_chosen_now(leto):
    refused_letter(leto)
    page = leto.submit("/requests/new/letter", _fill="")
    assert page.one("[name=text]").text.strip() == TEXT and "договор 78 000 004" in page.text


def test_a_form_may_be_filled_again_but_never_for_a_strangers_contract(leto):
    refused_letter(leto)
    page = leto.submit("/requests/new/letter", _fill="1")
    assert "договор 78 000 004" in page.text and "78 000 001" not in page.text


def test_money_is_not_paid_for_the_contract_chosen_meanwhile(leto, db):
    leto.get("/payments/operator")
    choose(other_tab(leto), 4)
    page = leto.submit(amount="1234", method="card", status=409)
    assert not db.exec(select(Payment)).all()
    page = leto.submit("/payments/operator", _fill="3")
    assert page.one("[name=amount]").get("value") == "1234"


def test_a_form_without_a_page_of_its_own_leads_to_the_page_it_stood_on(leto):
    leto.get("/")
    data = dict(leto.page.form("/logout").form_values())
    choose(other_tab(leto), 4)
    answer = leto.client.post("/welcome", data=data, headers={"referer": "http://testserver.local/inbox"})
    page = leto._shown(answer, 409)
    assert not page.tree.cssselect("[name=_fill]")
    form = page.one("main form")
    assert form.get("action") == "/contracts/current" and form.fields["next"] == "/inbox"
    leto.client.post("/contracts/current", data=dict(form.form_values()) | {"contract": "3"})
    assert "договор 78 000 003" in leto.get("/inbox").text


def test_the_switcher_of_contracts_works_from_any_tab(leto):
    leto.get("/")
    choose(other_tab(leto), 4)
    leto.submit("/contracts/current", contract="3")
    assert "договор 78 000 003" in leto.page.text


def test_a_form_of_another_person_is_refused_without_a_word_about_them(enter, db):
    anna = enter(cast.ANNA)
    anna.get("/requests/new/letter")
    sign_in_again(anna, enter(cast.BORIS))
    page = anna.submit(text=TEXT, status=409)
    assert "Форма открыта другим абонентом" in page.text and TEXT in page.text
    assert "Соколова" not in page.text and "78 000 001" not in page.text
    assert not db.exec(select(Request)).all()


def test_a_form_from_before_the_same_person_signed_in_again_keeps_its_text(visitor):
    tab = visitor()
    tab.get("/login")
    tab.submit(number=str(cast.ANNA), password=cast.PASSWORD)
    tab.get("/requests/new/letter")
    other = other_tab(tab)
    other.get("/")
    other.submit("/logout")
    other.get("/login")
    other.submit(number=str(cast.ANNA), password=cast.PASSWORD)
    page = tab.submit(text=TEXT, status=409)
    assert "Вы вошли заново" in page.text
    page = tab.submit("/requests/new/letter", _fill="")
    assert page.one("[name=text]").text.strip() == TEXT
    tab.submit(text=TEXT, status=200)


def test_each_sign_in_gives_a_new_csrf_token(visitor):
    tab = visitor()
    name, before = token(tab)
    tab.submit(number=str(cast.ANNA), password=cast.PASSWORD)
    assert token(tab)[0] == name and token(tab)[1] != before
    desk = visitor()
    before = token(desk)[1]
    desk.get("/staff/login")
    desk.submit(login="maria", password=cast.PASSWORD)
    assert token(desk)[1] != before


def token(browser):
    browser.get("/login")
    return next((n, v) for n, v in browser.client.cookies.items() if n.startswith("csrf-"))


def test_a_form_without_the_field_is_refused_where_there_are_several_contracts(leto, anna):
    for browser, status in ((leto, 409), (anna, 200)):
        browser.get("/requests/new/letter")
        page = browser.submit(text=TEXT, _for=None, status=status)
        assert TEXT in page.source
    assert "Страница с формой не сказала, для какого она договора" in leto.page.text


def test_a_field_that_is_not_signed_by_us_says_nothing(leto):
    leto.get("/requests/new/letter")
    good = leto.page.form().fields["_for"]
    for wrong in ("s3.4." + good.rpartition(".")[2], "s3.3", "ё", "....", good + "x"):
        leto.get("/requests/new/letter")
        assert "не сказала" in leto.submit(text=TEXT, _for=wrong, status=409).text


def test_no_password_and_no_code_comes_back_on_the_page(leto):
    leto.get("/settings/password")
    choose(other_tab(leto), 4)
    page = leto.submit(current="старый секрет", password="новый секрет трамвая", status=409)
    assert "секрет" not in page.source


def test_htmx_gets_the_whole_page_in_place_of_its_frame(leto):
    leto.get("/requests/new/letter")
    data = dict(leto.page.form().form_values())
    choose(other_tab(leto), 4)
    headers = {"hx-request": "true", "hx-boosted": "true"}
    answer = leto.client.post("/requests/new/letter", data=data | {"text": TEXT}, headers=headers)
    assert answer.status_code == 409 and answer.headers["hx-retarget"] == "body"
    assert "<body" in answer.text and TEXT in answer.text


def test_a_page_of_a_request_of_the_other_contract_is_of_the_contract_chosen_now(leto):
    leto.get("/inbox")
    assert leto.page.one("[action='/logout'] [name=_for]").get("value").startswith("s3.3.")
    choose(leto, 4)
    assert leto.page.one("[action='/logout'] [name=_for]").get("value").startswith("s3.4.")
