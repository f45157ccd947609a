"""Nothing that renews itself moves what stands below it: each live piece from its shortest words to its
longest.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, select

from db import writing
from db.access import staff
from db.clock import Clock
from db.events import keys, station
from db.journal import Person
from db.payments import banking, payments
from db.payments.payments import Payment
from db.people import contracts
from db.people.contracts import Contract, Site
from db.requests import decisions, dialogues
from e2e.events.test_keys import add
from gateways.banks import configured_bank, sandbox
from gateways.sandbox import payment_page
from rules.events.events import EventKind, StationReport
from rules.payments.payments import PaymentPlan
from rules.requests.plans import RequestPlan as Asked
from tests.kit import cast

WHOLE = """e => e.scrollHeight <= e.clientHeight && e.querySelector("a").getBoundingClientRect().right
  <= e.getBoundingClientRect().right"""
CODES = {"arm": "R401", "disarm": "E401", "alarm": "E130"}
LONG = "Загородный дом на улице Академика Шиманского, 2-й этаж"


@pytest.fixture
def javascript():
    return True


@pytest.fixture
def anna(person, sign_in):
    """Her browser's timers can be run ahead: a poll is not waited for."""
    person.clock.install()
    return sign_in()


def renew(page, address: str) -> None:
    """Run the timers until the page asks this address for news; the answer then comes by real time."""
    asked = []
    note = lambda request: asked.append(request.url)  # noqa: E731
    page.on("request", note)
    for _ in range(60):
        if any(address in url for url in asked):
            break
        page.clock.run_for(1_000)
    page.remove_listener("request", note)


def places(page, *selectors: str) -> dict[tuple[int, str], float]:
    """How far from the beginning of the page the first of each stands, at every width."""
    found = {}
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for selector in selectors:
            found[width, selector] = page.locator(selector).first.evaluate(
                "e => e.getBoundingClientRect().top + scrollY"
            )
    return found


def reports(house, *told: tuple[str, datetime]) -> None:
    """Of Anna's key, each at its own time."""
    with Session(house.engine) as db, writing(db):
        station.ingest(
            db,
            "пульт",
            [StationReport("00010", at, CODES[kind], EventKind[kind], "2") for kind, at in told],
            Clock().now(),
        )


def opened(house, name: str = "") -> None:
    with Session(house.engine) as db, writing(db):
        key = keys.find_by_number(db, "00010")
        keys.open_key(db, key, key.contract_id, name, "registry", Clock().now() - timedelta(days=500))
        if name:
            site = db.get(Site, key.site_id)
            site.name = name
            db.add(site)


@pytest.mark.parametrize("before", ["", "yesterday", "last year"])
@pytest.mark.parametrize("name", ["", LONG], ids=["short", "long"])
def test_a_state_and_a_new_event_move_no_list(anna, house, before, name):
    opened(house, name)
    now = Clock().now()
    ago = {
        "": (),
        "yesterday": (("disarm", now - timedelta(days=1)),),
        "last year": (("disarm", now - timedelta(days=366)),),
    }
    reports(house, *ago[before])
    if before == "last year":
        reports(house, ("alarm", now - timedelta(days=1)))
    anna.goto("/events")
    lists = ("#periods", ".fresh", ".fresh + *")
    was, words = places(anna, *lists), ""
    for kind in ("arm", "disarm", "alarm"):
        reports(house, (kind, Clock().now()))
        renew(anna, "/events/fresh")
        expect(anna.locator("#fresh .feed")).not_to_have_text(words)
        words = anna.locator("#fresh .feed").inner_text()
        assert places(anna, *lists) == was
        for width in (320, 390, 1280):
            anna.set_viewport_size({"width": width, "height": 844})
            assert anna.locator("#fresh").evaluate(WHOLE), "a part of the news is cut off"


def test_how_many_are_unread_moves_no_page(anna, house):
    head = ("main", ".brand span", ".who summary")
    was, wide = places(anna, *head), anna.locator(".brand").bounding_box()
    for count in (1, 12, 150):
        with Session(house.engine) as db, writing(db):
            row = db.exec(select(Contract).where(Contract.number == cast.ANNA)).one()
            row.unread = count
            db.add(row)
        renew(anna, "/inbox/envelope")
        expect(anna.locator("#envelope .count")).to_have_text(str(count) if count < 100 else "99+")
        assert places(anna, *head) == was and anna.locator(".brand").bounding_box() == wide


def letters(house, count: int) -> None:
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        contract, who = contracts.find_by_number(db, cast.ANNA)
        person = Person(0, "subscriber", who.id, who.name, contract.id, contract.number)
        for n in range(count):
            asked = Asked("letter", {"text": f"Вопрос {n} из {count} в {Clock().now()}"})
            decisions.send(db, person, asked, Clock().now(), auto=())


def test_what_waits_for_the_desk_moves_no_queue(both, house):
    desk = both.desk("maria")
    desk.clock.install()
    desk.goto("/staff")
    was = places(desk, "form[aria-label=Отбор]")
    for more, all_ in ((1, 1), (8, 9), (1, 10), (89, 99), (1, 100)):
        letters(house, more)
        renew(desk, "/staff/queue")
        expect(desk.locator("#news")).to_contain_text("Новые обращения")
        expect(desk.locator("#news li b").first).to_have_text(str(all_))
        assert places(desk, "form[aria-label=Отбор]") == was


def aside(work):
    """In a thread of its own, for the browser's driver keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


ENDS = {
    "paid": "Оплачено",
    "refused": "Платёж не прошёл",
    "expired": "Банк не ответил",
    "settled": "Зачислено вручную",
    "returned": "Деньги возвращены",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_payment_that_ends_moves_nothing(anna, house, end):
    now, settings = Clock().now(), house.settings

    def begin() -> Payment:
        with Session(house.engine, expire_on_commit=False) as db:
            with writing(db):
                contract = contracts.find_by_number(db, cast.ANNA)[0]
                plan = PaymentPlan("operator", 150050, "card", "anna@example.ru", False)
                row = payments.add(db, contract.id, plan, "Проверка", now)
            return banking.send_payment(db, configured_bank(settings, now), row.id, now, settings)

    def finish() -> None:
        with Session(house.engine, expire_on_commit=False) as db:
            if end in ("paid", "refused"):
                payment_page.decide(
                    sandbox(settings, now), row.bank_id, "pay" if end == "paid" else "refuse", manner="never"
                )
                banking.refresh_status(db, configured_bank(settings, now), row.id, now, settings)
            else:
                with writing(db):
                    db.get(Payment, row.id).state = end

    row = aside(begin)
    anna.goto(f"/payments/{row.id}")
    expect(anna.get_by_role("heading", name="Банк ещё не подтвердил оплату")).to_be_visible()
    was = places(anna, "section.card")
    aside(finish)
    renew(anna, "/state")
    expect(anna.get_by_role("heading", name=ENDS[end])).to_be_visible()
    assert places(anna, "section.card") == was


def test_an_answer_moves_no_field_one_types_in(anna, house):
    letters(house, 1)
    anna.goto("/inbox/100001")
    field = anna.get_by_label("Ваше сообщение")
    field.click()
    anna.keyboard.type("И ещё один воп")
    was = field.bounding_box()["y"]
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        row = staff.find_by_login(db, "maria")
        who = Person(session_id=0, kind="staff", id=row.id, name=row.name, role=row.role)
        request = db.exec(select(decisions.Request).where(decisions.Request.number == 100001)).one()
        dialogues.add_staff_message(db, request, who, Clock().now(), "Счёт лежит в выписке за ноябрь. " * 20)
    renew(anna, "/talk")
    expect(anna.get_by_text("Счёт лежит в выписке")).to_be_visible()
    assert abs(field.bounding_box()["y"] - was) < 2


def test_a_number_that_is_proved_moves_no_key(anna, house):
    opened(house)
    add(anna, "7777", "Дача")
    anna.get_by_role("button", name="Я у пульта, начать").click()
    steps = anna.locator("#proof ol li")
    expect(steps).to_have_count(3)
    order = [one.strip() for one in steps.all_inner_texts()]
    anna.goto("/keys")
    rows = "#keys section[aria-label='Добавленные ключи'] li"
    expect(anna.locator(rows)).to_have_count(1)
    was, first = places(anna, rows), anna.locator(rows).first.inner_text()
    codes = {"Поставьте под охрану": ("R401", EventKind.arm), "Снимите с охраны": ("E401", EventKind.disarm)}
    now = Clock().now()
    with Session(house.engine) as db, writing(db):
        for later, (code, kind) in enumerate(codes[one] for one in order):
            at = now + timedelta(seconds=later)  # the station counts in whole seconds
            station.ingest(db, "пульт", [StationReport("7777", at, code, kind, "1")], at)
    house.wait_for_job("keys")
    renew(anna, "/keys")
    expect(anna.locator(rows)).to_have_count(2)
    assert places(anna, rows) == was and anna.locator(rows).first.inner_text() == first
