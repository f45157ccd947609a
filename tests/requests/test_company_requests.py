"""An organisation is asked as one: no passport and no surname, but its card, its bank's letter, its power of
attorney.
"""

import pytest

from db.money.ledger import LedgerEntry
from db.people import contracts
from rules import days
from tests.kit import cast, hostile
from tests.kit.requests import LATER, fill, number_of, send, the

CARD = [("files", ("карточка.jpg", hostile.picture(), "image/jpeg"))]
ACCOUNT = {"bic": "044030827", "account": "40702810900000002851"}
POWER = {
    "signer": "attorney",
    "attorney_number": "17/2026",
    "attorney_day": "01.02.2026",
    "attorney_until": "31.12.2026",
}


@pytest.fixture
def leto(enter, write, clock):
    """The company with money to give back."""
    with write() as db:
        contract = contracts.find_by_number(db, cast.LETO)[0]
        db.add(
            LedgerEntry(
                contract_id=contract.id,
                day=days.today(clock.now()),
                at=clock.now(),
                amount=500_000,
                kind="opening",
                source="opening:more",
            )
        )
    return enter(cast.LETO)


@pytest.mark.parametrize("kind", ["refund", "terminate"])
def test_a_company_s_form_says_nothing_of_passports_and_surnames(leto, kind):
    page = leto.get(f"/requests/new/{kind}")
    text = page.one("main").text_content().lower()
    assert "паспорт" not in text and "фамили" not in text
    assert "карточка организации" in text and "доверенност" in text


@pytest.mark.parametrize("kind", ["refund", "terminate"])
def test_a_person_s_form_says_nothing_of_organisations(anna, kind):
    text = anna.get(f"/requests/new/{kind}").one("main").text_content().lower()
    assert "организаци" not in text


def test_a_refund_signed_by_the_head(leto, db):
    request = the(db, number_of(send(leto, "refund", CARD, amount="100", **ACCOUNT)))
    assert request.payload == {
        "amount": 10_000,
        "recipient": "ООО «Лето»",
        "bic": "044030827",
        "account": "40702810900000002851",
        "signer": "director",
    }


def test_a_refund_by_a_power_of_attorney_shows_it_to_the_desk(leto, enter, db):
    number = number_of(send(leto, "refund", CARD, amount="100", **ACCOUNT, **POWER))
    assert the(db, number).payload["attorney_until"] == "2026-12-31"
    page = enter("alexey").get(f"/staff/requests/{number}")
    assert "17/2026" in page.text and "Сотрудник по доверенности" in page.text


def test_a_company_ends_its_contract_without_anybody_s_surname(leto, db):
    request = the(db, number_of(send(leto, "terminate", CARD, day=LATER, **POWER)))
    assert request.payload == POWER | {"attorney_day": "2026-02-01", "attorney_until": "2026-12-31"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"signer": "nobody"}, "signer"),
        ({"attorney_number": "\u200b"}, "attorney_number"),
        ({"attorney_number": "1" * 41}, "attorney_number"),
        ({"attorney_day": "01.12.2026"}, "attorney_day"),
        ({"attorney_day": ""}, "attorney_day"),
        ({"attorney_until": "22.11.2026"}, "attorney_until"),
        ({"attorney_until": "31.02.2027"}, "attorney_until"),
    ],
)
def test_refuses_a_power_of_attorney_at_its_field(leto, change, field):
    page = fill(leto, "refund", CARD, status=422, amount="100", **ACCOUNT | POWER | change)
    assert set(page.errors) == {field}


@pytest.mark.parametrize(
    ("kind", "typed"), [("refund", {"amount": "100"} | ACCOUNT), ("terminate", {"day": LATER})]
)
def test_refuses_a_company_without_its_papers(leto, kind, typed):
    page = fill(leto, kind, status=422, **typed)
    assert set(page.errors) == {"files"} and "карточку организации" in page.errors["files"]


def test_everything_wrong_in_a_company_s_form_is_said_at_once(leto):
    page = fill(leto, "refund", status=422, amount="", recipient="", bic="", account="", signer=None)
    assert set(page.errors) == {"amount", "recipient", "bic", "account", "signer", "files"}
