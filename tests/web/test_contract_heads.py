"""Contract and address stand on the head of each form of a contract, on its review and on its result."""

import pytest

from tests.kit import cast
from tests.kit.paying import Till
from tests.kit.requests import letter
from tests.kit.tabs import choose
from tests.test_routes import KNOWN

# What belongs to the person and not to a contract; home shows the contract in a card of its own.
OF_THE_PERSON = ("/settings", "/devices", "/confirm", "/choose", "/consent", "/notices")
FORMS = sorted(
    path
    for method, path in (line.split() for line, who in KNOWN.items() if who == "subscriber")
    if method == "GET" and "{" not in path and path != "/" and not path.startswith(OF_THE_PERSON)
)
LETO_TOO = "Договор 78 000 004, Пушкин, ул. Садовая, д. 7"


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


@pytest.fixture
def leto(enter):
    browser = enter(cast.LETO)
    choose(browser, 4)
    return browser


def head(page) -> str:
    return " ".join(page.one("main .of").text_content().split())


def test_each_page_with_a_form_of_a_contract_names_it(leto):
    checked = 0
    for path in FORMS:
        answer = leto.client.get(path, follow_redirects=False)
        if "text/html" not in answer.headers.get("content-type", "") or answer.status_code != 200:
            continue
        page = leto.get(path)
        if page.tree.cssselect("main form[method=post]"):
            checked += 1
            assert head(page) == LETO_TOO, path
    assert checked >= 3


@pytest.mark.parametrize("kind", ["letter", "suspend", "refund", "surname", "sms_on", "terminate"])
def test_forms_of_requests_name_it(leto, kind):
    assert head(leto.get(f"/requests/new/{kind}")) == LETO_TOO


def test_the_review_the_result_and_the_request_name_it(leto):
    leto.get("/requests/new/letter")
    assert head(leto.submit(text="Позвоните мне вечером, пожалуйста.")) == LETO_TOO
    result = leto.submit()
    assert "отправлено" in result.heading and head(result) == LETO_TOO


def test_a_request_of_the_other_contract_names_its_own(enter, leto):
    other = enter(cast.LETO)
    number = letter(other)
    for path in (f"/inbox/{number}", f"/inbox/{number}/withdraw"):
        assert head(leto.get(path)).startswith("Договор 78 000 003, Санкт-Петербург")


def test_a_payment_names_it(leto, till):
    leto.get("/payments/operator")
    leto.submit(amount="100", method="card")
    assert head(leto.get(f"/payments/{till.last().id}")) == LETO_TOO


def test_who_has_one_contract_sees_it_too(anna):
    page = anna.get("/requests/new/letter")
    assert head(page) == "Договор 78 000 001, Санкт-Петербург, Лиговский пр., д. 50, кв. 12"
