"""Bank-side steps for payment tests: pay or not, send callbacks, read the ledger."""

from datetime import timedelta

from sqlmodel import Session, select

from db import writing
from db.access import acceptances
from db.money import ledger
from db.money.ledger import LedgerEntry
from db.payments import autopay, banking, payments
from db.payments.autopay import AutopayDue
from db.payments.payments import Payment
from db.people.contracts import find_by_number
from gateways.banks import configured_bank, sandbox
from gateways.sandbox import payment_page
from rules import days
from rules.payments.autopay import AutopayTerms
from rules.payments.payments import PaymentPlan
from tests.kit import cast

CONTACT = "anna@example.ru"
FROM_BANK = {"x-forwarded-for": "127.0.0.1"}


class Till:
    """The sandbox bank of this cabinet, as the bank's own staff would see it."""

    def __init__(self, app, settings, clock, visitor):
        settings.trusted_proxy = True
        self.app, self.settings, self.clock, self.client = app, settings, clock, visitor().client

    @property
    def sandbox(self):
        return sandbox(self.settings, self.clock.now())

    def ring(self) -> list[str]:
        """Send the due callbacks to the cabinet's own endpoint and return its responses."""
        heard = []

        def send(url, body):
            heard.append(self.client.post("/callbacks/bank", json=body, headers=FROM_BANK))
            return heard[-1].status_code

        payment_page.deliver_webhooks(self.sandbox, send)
        return [answer.text for answer in heard]

    def call(self, bank_id, event="payment.succeeded", headers=FROM_BANK):
        body = {"type": "notification", "event": event, "object": {"id": bank_id}}
        return self.client.post("/callbacks/bank", json=body, headers=headers)

    def decide(self, payment, choice="pay", card="good", manner="never"):
        return payment_page.decide(self.sandbox, payment.bank_id, choice, card, manner)

    def settled(self, payment, **change):
        """Change the bank's own record of a payment."""
        with self.sandbox.writing() as file:
            thing, extra = self.sandbox.load(file, "payments", payment.bank_id, "")
            self.sandbox.save(file, "payments", thing | change, extra)

    def all(self) -> list[Payment]:
        with Session(self.app.state.engine, expire_on_commit=False) as db:
            return list(db.exec(select(Payment).order_by(Payment.id)))

    def last(self) -> Payment:
        return self.all()[-1]

    def entries(self, kind="payment") -> list[tuple[int, str]]:
        with Session(self.app.state.engine) as db:
            rows = db.exec(select(LedgerEntry).where(LedgerEntry.kind == kind).order_by(LedgerEntry.id))
            return [(row.amount, row.source) for row in rows]

    def contract(self, number) -> int:
        with Session(self.app.state.engine) as db:
            return find_by_number(db, number)[0].id

    def begin(self, browser, **fields):
        """Fill in the operator's form; the browser is then on the bank's page."""
        browser.get("/payments/operator")
        return browser.submit("/payments/operator", **({"amount": "1500,50", "contact": CONTACT} | fields))

    def pay(self, browser, choice="pay", **fields):
        return browser.submit(choice=choice, **fields)


def add_autopay(db, settings, now, number: int, charge_on=None) -> None:
    """Add a contract in debt with a saved card whose charge was announced yesterday for today, or for
    `charge_on`.
    """
    bank, today = configured_bank(settings, now), charge_on or days.today(now)
    with writing(db):
        who = cast.person(db, f"A-{number}", f"Плательщик № {number}", f"+7921444{number % 10000:04}", now)
        held = cast.contract(
            db, number, who, "Санкт-Петербург, Невский пр., д. 1", now, ["Квартира"], -900_000
        )
        row = _first_payment(db, held.id, now)
    row = banking.send_payment(db, bank, row.id, now, settings)
    payment_page.decide(sandbox(settings, now), row.bank_id, "pay", manner="never")
    with writing(db):
        agreed = acceptances.accept(db, who.id, "autopay", now, "127.0.0.1", held.id, settings)
        on = autopay.add(
            db, held.id, AutopayTerms("monthly", 300_000, today.day), "a@example.ru", agreed.id, row.id, now
        )
    banking.refresh_status(db, bank, row.id, now, settings)
    with writing(db):
        ledger.add(db, held.id, -900_000, "correction", f"correction:{number}", day=days.today(now), now=now)
        db.add(
            AutopayDue(
                autopay_id=on.id,
                contract_id=held.id,
                day=today,
                charge_on=today,
                amount=300_000,
                noticed_at=now - timedelta(days=1),
            )
        )


def _first_payment(db, contract_id: int, now) -> Payment:
    row = payments.add(
        db, contract_id, PaymentPlan("operator", 10_000, "card", "a@example.ru", True), "Проверка", now
    )
    row.ask_at = None
    return row
