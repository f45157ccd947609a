"""The sandbox bank's own pages: a page to pay on, and v3 over HTTP for any client."""

import sqlite3
import threading

import pytest

from gateways.sandbox.bank import SandboxBank
from tests.kit.paying import Till


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


def test_its_page_is_the_banks_not_ours(anna, till):
    page = till.begin(anna)
    assert page.heading.startswith("Оплата") and "Песочный банк" in page.text
    assert not page.tree.cssselect("nav")


def test_pressing_twice_decides_once(anna, till):
    till.begin(anna)
    page = anna.page
    till.pay(anna, choice="refuse")
    anna.page = page
    assert "отменён" in till.pay(anna).text


def test_walking_away_goes_back_to_the_cabinet(anna, till):
    page = till.begin(anna)
    assert page.links()["Уйти, не платя"].endswith(f"/payments/{till.last().id}")


def test_an_unknown_page_is_not_found(anna):
    anna.get("/bank/pay/nothing", status=404)


def test_speaks_v3_over_http(browser, settings):
    auth = (settings.bank_shop, settings.bank_secret)
    body = {
        "amount": {"value": "10.00", "currency": "RUB"},
        "confirmation": {"type": "redirect", "return_url": "http://x/"},
    }
    made = browser.client.post("/bank/v3/payments", json=body, auth=auth, headers={"Idempotence-Key": "k"})
    assert made.status_code == 200 and made.json()["status"] == "pending"
    assert browser.client.get(f"/bank/v3/payments/{made.json()['id']}", auth=auth).json() == made.json()
    assert browser.client.get(f"/bank/v3/payments/{made.json()['id']}", auth=("1", "2")).status_code == 401
    assert browser.client.post("/bank/v3/payments", json=body, auth=auth).json()["code"] == "invalid_request"


def test_is_not_there_for_a_real_operator(settings):
    from app import discover_routes

    settings.demo = False
    assert not [one for one in discover_routes(settings) if any("/bank/" in path for path in one.paths)]


def test_a_payment_that_meets_the_making_of_the_banks_file_waits_for_it(tmp_path):
    path = tmp_path / "new.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, other.rollback)
    release.start()
    with SandboxBank(path, {}).writing() as file:
        assert file.execute("SELECT count(*) FROM thing").fetchone() == (0,)
    release.join()
    other.close()
