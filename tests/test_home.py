"""The first page: every field the manual names, honest where there is nothing yet, another contract in one press."""

from tests import cast


def test_shows_every_field_of_the_manual(anna):
    page = anna.get("/")
    for words in (
        "Соколова Анна Игоревна", "78 000 001", "Лиговский пр., д. 50, кв. 12", "Канал связи", "Охрана квартиры",
        "900,00 ₽", "23 ноября 2024",
    ):
        assert words in page.text, words


def test_the_balance_is_what_was_entered_less_what_the_month_has_accrued(anna):
    # 1 500 ₽ entered; 23 of November's 30 days at 900 ₽ a month are 690 ₽.
    page = anna.get("/")
    assert "810,00 ₽" in page.text
    assert "1 декабря 2026" in page.text


def test_a_debt_says_what_to_do(enter):
    page = enter(cast.LETO).get("/")
    assert "Долг" in page.text and "1 590,00 ₽" in page.text
    assert page.links()["Оплатить"] == "/payments/new"


def test_every_section_is_one_press_away(anna):
    reachable = set(anna.get("/").links().values())
    for place in ("/payments/new", "/autopay", "/requests/new", "/events", "/inbox", "/statement", "/settings", "/blanks",
                  "/contacts"):
        assert place in reachable


def test_the_envelope_is_on_the_page(anna):
    assert anna.get("/").one("#envelope").get("href") == "/inbox"


def test_another_contract_of_the_same_subscriber_without_signing_in_again(enter, db):
    from db import contracts

    leto = enter(cast.LETO)
    assert "Фонтанки" in leto.get("/").one(".facts").text_content()
    other = contracts.numbered(db, cast.LETO_TOO)[0]
    page = leto.submit("/contracts/current", contract=str(other.id))
    assert "78 000 004" in page.text and "Садовая" in page.text


def test_a_strangers_contract_is_not_found(anna, enter, db):
    from db import contracts

    leto = enter(cast.LETO)
    leto.get("/")
    stranger = contracts.numbered(db, cast.ANNA)[0]
    leto.submit("/contracts/current", contract=str(stranger.id), status=404)
