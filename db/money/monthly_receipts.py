"""The monthly receipt that settles an advance (54-ФЗ art. 1.2 п. 2.1), for a batch of contracts.

One night may produce a hundred thousand of them, so they are inserted as plain rows: model objects would cost
ten times more.
"""

from datetime import date, datetime

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from db.money.fiscal_receipts import FiscalReceipt, VatRates
from db.people import ownership
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules import days
from rules.money import fiscal_receipts as rules


def add_closing_receipts(
    db: Session, spent: dict[int, tuple[int, int]], month: date, now: datetime, rates: VatRates
) -> None:
    """Add receipts for the advances that a month has used. Inside `writing`.

    The argument maps a contract to (fee, balance before the fee), in kopecks.
    """
    contacts, last = _contacts(db, min(spent), max(spent)), days.month_end(month)
    sources = {f"closing:{id}:{month:%Y-%m}": id for id in spent if id in contacts}
    there = set(db.exec(select(FiscalReceipt.source).where(col(FiscalReceipt.source).in_(sources))))
    texts: dict[int, str] = {}
    rows = []
    for source, id in sources.items():
        fee, balance = spent[id]
        amount = min(fee, max(0, balance))
        if not amount or source in there:
            continue
        if amount not in texts:
            texts[amount] = rules.lines_json(rules.closing_lines(fee, balance, month, last, rates))  # type: ignore[arg-type]
        rows.append(
            {
                "contract_id": id,
                "kind": "closing",
                "source": source,
                "contact": contacts[id],
                "amount": amount,
                "lines": texts[amount],
                "put_at": now,
                "next_at": now,
                "state": "waiting",
                "tries": 0,
                "series": 0,
                "error": "",
                "document": "",
                "storage": "",
                "sign": "",
            }
        )
    if rows:
        db.connection().execute(insert(FiscalReceipt), rows)


def _contacts(db: Session, low: int, high: int) -> dict[int, str]:
    """Return {contract: contact} for a range of contract ids; contracts without a contact are left out."""
    owners = select(Contract.id, Subscriber.email, Subscriber.mobile).join(Subscriber)
    owners = owners.where(Subscriber.kind != "company", col(Contract.id).between(low, high))
    latest = (
        select(func.max(FiscalReceipt.id))
        .where(
            col(FiscalReceipt.contract_id).between(low, high),
            ownership.present_owner_clause(col(FiscalReceipt.contract_id), col(FiscalReceipt.put_at)),
        )
        .group_by(col(FiscalReceipt.contract_id))
    )
    newest = dict(
        db.execute(
            select(FiscalReceipt.contract_id, FiscalReceipt.contact).where(col(FiscalReceipt.id).in_(latest))
        ).all()
    )
    found = {id: newest.get(id) or email or mobile for id, email, mobile in db.execute(owners)}
    return {int(id): contact for id, contact in found.items() if id and contact}
