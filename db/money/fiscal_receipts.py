"""Fiscal receipts (54-ФЗ).

A row is written in the transaction of the payment, and a job submits it to the cash register. States: waiting
→ sent (submitted, not printed yet) → done. A receipt becomes failed if the register declines it or three days
pass; then the accountant handles it. The row's key makes a repeated submission harmless.
"""

import json
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlmodel import Field, Index, Session, SQLModel, col, func, select, text

from db import Instant
from db.people import ownership
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules import days, phones
from rules.money import fiscal_receipts as rules
from rules.money.fiscal_receipts import ReceiptDocument, ReceiptLine

# None: this cabinet makes no receipts, so no rows are written.
VatRates = dict[date, int | None] | None


class FiscalReceipt(SQLModel, table=True):
    __tablename__ = "receipt"
    __table_args__ = (
        Index(
            "ix_receipt_next_at",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index("ix_receipt_contract_id_put_at", "contract_id", "put_at"),
    )

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id")
    kind: str = Field(description="prepayment, closing or refund")
    source: str = Field(unique=True, description="what it stands for, as in the ledger")
    contact: str = Field(description="e-mail, or mobile in E.164")
    amount: int = Field(description="kopecks")
    lines: str = Field(description="JSON list of rules.money.fiscal_receipts.ReceiptLine")
    bank_id: str | None = Field(default=None, description="the bank's id of the payment or refund")
    put_at: datetime = Field(sa_type=Instant)
    first_try_at: datetime | None = Field(default=None, sa_type=Instant)
    state: str = "waiting"
    next_at: datetime | None = Field(
        default=None, sa_type=Instant, description="when to go on; None: nothing to do"
    )
    tries: int = 0
    series: int = Field(
        default=0, description="how often the accountant sent it anew; a new one is a new key"
    )
    key_seed: str | None = Field(
        default=None, description="what its key is made of beside the series; None: the source alone"
    )
    error: str = ""
    register_id: str | None = None
    document: str = Field(default="", description="ФД")
    storage: str = Field(default="", description="ФН")
    sign: str = Field(default="", description="ФПД")
    registered_at: datetime | None = Field(default=None, sa_type=Instant)

    @property
    def key(self) -> str:
        """The idempotence key: the same for every try, so the register prints one receipt.

        It changes when the accountant retries. It is built from the bank's id where there is one, because row
        ids may repeat after a restore from a back-up and the bank's id never does.
        """
        return str(uuid5(NAMESPACE_OID, f"receipt:{self.key_seed or self.source}:{self.series}"))

    @property
    def title(self) -> str:
        return rules.TITLES[self.kind]

    @property
    def words(self) -> tuple[str, str]:
        """(mark, words) for the subscriber; the accountant sees the error itself."""
        return rules.STATES[self.state]

    @property
    def to(self) -> str:
        return self.contact if "@" in self.contact else phones.format_phone(self.contact)

    @property
    def positions(self) -> list[ReceiptLine]:
        return [ReceiptLine(**line) for line in json.loads(self.lines)]

    def sheet(self) -> ReceiptDocument:
        direction = "refund" if self.kind == "refund" else "payment"
        settled = "advance" if self.kind == "closing" else "money"
        return ReceiptDocument(direction, settled, self.contact, tuple(self.positions), self.bank_id)  # type: ignore[arg-type]


def _add(
    db: Session,
    contract_id: int,
    kind: str,
    source: str,
    lines: tuple[ReceiptLine, ...],
    contact: str,
    now: datetime,
    bank_id: str | None = None,
) -> FiscalReceipt | None:
    """Add one receipt per source; None if there are no lines or the source already has a receipt."""
    if not lines or db.exec(select(FiscalReceipt.id).where(FiscalReceipt.source == source)).first():
        return None
    row = FiscalReceipt(
        contract_id=contract_id,
        kind=kind,
        source=source,
        contact=contact,
        amount=sum(line.amount for line in lines),
        lines=rules.lines_json(lines),
        bank_id=bank_id,
        key_seed=f"{kind}:{bank_id}" if bank_id else None,
        put_at=now,
        next_at=now,
    )
    db.add(row)
    return row


def add_prepayment_receipt(
    db: Session,
    contract_id: int,
    amount: int,
    balance: int,
    source: str,
    contact: str,
    now: datetime,
    rates: VatRates,
    bank_id: str | None = None,
) -> FiscalReceipt | None:
    """Add the receipt of an incoming payment. Inside `writing`.

    `balance` is the balance before the payment in kopecks; `source` is the source of the ledger entry.
    """
    lines = rules.prepayment_lines(amount, balance, days.today(now), rates) if rates is not None else ()
    return _add(db, contract_id, "prepayment", source, lines, contact, now, bank_id)


def add_refund_receipt(
    db: Session,
    contract_id: int,
    amount: int,
    source: str,
    now: datetime,
    rates: VatRates,
    bank_id: str | None = None,
) -> FiscalReceipt | None:
    """Add the receipt of a refund. Inside `writing`."""
    lines = rules.refund_lines(amount, days.today(now), rates) if rates is not None else ()
    contact = receipt_contact(db, contract_id)
    return _add(db, contract_id, "refund", source, lines, contact, now, bank_id) if contact else None


def receipt_contact(db: Session, contract_id: int) -> str:
    """Return the contact of the contract's last receipt, else the subscriber's e-mail or mobile.

    Returns "" for a company: between organisations that settle by bank transfer no receipt is due (54-ФЗ art.
    2 п. 9).
    """
    owner = db.exec(select(Subscriber).join(Contract).where(Contract.id == contract_id)).first()
    if owner is None or owner.kind == "company":
        return ""
    latest = _of_present_owner(select(FiscalReceipt.contact), contract_id).order_by(
        col(FiscalReceipt.id).desc()
    )
    return db.exec(latest.limit(1)).first() or owner.email or owner.mobile or ""


def contract_receipts(
    db: Session, contract_id: int, limit: int = 60, *, former: bool = False
) -> list[FiscalReceipt]:
    """Return a contract's receipts, newest first; with `former`, also those of former owners."""
    every = select(FiscalReceipt).where(FiscalReceipt.contract_id == contract_id)
    newest = (every if former else _of_present_owner(select(FiscalReceipt), contract_id)).order_by(
        col(FiscalReceipt.id).desc()
    )
    return list(db.exec(newest.limit(limit)))


def _of_present_owner(chosen: Any, contract_id: int) -> Any:
    return chosen.where(
        FiscalReceipt.contract_id == contract_id,
        ownership.present_owner_clause(contract_id, col(FiscalReceipt.put_at)),
    )


def owned_receipt(db: Session, contract_id: int, receipt_id: int) -> FiscalReceipt | None:
    """Return the receipt if it belongs to this contract, else None."""
    return db.exec(
        _of_present_owner(select(FiscalReceipt), contract_id).where(FiscalReceipt.id == receipt_id)
    ).first()


def failed_receipts(db: Session, limit: int = 100) -> list[tuple[FiscalReceipt, int]]:
    """Return (receipt, contract number) for failed receipts, oldest first."""
    failed = (
        select(FiscalReceipt, Contract.number)
        .join(Contract)
        .where(FiscalReceipt.state == "failed")
        .order_by(col(FiscalReceipt.id))
    )
    return list(db.exec(failed.limit(limit)))


def count_by_state(db: Session) -> dict[str, int]:
    """Return how many receipts are in each state."""
    return dict(db.exec(select(FiscalReceipt.state, func.count()).group_by(FiscalReceipt.state)).all())


def retry(db: Session, receipt_id: int, contact: str, now: datetime) -> FiscalReceipt | None:
    """Retry a failed receipt, optionally to another contact; None if it has not failed. Inside `writing`."""
    row = db.exec(
        select(FiscalReceipt).where(FiscalReceipt.id == receipt_id, FiscalReceipt.state == "failed")
    ).first()
    if row:
        row.state, row.next_at, row.first_try_at, row.error, row.contact = "waiting", now, None, "", contact
        row.register_id, row.tries, row.series = None, 0, row.series + 1
        db.add(row)
    return row
