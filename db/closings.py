"""The receipt that closes an advance once a month (54-ФЗ art. 1.2 п. 2.1), for a batch of contracts at a time."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from db.contracts import Contract
from db.receipts import Rates, Receipt, made
from db.subscribers import Subscriber
from rules import days
from rules import receipts as rules


def close_months(db: Session, spent: dict[int, tuple[int, int]], month: date, now: datetime, rates: Rates) -> None:
    """For the advances a month has used up: {contract: (fee, balance before it)}; a batch at a time. Inside `writing`."""
    low, high = min(spent), max(spent)
    contacts = _contacts(db, low, high)
    there = set(db.exec(select(Receipt.source).where(
        col(Receipt.contract_id).between(low, high), Receipt.kind == "closing", col(Receipt.source).endswith(f"{month:%Y-%m}")
    )))  # fmt: skip
    for id, (fee, balance) in spent.items():
        lines = rules.closing(fee, balance, month, days.month_end(month), rates)
        source = f"closing:{id}:{month:%Y-%m}"
        if lines and id in contacts and source not in there:
            db.add(made(id, "closing", source, lines, contacts[id], now))


def _contacts(db: Session, low: int, high: int) -> dict[int, str]:
    """`contact_of` for a span of contracts; those without one are left out."""
    owners = select(Contract.id, Subscriber.email, Subscriber.mobile).join(Subscriber)
    owners = owners.where(Subscriber.kind != "company", col(Contract.id).between(low, high))
    latest = select(Receipt.contract_id, Receipt.contact).where(col(Receipt.contract_id).between(low, high))
    newest = {id: contact for id, contact in db.exec(latest.order_by(col(Receipt.id)))}  # noqa: C416
    found = {id: newest.get(id) or email or mobile for id, email, mobile in db.exec(owners)}
    return {int(id): contact for id, contact in found.items() if id and contact}
