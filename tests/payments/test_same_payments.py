"""«Такой платёж уже начат» is of one contract, compares the sum and not its spelling, and its link opens."""

import pytest

from tests.kit import cast
from tests.kit.paying import Till
from tests.kit.tabs import choose
from tests.payments.test_payment_templates import FIELDS


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


def pay(browser, amount, status=200):
    browser.get("/payments/operator")
    return browser.submit(amount=amount, method="card", status=status)


def test_the_same_sum_for_two_contracts_is_two_payments(enter, till):
    leto = enter(cast.LETO)
    pay(leto, "1234")
    choose(leto, 4)
    pay(leto, "1234")
    assert [row.contract_id for row in till.all()] == [3, 4]


@pytest.mark.parametrize("spelling", ["1234,00", "1 234", "1234.00"])
def test_the_same_sum_in_other_signs_is_the_same_payment_and_its_link_opens(anna, till, spelling):
    pay(anna, "1234")
    page = pay(anna, spelling, status=422)
    assert "Такой платёж уже начат" in page.text and len(till.all()) == 1
    assert anna.get(page.links()["Посмотреть, что с ним"]).path == f"/payments/{till.last().id}"
    pay(anna, "1235")
    assert len(till.all()) == 2


def test_what_was_saved_and_deleted_is_no_reason_to_ask_twice(anna):
    anna.get("/payments/police")
    place = anna.submit("/payments/police", only_save="1", name="Квартира", **FIELDS).path
    anna.get(place + "/delete")
    anna.submit(place + "/delete")
    anna.get("/payments/police")
    page = anna.submit("/payments/police", only_save="1", name="Квартира", **FIELDS)
    assert page.path.startswith("/templates/") and page.path != place
