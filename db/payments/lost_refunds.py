"""Refunds that the bank made and a restored database has lost: restores their rows for the job to finish."""

from datetime import datetime

from sqlmodel import Session, col, select

from db.payments.refunds import Refund
from db.requests.requests import Request, RequestStep
from rules.payments import refunds as rules
from rules.payments.banking import BankRefund


def recover_lost_refund(db: Session, bank_refund: BankRefund, now: datetime) -> Refund | None:
    """Restore the row of a refund that the bank has and a restored database has lost. Inside `writing`.

    Returns None if no approved request matches the refund's description and amount.
    """
    for request in db.exec(select(Request).where(Request.kind == "refund", Request.state == "approved")):
        row = db.exec(select(Refund).where(Refund.request_id == request.id)).first()
        same = (
            rules.description(request.number) == bank_refund.description
            and int(request.payload["amount"]) == bank_refund.amount
        )
        approver = _approver(db, request)
        if not same or (row and row.bank_id) or approver is None:
            continue
        row = row or Refund(
            request_id=request.id,
            contract_id=request.contract_id,
            amount=bank_refund.amount,
            by=approver,
            at=now,
            key="",
        )
        row.key = row.key or rules.bank_key(
            request.number, bank_refund.payment_bank_id, bank_refund.amount, row.series
        )
        row.state, row.payment_bank_id, row.bank_id, row.next_at = (
            "asked",
            bank_refund.payment_bank_id,
            bank_refund.bank_id,
            now,
        )
        db.add(row)
        db.flush()
        return row
    return None


def _approver(db: Session, request: Request) -> int | None:
    """Return the id of the staff member who approved the request."""
    steps = select(RequestStep.actor).where(
        RequestStep.request_id == request.id, RequestStep.state == "approved"
    )
    actors = db.exec(steps.order_by(col(RequestStep.id).desc())).all()
    return next((int(actor.removeprefix("staff:")) for actor in actors if actor.startswith("staff:")), None)


def has_bank_refund(db: Session, bank_id: str) -> bool:
    """Return whether we have the bank's refund with this id."""
    return db.exec(select(Refund.id).where(Refund.bank_id == bank_id)).first() is not None
