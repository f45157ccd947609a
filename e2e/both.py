"""Both people at their pages: the subscriber on a phone, the desk in browsers of its own, and the clock they
live by.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Thread

from playwright.sync_api import expect
from sqlmodel import Session, select

import jobs
from db import clock, writing
from db.access import sessions, staff
from db.clock import MovableClock
from db.people import contracts, services
from db.people.services import ServiceInterval
from e2e.steps import ask, h1, past_the_code, review_and_send
from rules import days
from tests.kit import cast, hostile

NUMBER = 100001


@dataclass
class Both:
    """The subscriber's page, the desk's pages, and the clock both live by."""

    page: object
    house: object
    sign_in: object
    browser: object
    context: dict
    opened: list = field(default_factory=list)

    def desk(self, login: str, first: str = "Очередь"):
        """A page of the desk in a browser of its own, already past the password and the code, at their first
        page.
        """
        with Session(self.house.engine, expire_on_commit=False) as db, writing(db):
            who = staff.find_by_login(db, login).id
            token = sessions.start(db, MovableClock(self.house.engine).now(), staff_id=who, device="тест")
        context = self.browser.new_context(**self.context | {"viewport": {"width": 1280, "height": 800}})
        self.opened.append(context)
        context.add_cookies([{"name": "cabinet", "value": token, "url": self.house.url}])
        page = context.new_page()
        page.goto("/staff")
        expect(h1(page)).to_have_text(first)
        return page

    def close(self) -> None:
        for context in self.opened:
            context.close()

    def today(self) -> date:
        return days.today(MovableClock(self.house.engine).now())

    def day(self, ahead: int) -> str:
        return (self.today() + timedelta(days=ahead)).isoformat()

    def at(self, day: date, hour: int = 0) -> None:
        """One minute past this hour in Moscow of that day: the jobs run, and the subscriber comes in
        again.
        """
        wanted = days.midnight(day) + timedelta(hours=hour, minutes=1)
        with Session(self.house.engine) as db, writing(db):
            clock.set_shift(db, int((wanted - datetime.now(wanted.tzinfo)).total_seconds()))
        self.work()
        self.sign_in()

    def work(self) -> None:
        """Every job once, now; in a thread of its own, for the browser's driver keeps a loop running in this
        one.
        """
        work = jobs.Loop(self.house.engine, self.house.settings, MovableClock(self.house.engine)).once
        thread = Thread(target=work)
        thread.start()
        thread.join()

    def home(self, name: str):
        """A card of the first page by its heading."""
        self.page.goto("/")
        return self.page.get_by_role("region", name=name)

    def state(self, words: str) -> None:
        self.page.goto(f"/inbox/{NUMBER}")
        expect(self.page.get_by_role("main").get_by_text(words, exact=True).first).to_be_visible()

    def booked(self, words: str, amount: str) -> None:
        self.page.goto("/statement")
        expect(self.page.get_by_role("row").filter(has_text=words).first).to_contain_text(amount)


# What the subscriber fills in


def start_sms(both: Both) -> None:
    with Session(both.house.engine, expire_on_commit=False) as db, writing(db):
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile="+79211234567")


def start_suspension(both: Both) -> None:
    """As a suspension that began five days ago leaves the channel."""
    with Session(both.house.engine, expire_on_commit=False) as db, writing(db):
        channel = services.list_services(db, contracts.find_by_number(db, cast.ANNA)[0].id)[0].id
        row = db.exec(select(ServiceInterval).where(ServiceInterval.service_id == channel)).one()
        first, last = both.today() - timedelta(days=5), both.today() + timedelta(days=30)
        row.last = first - timedelta(days=1)
        db.add(ServiceInterval(service_id=channel, state="suspended", first=first, last=last))
        db.add(ServiceInterval(service_id=channel, state="active", first=last + timedelta(days=1)))


def fill_and_send(both: Both, title: str, fill: dict[str, str], paper: str = "") -> None:
    """Form, review and sent through the pages; a code is asked where money or the contract's end is."""
    ask(both.page, title)
    past_the_code(both.page, both.house, "Управление услугами")
    for label, words in fill.items():
        both.page.get_by_label(label).fill(words)
    if paper:
        file = {"name": paper, "mimeType": "image/jpeg", "buffer": hostile.picture()}
        both.page.locator("input[type=file]").set_input_files(file)
    review_and_send(both.page, both.house, title)


# What the desk does


def take_request(both: Both, login: str):
    """The request found in the queue, opened and taken."""
    page = both.desk(login)
    page.get_by_role("link", name=f"№ {NUMBER}").click()
    page.get_by_role("button", name="Взять").click()
    expect(page.get_by_text("Занимается").first).to_be_visible()
    expect(page.get_by_role("button", name="Передать")).to_be_visible()
    return page


def approve_request(both: Both, login: str, state: str, **amount: str):
    both.state("Новая")
    page = take_request(both, login)
    both.state("В работе")
    if amount:
        page.get_by_label("Сколько вернуть на баланс").fill(amount["amount"])
    page.get_by_label("Что сказать абоненту").fill("Проверили, всё верно.")
    page.get_by_role("button", name="Одобрить").click()
    expect(page.get_by_role("status").filter(has_text=f"№ {NUMBER}: {state}")).to_be_visible()
    both.state(state.capitalize())
    expect(both.page.get_by_text("Проверили, всё верно.").first).to_be_visible()
    return page


def expect_scheduled(both: Both, service: str) -> None:
    """Approved by the rule alone: on home with its day, at the desk among the approved."""
    both.state("Одобрена")
    expect(both.home("Запланировано")).to_contain_text(service)
    page = both.desk("maria")
    page.goto("/staff?state=approved")
    expect(page.get_by_role("link", name=f"№ {NUMBER}")).to_be_visible()
