"""Refunds (manual §3.3): an open request reserves the money, a decision approves it, this module pays it.

Either the accountant makes a transfer and records its number, or the job asks the bank to refund the card
that paid. That call has its own idempotence key, so a repeat pays once. The ledger entry, the receipt and the
end of the request are one transaction.
"""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant, journal, leases, writing
from db.journal import Person
from db.money import accruals, fiscal_receipt_sending, fiscal_receipts, ledger
from db.payments import banking, payments
from db.payments.payments import Payment
from db.people.contracts import Contract
from db.requests import decisions
from db.requests.requests import Request
from rules import days
from rules.payments import refunds as rules
from rules.payments.bank import Bank
from rules.payments.banking import BankRefund, BankRefused, BankSilent
from settings import Settings


class Refund(SQLModel, table=True):
    id: int = Field(default=None, primary_key=True)
    request_id: int = Field(foreign_key="request.id", unique=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    amount: int = Field(description="kopecks, positive")
    state: str = Field(default="asked", description="asked, paid or failed")
    by: int = Field(foreign_key="staff.id", description="the accountant")
    at: datetime = Field(sa_type=Instant)
    document: str = Field(default="", description="number of the payment order, when it went by transfer")
    payment_bank_id: str | None = Field(
        default=None, description="the bank's id of the payment it goes back along"
    )
    key: str = Field(description="Idempotence-Key at the bank")
    series: int = Field(
        default=0, description="how often the accountant asked the bank anew; a new one is a new key"
    )
    bank_id: str | None = Field(default=None, description="the bank's id of the refund")
    next_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    tries: int = 0
    error: str = ""
    paid_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def words(self) -> str:
        return rules.STATES[self.state]


def unpaid_refunds(db: Session) -> list[tuple[Request, int, Refund | None]]:
    """Return (request, contract number, last attempt) for refunds approved and not paid, oldest first."""
    found = select(Request, Contract.number, Refund).join(Contract, col(Contract.id) == Request.contract_id)
    found = found.join(Refund, col(Refund.request_id) == Request.id, isouter=True)
    found = found.where(Request.kind == "refund", Request.state == "approved")
    return list(db.exec(found.order_by(col(Request.number))))


def refundable_payments(db: Session, request: Request) -> list[tuple[str, str]]:
    """Return (bank's id, words) of payments against which the bank can refund this sum, newest first."""
    found = select(Payment).where(
        Payment.contract_id == request.contract_id,
        Payment.payee == "operator",
        Payment.state == "paid",
        Payment.amount - Payment.refunded >= int(request.payload["amount"]),
        col(Payment.bank_id).is_not(None),
    )
    return [
        (
            str(one.bank_id),
            rules.payment_choice(one.method, one.card, days.today(one.paid_at or one.created_at)),
        )
        for one in db.exec(found.order_by(col(Payment.id).desc()).limit(10))
    ]


def paid_refunds(db: Session, limit: int = 20) -> list[tuple[Refund, Request, int]]:
    """Return (refund, request, contract number) for paid refunds, newest first."""
    found = select(Refund, Request, Contract.number).join(Request, col(Request.id) == Refund.request_id)
    found = found.join(Contract, col(Contract.id) == Refund.contract_id).where(Refund.state == "paid")
    return list(db.exec(found.order_by(col(Refund.paid_at).desc()).limit(limit)))


def record_transfer(
    db: Session, request: Request, document: str, who: Person, now: datetime, rates: fiscal_receipts.VatRates
) -> Refund:
    """Record the accountant's transfer by its document. Refused at `document`. Inside `writing`."""
    number_and_day = rules.read_document(document)
    row = _prepare_row(db, request, who, now)
    row.document = number_and_day
    _mark_paid(db, row, request, who, now, rates, rules.transfer_note(number_and_day))
    return row


def request_from_bank(
    db: Session, request: Request, payment_bank_id: str, who: Person, now: datetime
) -> Refund:
    """Queue a refund of the payment `payment_bank_id`; the job asks the bank for it. Inside `writing`."""
    rules.check_payment(payment_bank_id, {bank_id for bank_id, _ in refundable_payments(db, request)})
    row = _prepare_row(db, request, who, now)
    row.payment_bank_id, row.next_at, row.state = payment_bank_id, now, "asked"
    row.key = rules.bank_key(request.number, payment_bank_id, row.amount, row.series)
    db.add(row)
    journal.note(
        db,
        who,
        "refunds.ask_bank",
        now,
        contract_id=row.contract_id,
        request=request.number,
        amount=row.amount,
    )
    return row


def _prepare_row(db: Session, request: Request, who: Person, now: datetime) -> Refund:
    """Return the refund row of this request: a new one, or the one that the bank refused before."""
    row = db.exec(select(Refund).where(Refund.request_id == request.id)).first()
    rules.check_payable(request.kind, request.state, row.state if row else None)
    amount = int(request.payload["amount"])
    rules.check_balance(amount, accruals.balance(db, request.contract_id, now))
    row = row or Refund(
        request_id=request.id,
        contract_id=request.contract_id,
        amount=amount,
        by=who.id,
        at=now,
        key="",
        series=-1,
    )
    row.series, row.by, row.at, row.error, row.tries, row.bank_id = row.series + 1, who.id, now, "", 0, None
    db.add(row)
    db.flush()
    return row


def _mark_paid(
    db: Session,
    row: Refund,
    request: Request,
    who: Person | str,
    now: datetime,
    rates: fiscal_receipts.VatRates,
    note: str,
) -> None:
    row.state, row.paid_at, row.next_at, row.error = "paid", now, None, ""
    db.add(row)
    source = f"refund:{request.number}"
    ledger.add(db, row.contract_id, -row.amount, "refund", source, day=days.today(now), now=now, note=note)
    fiscal_receipts.add_refund_receipt(db, row.contract_id, row.amount, source, now, rates, row.bank_id)
    journal.note(
        db, who, "refunds.pay", now, contract_id=row.contract_id, request=request.number, amount=row.amount
    )
    decisions.carry_out(db, request, who, now)


def pay_due(db: Session, bank: Bank, now: datetime, settings: Settings) -> None:
    """Send the due refunds to the bank; the key makes a repeat the same refund. Outside `writing`."""
    for refund_id in due_refunds(db, now):
        with writing(db):
            row = claim(db, refund_id, now)
        if row:
            _refund_through_bank(db, bank, row, now, settings)


def _refund_through_bank(db: Session, bank: Bank, row: Refund, now: datetime, settings: Settings) -> None:
    along = str(row.payment_bank_id)
    request = db.exec(select(Request.number).where(Request.id == row.request_id)).one()
    try:
        if row.bank_id:
            answer = bank.refund_status(row.bank_id)
        else:
            answer = bank.refund(along, row.amount, row.key, description=rules.description(request))
    except BankSilent:
        with writing(db):
            postpone(db, row, rules.BANK_SILENT, now)
        return
    except BankRefused as no:
        answer = BankRefund("", "failed", row.amount, along, no.words or no.code)
    with writing(db):
        apply_bank_answer(
            db,
            row.id,
            answer.bank_id,
            answer.state,
            answer.reason or rules.NO_REASON,
            now,
            settings.vat_rates,
        )
    payment = payments.find_by_bank_id(db, along)
    if payment and answer.state == "done":
        banking.refresh_status(db, bank, payment.id, now, settings)


def due_refunds(db: Session, now: datetime) -> list[int]:
    return [id for id in db.exec(select(Refund.id).where(col(Refund.next_at) <= now)) if id]


def claim(db: Session, refund_id: int, now: datetime) -> Refund | None:
    """Claim a due refund until a lease ends; None if another job has claimed it. Inside `writing`."""
    claimed = leases.claim(
        db,
        Refund,
        refund_id,
        col(Refund.next_at) <= now,
        next_at=now + leases.LEASE,
        tries=Refund.tries + 1,
    )
    return _reload(db, refund_id) if claimed else None


def apply_bank_answer(
    db: Session,
    refund_id: int,
    bank_id: str,
    state: str,
    reason: str,
    now: datetime,
    rates: fiscal_receipts.VatRates,
) -> None:
    """Apply the bank's state of a refund: pending, done or failed. Inside `writing`."""
    row = _reload(db, refund_id)
    if row.state != "asked":
        return
    row.bank_id = bank_id or row.bank_id
    if state == "done":
        request = db.exec(select(Request).where(Request.id == row.request_id)).one()
        _mark_paid(db, row, request, "system:jobs", now, rates, rules.TRANSFERRED_TO_CARD)
    elif state == "failed":
        row.state, row.next_at, row.error = "failed", None, reason
    else:
        postpone(db, row, "", now)
    db.add(row)


def postpone(db: Session, row: Refund, error: str, now: datetime) -> None:
    """Schedule another try with the same key after an inconclusive answer. Inside `writing`."""
    row.error, row.next_at = error, now + fiscal_receipt_sending.retry_pause(row.tries)
    db.add(row)


def _reload(db: Session, refund_id: int) -> Refund:
    return db.exec(
        select(Refund).where(Refund.id == refund_id).execution_options(populate_existing=True)
    ).one()
