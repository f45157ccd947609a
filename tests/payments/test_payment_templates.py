"""Paying ОВО: by a form, by a template, and never into our ledger."""

import pytest

from db.people import contracts
from rules.payments import payment_qr
from tests.kit.paying import Till
from tests.payments.test_payment_qr import decoded

FIELDS = {
    "payer": "Соколова Анна Игоревна",
    "branch": "spb-cen",
    "account": "12/345",
    "address": "СПб, Лиговский пр., 50",
    "first": "2026-11-01",
    "last": "2026-11-30",
    "purpose": "Охрана квартиры",
}


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


@pytest.fixture
def template(anna):
    anna.get("/payments/police")
    return anna.submit("/payments/police", only_save="1", name="Квартира", **FIELDS).path


def test_paid_and_kept_under_a_name_at_once(anna, till):
    anna.get("/payments/police")
    assert anna.page.one("[name=payer]").get("value") == "Соколова Анна Игоревна"
    page = anna.submit("/payments/police", amount="890", name="Квартира", **FIELDS)
    assert page.path.startswith("/bank/pay/") and "890,00" in page.text
    till.pay(anna)
    assert till.ring() == ["applied"]
    row = till.last()
    assert (row.state, row.payee, row.details["account"]) == ("paid", "police", "12/345") and row.template_id
    assert till.entries() == []
    assert "вневедомственной охраны" in anna.get(f"/payments/{row.id}").text
    assert "Квартира" in anna.get("/payments/new").text


def test_later_only_the_amount_and_the_period_are_asked_for(anna, till, template):
    anna.get(template)
    assert [
        field.get("name")
        for field in anna.page.form(template).cssselect("input:not([type=hidden]):not([type=radio])")
    ] == ["amount", "first", "last"]
    anna.submit(template, amount="900")
    assert anna.page.path.startswith("/bank/pay/") and till.last().details["address"] == FIELDS["address"]
    assert anna.get(template).one("[name=amount]").get("value") == "900"


def test_money_of_the_police_goes_to_the_shop_of_the_police(anna, till, template):
    anna.get(template)
    anna.submit(template, amount="900")
    with till.sandbox.writing() as file:
        thing, _ = till.sandbox.load(file, "payments", till.last().bank_id, "")
    assert thing["recipient"]["account_id"] == till.settings.bank_police_shop


def test_an_empty_form_names_every_field_and_keeps_what_was_typed(anna, till):
    anna.get("/payments/police")
    page = anna.submit(
        "/payments/police", status=422, **(dict.fromkeys(FIELDS, "") | {"amount": "", "name": "Дом"})
    )
    assert set(page.errors) == set(FIELDS) | {"amount"}
    assert page.one("[name=name]").get("value") == "Дом" and till.all() == []


def test_a_template_is_changed_and_removed(anna, template):
    anna.get(f"{template}/edit")
    page = anna.submit(f"{template}/edit", name="Магазин", account="777")
    assert page.heading == "Магазин" and "777" in page.text
    anna.get(f"{template}/edit")
    assert anna.submit(f"{template}/edit", status=422, account="").errors
    anna.get(template)
    anna.get(f"{template}/delete")
    assert "удалён" in anna.submit(f"{template}/delete").text
    anna.get(template, status=404)


def test_a_payment_keeps_its_fields_after_the_template_is_gone(anna, till, template):
    anna.get(template)
    anna.submit(template, amount="900")
    anna.get(template)
    anna.get(f"{template}/delete")
    anna.submit(f"{template}/delete")
    assert till.last().details["payer"] == FIELDS["payer"]
    anna.get(f"/payments/{till.last().id}")


def test_saving_twice_makes_one(anna):
    anna.get("/payments/police")
    form = anna.page
    for _ in range(2):
        anna.page = form
        anna.submit("/payments/police", only_save="1", name="Квартира", **FIELDS)
    assert anna.get("/payments/new").text.count("12/345") == 1


def test_twenty_templates_are_enough(anna):
    for n in range(20):
        anna.get("/payments/police")
        anna.submit("/payments/police", only_save="1", name=f"Шаблон {n}", **FIELDS)
    anna.get("/payments/police")
    assert (
        "name" in anna.submit("/payments/police", status=422, only_save="1", name="Лишний", **FIELDS).errors
    )


def test_a_stranger_finds_no_template(boris, template):
    for path in ("", "/edit", "/code.svg"):
        boris.get(f"{template}{path}", status=404)


def test_the_qr_code_says_the_same_as_the_template(anna, template, tmp_path):
    read = payment_qr.parse_code(
        decoded(anna.client.get(f"{template}/code.svg?amount=900").content, tmp_path)
    )
    assert read["Sum"] == "90000" and read["PersAcc"] == "12/345" and read["LastName"] == FIELDS["payer"]
    assert (
        read["Purpose"].startswith("Охрана квартиры. Договор 12/345")
        and read["PayerAddress"] == FIELDS["address"]
    )


def test_a_period_typed_as_people_write_it_is_taken(anna, till):
    anna.get("/payments/police")
    typed = FIELDS | {"first": "01.11.2026", "last": "30.11.26"}
    anna.submit("/payments/police", amount="890", **typed)
    assert till.last().details["first"], till.last().details["last"] == ("2026-11-01", "2026-11-30")


def test_a_typed_day_comes_back_as_a_date_field_shows_it(anna):
    anna.get("/payments/police")
    page = anna.submit("/payments/police", status=422, **FIELDS | {"first": "01.11.2026"})
    assert page.one("[name=first]").get("value") == "2026-11-01" and "first" not in page.errors


def test_long_free_words_are_cut_and_contract_period_and_payer_stay(anna, till):
    anna.get("/payments/police")
    anna.submit("/payments/police", amount="890", **FIELDS | {"purpose": "охрана " * 18 + "кварти"})
    purpose = till.last().purpose
    assert len(purpose) <= 128 and purpose.startswith("охрана охрана")
    assert purpose.endswith("…. Договор 12/345, 01.11.2026–30.11.2026. Соколова Анна Игоревна")


def test_a_template_of_october_offers_november_beside_the_sum(anna, till):
    anna.get("/payments/police")
    october = FIELDS | {"first": "2026-10-01", "last": "2026-10-31"}
    template = anna.submit("/payments/police", only_save="1", name="Квартира", **october).path
    page = anna.get(template)
    assert [page.one(f"[name={name}]").get("value") for name in ("first", "last")] == [
        "2026-11-01",
        "2026-11-30",
    ]
    assert "01.11.2026–30.11.2026" in page.text
    anna.submit(template, amount="900")
    assert "01.11.2026–30.11.2026" in till.last().purpose


def test_another_period_may_be_typed_beside_the_sum(anna, till, template):
    anna.get(template)
    anna.submit(template, amount="900 рублей", first="01.12.2026", last="31.12.2026")
    assert "01.12.2026–31.12.2026" in till.last().purpose


def test_the_payer_we_filled_in_is_never_refused(anna, till, write):
    with write() as db:
        owner = contracts.find_by_number(db, 78000001)[1]
        owner.name = "Управление [районное] " + "по делам " * 20
        db.add(owner)
    anna.get("/payments/police")
    anna.submit("/payments/police", amount="890", **{k: v for k, v in FIELDS.items() if k != "payer"})
    assert till.last().details["payer"].startswith("Управление [районное]")
