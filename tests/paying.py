"""What tests of money do at the bank: pay or not, let it ring, look at what came into the ledger."""

from sqlmodel import Session, select

from db.contracts import numbered
from db.ledger import LedgerEntry
from db.payments import Payment
from gateways import sandbox_till
from gateways.banks import sandbox

CONTACT = "anna@example.ru"
FROM_BANK = {"x-forwarded-for": "127.0.0.1"}


class Till:
    """The sandbox bank behind this cabinet, as the bank's own staff would see it."""

    def __init__(self, app, settings, clock, visitor):
        settings.trusted_proxy = True
        self.app, self.settings, self.clock, self.client = app, settings, clock, visitor().client

    @property
    def sandbox(self):
        return sandbox(self.settings, self.clock.now())

    def ring(self) -> list[str]:
        """The bank tells the cabinet what is due, through the cabinet's own door; what it answered."""
        heard = []

        def send(url, body):
            heard.append(self.client.post("/callbacks/bank", json=body, headers=FROM_BANK))
            return heard[-1].status_code

        sandbox_till.deliver(self.sandbox, send)
        return [answer.text for answer in heard]

    def call(self, bank_id, event="payment.succeeded", headers=FROM_BANK):
        body = {"type": "notification", "event": event, "object": {"id": bank_id}}
        return self.client.post("/callbacks/bank", json=body, headers=headers)

    def decide(self, payment, choice="pay", card="good", manner="never"):
        return sandbox_till.decide(self.sandbox, payment.bank_id, choice, card, manner)

    def settled(self, payment, **change):
        """The bank's own record of a payment, bent."""
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
            return numbered(db, number)[0].id

    def begin(self, browser, **fields):
        """Fill the operator's form; the browser then stands on the bank's page."""
        browser.get("/payments/operator")
        return browser.submit("/payments/operator", **({"amount": "1500,50", "contact": CONTACT} | fields))

    def pay(self, browser, choice="pay", **fields):
        return browser.submit(choice=choice, **fields)
