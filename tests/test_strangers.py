"""Anna's things by their real addresses: whoever they are not for gets «not found» or «not for you», and
nothing changes.

Built from the census: a new page of subscribers with a part in its address fails here until its thing is in
the table.
"""

import re

import pytest
from sqlmodel import Session, select

from db.access import sessions
from db.events import supervision
from db.money import fiscal_receipts
from db.payments import payments
from db.people import contracts
from rules.payments.payments import PaymentPlan
from tests.events.test_alarms import alarm
from tests.events.test_supervision import wish
from tests.kit import cast, hostile
from tests.kit.representative_steps import enter_as_olga, give
from tests.kit.requests import fill, letter
from tests.kit.routes import plain
from tests.money.test_fiscal_receipts import RATES
from tests.payments.test_payment_templates import FIELDS
from tests.people.test_announcements import publish
from tests.people.test_settings import confirm
from tests.test_exports import made
from tests.test_routes import CENSUS

OURS = {plain(line) for line, who in CENSUS.items() if who == "subscriber"}
WITH_A_PART = {line for line in OURS if "{" in line}
# These parts name a form, the same for everybody.
FORMS = {"GET /blanks/{name}", "GET /requests/new/{kind}", "POST /requests/new/{kind}"}
# Address as the census has it, up to its last part → which of Anna's things stands there.
THINGS = {
    "/alarms/{place}": "alarm",
    "/devices/{session_id}": "session",
    "/inbox/{number}": "request",
    "/inbox/{number}/files/{file_id}": "file",
    "/keys/{added_id}": "key",
    "/keys/waiting/{try_id}": "key try",
    "/notices/{notice_id}": "notice",
    "/payments/{number}": "payment",
    "/receipts/{receipt_id}": "receipt",
    "/requests/drafts/{draft_id}": "draft",
    "/requests/drafts/{draft_id}/files/{file_id}": "draft file",
    "/requests/{number}": "request sent",
    "/settings/export/{link}": "export",
    "/settings/representatives/{representative_id}": "representative",
    "/supervision/{watch_id}": "watch",
    "/templates/{number}": "template",
}
# What the right «смотреть события» opens; everything else of a subscriber's is 403 or 404.
LOOKS = {
    "GET /",
    "POST /contracts/current",
    "GET /notices",
    "POST /notices/rights",
    "POST /notices/{notice_id}/read",
    "GET /events",
    "GET /events.csv",
    "GET /events/fresh",
    "GET /alarms/{place}",
    "POST /alarms/{place}",
    "GET /keys",
    "GET /supervision",
}
# Good words for every form there is, so that it is the owner who is asked about, not the spelling.
TYPED = FIELDS | {
    "text": "Здравствуйте",
    "name": "Дача",
    "amount": "100",
    "method": "card",
    "contact": "a@example.ru",
}


def base(line: str) -> tuple[str, str]:
    """The address up to and with its last part, and what follows: («/payments/{number}», «/bank»)."""
    path = line.split()[1]
    cut = path.rindex("}") + 1
    return path[:cut], path[cut:]


def test_every_page_with_a_part_in_its_address_is_in_the_table():
    assert {base(line)[0] for line in WITH_A_PART - FORMS} == set(THINGS)


@pytest.fixture
def annas(anna, enter, write, clock, engine, settings):
    return things(anna, enter, write, clock, engine, settings)


def things(anna, enter, write, clock, engine, settings) -> dict[str, str]:
    """One of each thing in Anna's cabinet, made by her own hands: thing → its address."""
    found = {"alarm": alarm(anna, write, clock)}
    found["key"] = next(
        href for href in anna.get("/keys").links().values() if re.fullmatch(r"/keys/\d+", href)
    )
    anna.get("/keys/new")
    found["key try"] = anna.submit("/keys/new", number="8080").path
    wish(anna)
    number = letter(anna)
    found |= {"request": f"/inbox/{number}", "request sent": f"/requests/{number}"}
    pdf = [("files", ("a.pdf", hostile.pdf(), ""))]
    anna.get(f"/inbox/{number}")
    found["file"] = anna.submit(text="Вот он.", files=pdf).links()["a.pdf"]
    page = fill(
        anna, "recalculation", first="2026-11-01", last="2026-11-10", text="Не было связи.", files=pdf
    )
    found |= {"draft": page.path, "draft file": page.links()["a.pdf"]}
    anna.get("/payments/police")
    found["template"] = anna.submit("/payments/police", only_save="1", name="Квартира", **FIELDS).path
    publish(enter("maria"), numbers="78 000 001")
    give(anna, write, clock, rights=["events"])
    found["export"] = made(anna, write, clock, engine, settings)
    with write() as db:
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        paid = payments.add(
            db, contract.id, PaymentPlan("operator", 10_000, "card", "a@example.ru"), "Услуги", clock.now()
        )
        paid.state, paid.page = "pending", f"{settings.origin}/bank/pay/b-1"
        fiscal_receipts.add_prepayment_receipt(
            db, contract.id, 10_000, 0, f"payment:{paid.id}", "a@example.ru", clock.now(), RATES, "b-1"
        )
    with Session(engine) as db:
        hers = select(sessions.SessionRow.id).where(sessions.SessionRow.contract_id == contract.id)
        mine = {
            "payments": paid.id,
            "receipts": db.exec(select(fiscal_receipts.FiscalReceipt.id)).one(),
            "notices": 1,
            "supervision": supervision.watches_of(db, contract.id)[0].id,
            "settings/representatives": 1,
            "devices": db.exec(hers).first(),
        }
    names = {
        "receipts": "receipt",
        "payments": "payment",
        "notices": "notice",
        "supervision": "watch",
        "settings/representatives": "representative",
        "devices": "session",
    }
    return found | {names[place]: f"/{place}/{id}" for place, id in mine.items()}


def ask(browser, line: str, annas: dict[str, str]) -> int:
    """The bare status of this line of the census for Anna's own thing."""
    method, path = line.split()
    if "{" in path and line not in FORMS:
        start, rest = base(line)
        path = annas[THINGS[start]] + rest
    path = path.replace("{name}", "refund.pdf").replace("{kind}", "letter")
    if method == "GET":
        return browser.client.get(path, follow_redirects=False).status_code
    token = next(value for name, value in browser.client.cookies.items() if name.startswith("csrf-"))
    return browser.client.post(path, data=TYPED | {"_csrf_token": token}, follow_redirects=False).status_code


def test_a_stranger_with_a_cabinet_of_their_own_finds_nothing(anna, boris, annas, write, clock):
    confirm(write, clock, cast.BORIS)
    boris.get("/")
    got = {line: ask(boris, line, annas) for line in sorted(WITH_A_PART - FORMS)}
    assert {line: status for line, status in got.items() if status != 404} == {}
    confirm(write, clock)
    hers = {line: ask(anna, line, annas) for line in sorted(WITH_A_PART - FORMS) if line.startswith("GET")}
    assert {line: status for line, status in hers.items() if status not in (200, 204)} == {}, (
        "the table's things are real"
    )


def test_who_may_only_look_at_events_reaches_nothing_else(anna, visitor, annas, texts):
    olga = enter_as_olga(visitor, texts)
    olga.get("/")
    got = {line: ask(olga, line, annas) for line in sorted(OURS - LOOKS)}
    assert {line: status for line, status in got.items() if status not in (403, 404)} == {}
    seen = {line: ask(olga, line, annas) for line in sorted(LOOKS) if line.startswith("GET")}
    assert {line: status for line, status in seen.items() if status not in (200, 204)} == {}
