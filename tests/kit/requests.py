"""Filling in and sending requests over HTTP, and looking at what came of them."""

import re
from datetime import date

from sqlmodel import Session, select

from db import outbox, writing
from db.access import staff
from db.journal import Person
from db.requests import effects, requests
from db.requests.requests import Request
from tests.kit import cast, hostile

SOON, LATER = "2026-12-03", "2026-12-20"


ACCOUNT = {"recipient": "Соколова Анна Игоревна", "bic": "044030827", "account": "40702810900000002851"}


PASSPORT = [("files", ("паспорт.jpg", hostile.picture(), "image/jpeg"))]


def fill(browser, kind, files=None, status=200, code=True, **fields):
    """Fill in the form of a kind and send it on to its review (or back with errors), entering the code if one
    is asked.
    """
    browser.get(f"/requests/new/{kind}")
    page = browser.submit(status=status, files=files, **fields)
    return past_the_code(browser) if code and page.path == "/confirm" else page


def past_the_code(browser):
    """Go from «Подтвердите, что это вы» to the page behind it with the code that was sent."""
    browser.submit("/confirm/send")
    return browser.submit("/confirm", code=newest_code(browser))


def newest_code(browser, to=None) -> str:
    with Session(browser.client.app.state.engine) as db:
        rows = [
            one for one in outbox.latest_messages(db) if one.kind == "code" and (to is None or one.to == to)
        ]
        return re.search(r"\d{6}", outbox.open_message(db, rows[0]).text)[0]


def send(browser, kind, files=None, ticks=True, status=200, **fields):
    """Send a request, from the form to the page that shows its number."""
    page = fill(browser, kind, files, **fields)
    offered = {box.get("name") for box in page.tree.cssselect("main input[type=checkbox]")}
    return browser.submit(status=status, **(dict.fromkeys(offered, "1") if ticks else {}))


def number_of(page) -> int:
    return int(page.path.split("/")[2])


def the(db, number) -> Request:
    db.rollback()
    return db.exec(
        select(Request).where(Request.number == number).execution_options(populate_existing=True)
    ).one()


def confirm(browser, texts):
    """Confirm by the code from the SMS, as refund and termination ask."""
    browser.get("/confirm?next=/requests/new")
    browser.submit("/confirm/send")
    code = texts()[-1].split(": ")[1][:6]
    browser.submit("/confirm", code=code)


def channel_of(db, contract=cast.ANNA):
    db.rollback()
    from db.people import contracts

    return [
        (one.state, one.first, one.last)
        for one in effects.channel_intervals(db, contracts.find_by_number(db, contract)[0].id)
    ]


def midnight(clock, day):
    from rules import days

    clock.at = days.midnight(date.fromisoformat(day))


def with_staff(db, deed, number, clock, *args, **options):
    from db.access import staff
    from db.journal import Person

    with writing(db):
        row = staff.find_by_login(db, "maria")
        who = Person(session_id=0, kind="staff", id=row.id, name=row.name, role=row.role)
        deed(db, requests.find_by_number(db, number), who, clock.now(), *args, **options)


def confirm_by_hand(db, browser, clock):
    """Mark the session as confirmed, as if a code had just been entered."""
    from db.access import sessions

    with writing(db):
        row = db.exec(
            select(sessions.SessionRow).where(
                sessions.SessionRow.token_hash == sessions.hash_token(browser.client.cookies["cabinet"])
            )
        ).one()
        row.confirmed_at = clock.now()
        db.add(row)


TEXT = "Третий день не приходит счёт за ноябрь."


def letter(browser, text=TEXT) -> int:
    return number_of(send(browser, "letter", text=text))


def maria(db) -> Person:
    row = staff.find_by_login(db, "maria")
    return Person(session_id=0, kind="staff", id=row.id, name=row.name, role=row.role)


def act(write, number, what, clock, *args, **options):
    """Perform a manager's step by the function the staff page calls."""
    with write() as db:
        row = db.exec(select(Request).where(Request.number == number)).one()
        return what(db, row, maria(db), clock.now(), *args, **options)
