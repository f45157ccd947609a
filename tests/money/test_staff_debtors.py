"""Who owes, how much, and since when nobody paid."""

import csv
import io
from datetime import date

import pytest
from sqlmodel import delete

from db.money import accruals, debtor_list, ledger
from db.people import contracts
from rules.days import midnight
from tests.kit import cast


@pytest.fixture(autouse=True)
def reckoned(engine, settings, clock):
    """The job of the day; call it again for another day."""

    def run():
        debtor_list.calculate_due(engine, settings, clock.now())

    run()
    return run


def listed(page) -> list[str]:
    return [
        " ".join(row.text_content().replace("\u00a0", " ").split())
        for row in page.tree.cssselect(".cards tbody tr")
    ]


def test_the_largest_debt_first_and_nobody_with_money(enter):
    page = enter("alexey").get("/staff/debtors")
    rows = listed(page)
    # November so far is 690 ₽ of 900; Лето began it 900 ₽ in debt, Анна with 1 500 ₽.
    assert rows[0].startswith("78 000 003") and rows[0].endswith("−1 590,00 ₽")
    assert len(rows) == 4 and "Соколова" not in page.text
    assert "Договоров: 4, вместе 3 660,00 ₽" in page.text


def test_only_debts_from_a_sum_up(enter):
    alexey = enter("alexey")
    assert len(listed(alexey.get("/staff/debtors?least=1000"))) == 1
    assert "Никто не должен" in alexey.get("/staff/debtors?least=100000").text
    page = alexey.get("/staff/debtors?least=много", status=422)
    assert "least" in page.errors


def test_the_table_to_take_away(enter, write, db):
    id = contracts.find_by_number(db, cast.LETO)[0].id
    with write() as writer:
        day = date(2026, 11, 3)
        ledger.add(writer, id, 10_000, "payment", "payment:9", day=day, now=midnight(day))
    answer = enter("alexey").client.get("/staff/debtors.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["78000003", "ООО «Лето»", " +79219990033", "1490,00", "900,00", "03.11.2026"]


def test_a_month_not_posted_yet_is_owed_all_the_same(enter, clock, reckoned, write):
    with write() as db:
        accruals.start_books(db, clock.now())
    clock.forward(days=10)
    reckoned()
    # All of November, 900 ₽, and three days of December at 900/31.
    assert listed(enter("alexey").get("/staff/debtors"))[0].endswith("−1 887,10 ₽")


def test_a_payment_since_then_is_in_the_list_already(enter, write, db):
    id = contracts.find_by_number(db, cast.LETO)[0].id
    day = date(2026, 11, 23)
    with write() as writer:
        ledger.add(writer, id, 100_000, "payment", "payment:8", day=day, now=midnight(day))
    alexey = enter("alexey")
    rows = listed(alexey.get("/staff/debtors"))
    assert not rows[0].startswith("78 000 003") and len(rows) == 4
    with write() as writer:
        ledger.add(writer, id, 59_000, "payment", "payment:9", day=day, now=midnight(day))
    assert len(listed(alexey.get("/staff/debtors"))) == 3


def test_counted_anew_when_asked(enter, write, db, reckoned):
    alexey = enter("alexey")
    id = contracts.find_by_number(db, cast.ANNA)[0].id
    with write() as writer:
        ledger.add(
            writer,
            id,
            -500_000,
            "correction",
            "correction:8",
            day=date(2026, 11, 1),
            now=midnight(date(2026, 11, 1)),
        )
    assert len(listed(alexey.get("/staff/debtors"))) == 4
    assert "Считаем заново" in alexey.submit("/staff/debtors").text
    reckoned()
    assert "Соколова" in listed(alexey.get("/staff/debtors"))[0]
    reckoned()
    assert len(listed(alexey.get("/staff/debtors"))) == 5


def test_a_long_list_is_read_page_by_page(enter, monkeypatch):
    monkeypatch.setattr(debtor_list, "PAGE", 3)
    alexey = enter("alexey")
    page = alexey.get("/staff/debtors")
    first = listed(page)
    rest = listed(alexey.get(page.links()["Дальше"]))
    assert (len(first), len(rest)) == (3, 1) and not set(first) & set(rest)
    assert "Дальше" not in alexey.page.links()
    alexey.get("/staff/debtors?after=x", status=404)


def test_before_the_first_day_it_says_why_it_is_empty(enter, write):
    from db.money.debts import Debt, DebtCalculation

    with write() as db:
        db.delete(db.get(DebtCalculation, 1))
        db.execute(delete(Debt))
    assert "ещё не посчитан" in enter("alexey").get("/staff/debtors").text
