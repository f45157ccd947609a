"""The statement as its owner reads it: on the page, on paper and as a table."""

import csv
import io
from datetime import date

import pytest
from pypdf import PdfReader

from db.money import accruals, ledger
from db.people import contracts
from rules.days import midnight
from tests.kit import cast
from tests.kit.browser import words


@pytest.fixture
def id(db) -> int:
    return contracts.find_by_number(db, cast.ANNA)[0].id


@pytest.fixture
def paid(write, id):
    """Anna's autumn: a payment in November and a correction with a note that would be a formula in a
    spreadsheet.
    """
    with write() as db:
        day = date(2026, 11, 10)
        ledger.add(db, id, 50_000, "payment", "payment:1", day=day, now=midnight(day), note="Оплата картой")
        day = date(2026, 11, 12)
        ledger.add(
            db, id, -1_000, "correction", "correction:1", day=day, now=midnight(day), note="=1+1 <b>жирно</b>"
        )


def test_the_first_line_is_the_balance_and_how_long_it_lasts(anna, paid):
    page = anna.get("/statement")
    # 1 500 opened November, +500 −10, and 23 of 30 days at 900 a month are gone.
    assert page.heading == "Выписка"
    assert words(page.one(".hero .big").text) == "1 300,00 ₽"
    assert "Хватит до 6 января 2027 включительно." in page.text


def test_lines_run_newest_first_with_the_balance_after_each(anna, paid):
    page = anna.get("/statement?period=month")
    rows = [
        " ".join(row.text_content().replace("\u00a0", " ").split())
        for row in page.tree.cssselect("#found .cards tbody tr")
    ]
    assert [row[:10] for row in rows] == ["23.11.2026", "12.11.2026", "10.11.2026", "01.11.2026"]
    assert rows[1].endswith("−10,00 ₽ 1 990,00 ₽")
    assert rows[2].endswith("500,00 ₽ 2 000,00 ₽")
    assert "=1+1 <b>жирно</b>" in rows[1]


def test_a_picture_comes_with_its_table(anna, paid):
    page = anna.get("/statement?period=month")
    assert page.one(".chart svg").get("role") == "img"
    assert "Ноябрь 2026 690,00 ₽ 500,00 ₽" in page.text


def test_typed_days_win_over_the_preset_and_stay_in_the_fields(anna, paid):
    page = anna.get("/statement?period=year&from=11.11.2026&to=12.11.2026")
    assert page.one("#f-from").get("value") == "2026-11-11"
    assert "11–12 ноября 2026" in page.text
    assert "Оплата картой" not in page.text and "жирно" in page.text


@pytest.mark.parametrize(
    "query", ["from=32.01.2026", "from=2026-11-12&to=2026-11-01", "to=2026-11-01", "from=1999-01-01"]
)
def test_a_period_that_is_none_is_said_and_kept(anna, query):
    page = anna.get(f"/statement?{query}", status=422)
    assert page.errors
    for name, value in (part.split("=") for part in query.split("&")):
        assert page.one(f"#f-{name}").get("value") == value


def test_an_empty_time_is_explained(boris):
    page = boris.get("/statement?from=2026-01-01&to=2026-01-31")
    assert "ничего не начисляли" in page.text


def test_a_debt_says_what_to_pay(enter):
    page = enter(cast.LETO).get("/statement")
    assert "Это долг" in page.text and "1 590,00 ₽" in page.text


def test_the_table_opens_in_a_spreadsheet(anna, paid):
    answer = anna.client.get("/statement.csv?period=month")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[2] == ["10.11.2026", "Оплата", "Оплата картой", "500,00", "2000,00"]
    assert rows[3] == ["12.11.2026", "Корректировка", "'=1+1 <b>жирно</b>", "-10,00", "1990,00"]
    assert rows[4] == ["23.11.2026", "Начислено, ещё не закрыто", "", "-690,00", "1300,00"]
    assert "no-store" in answer.headers["cache-control"]


def test_the_paper_says_the_same_in_russian(anna, paid):
    answer = anna.client.get("/statement.pdf?period=month")
    assert answer.headers["content-disposition"].startswith("attachment")
    text = " ".join(
        PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().replace("\u00a0", " ").split()
    )
    for told in (
        "Выписка за 1–23 ноября 2026",
        "Соколова Анна Игоревна",
        "78 000 001",
        "Оплата картой",
        "1 300,00 ₽",
    ):
        assert told in text


def test_paper_and_table_refuse_a_bad_period(anna):
    assert anna.client.get("/statement.pdf?from=bad").status_code == 404
    assert anna.client.get("/statement.csv?from=bad").status_code == 404


def test_a_finished_month_shows_its_fee(enter, db, clock):
    clock.forward(days=10)
    accruals.post_month(db, date(2026, 11, 1), clock.now())
    anna = enter(cast.ANNA)
    assert "«Охрана квартиры»" not in anna.get("/statement?period=month").text
    assert "Канал связи «Охрана квартиры», ноябрь 2026" in anna.get("/statement?period=half").text


def test_a_stranger_sees_only_their_own(boris, paid):
    assert "Оплата картой" not in boris.get("/statement").text
    assert "Оплата картой" not in boris.client.get("/statement.csv").text


@pytest.mark.parametrize("path", ["/statement", "/statement.pdf", "/statement.csv", "/receipts"])
def test_nobody_comes_in_unsigned(browser, path):
    assert browser.get(path).path == "/login"
