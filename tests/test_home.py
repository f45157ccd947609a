"""The first page: every field the manual names, honest where there is nothing yet, another contract in one
press.
"""

from datetime import date

from tests.kit import cast


def test_shows_every_field_of_the_manual(anna):
    page = anna.get("/")
    for words in (
        "Соколова Анна Игоревна",
        "78 000 001",
        "Лиговский пр., д. 50, кв. 12",
        "Канал связи",
        "Охрана квартиры",
        "900,00 ₽",
        "23 ноября 2024",
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
    for place in (
        "/payments/new",
        "/autopay",
        "/requests/new",
        "/events",
        "/inbox",
        "/statement",
        "/settings",
        "/blanks",
        "/contacts",
    ):
        assert place in reachable


def test_the_envelope_is_on_the_page(anna):
    assert anna.get("/").one("#envelope").get("href") == "/inbox"


def test_another_contract_of_the_same_subscriber_without_signing_in_again(enter, db):
    from db.people import contracts

    leto = enter(cast.LETO)
    assert "Фонтанки" in leto.get("/").one(".facts").text_content()
    other = contracts.find_by_number(db, cast.LETO_TOO)[0]
    page = leto.submit("/contracts/current", contract=str(other.id))
    assert "78 000 004" in page.text and "Садовая" in page.text


def test_a_strangers_contract_is_not_found(anna, enter, db):
    from db.people import contracts

    leto = enter(cast.LETO)
    leto.get("/")
    stranger = contracts.find_by_number(db, cast.ANNA)[0]
    leto.submit("/contracts/current", contract=str(stranger.id), status=404)


def test_the_balance_by_one_statement_is_the_balance(write, db, clock, engine):
    """Whatever months are closed: with the services given and without, it is one sum."""
    from sqlalchemy import event

    from db.money import accruals
    from db.people import contracts, services

    id = contracts.find_by_number(db, cast.ANNA)[0].id
    served = [
        (services.list_intervals(db, one.id), services.list_prices(db, one.id))
        for one in services.list_services(db, id)
    ]
    asked = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))

    def both() -> tuple[int, int]:
        with engine.connect() as reader:
            plain = accruals.balance(reader, id, clock.now())
            asked.clear()
            return plain, accruals.balance(reader, id, clock.now(), served)

    plain, quick = both()
    assert plain == quick and len([one for one in asked if one.startswith("SELECT")]) == 1
    with write() as session:
        accruals.start_books(session, clock.now())
    for _ in range(3):
        clock.forward(days=31)
        plain, quick = both()
        assert plain == quick
    db.rollback()
    accruals.post_month(db, date(2027, 1, 1), clock.now())
    plain, quick = both()
    assert plain == quick, "a month closed before the one before it"


def test_what_has_ended_has_no_price(enter, write, clock):
    from datetime import timedelta

    from sqlmodel import select

    from db.people.contracts import Contract
    from db.people.services import ServiceInterval
    from rules import days

    last = days.today(clock.now()) - timedelta(days=1)
    with write() as db:
        contract = db.exec(select(Contract).where(Contract.number == cast.ANNA)).one()
        contract.ends_on = last
        row = db.exec(select(ServiceInterval).where(ServiceInterval.service_id == 1)).one()
        row.last = last
    page = enter(cast.ANNA).get("/")
    assert "договор расторгнут, последний день — 22" in page.text
    assert "в месяц" not in page.text and "не подключена" in page.text
