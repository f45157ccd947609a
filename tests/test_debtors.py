"""Who owes, how much, and since when nobody paid."""

import csv
import io
from datetime import date

from db import contracts, ledger
from rules.days import midnight
from tests import cast


def listed(page) -> list[str]:
    return [" ".join(row.text_content().replace("\u00a0", " ").split()) for row in page.tree.cssselect(".cards tbody tr")]


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
    id = contracts.numbered(db, cast.LETO)[0].id
    with write() as writer:
        day = date(2026, 11, 3)
        ledger.add(writer, id, 10_000, "payment", "payment:9", day=day, now=midnight(day))
    answer = enter("alexey").client.get("/staff/debtors.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["78000003", "ООО «Лето»", " +79219990033", "1490,00", "900,00", "03.11.2026"]


def test_a_month_not_posted_yet_is_owed_all_the_same(enter, clock, db):
    alexey = enter("alexey")
    with_november = listed(alexey.get("/staff/debtors"))[0]
    assert with_november.endswith("−1 590,00 ₽")
