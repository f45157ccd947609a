"""Fiscal receipts on their way to the cash register (54-ФЗ): a row written with the deed it tells of, sent by
the jobs.

States: waiting → sent (the register took it, not printed yet) → done; failed when the register refuses it or
three days passed, and then the accountant sees it. The row's own key makes a repeat harmless.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import literal
from sqlmodel import Field, Index, Session, SQLModel, col, func, select, text, update

from db import Instant, writing
from db.people import ownership
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from rules import days, phones
from rules.money import fiscal_receipts as rules
from rules.money.fiscal_receipts import Declined, Line, Sheet, Unreachable

Rates = dict[date, int | None] | None  # None: receipts are not the cabinet's to make, and nothing is written
TITLES = {"prepayment": "Оплата", "closing": "Услуги за месяц", "refund": "Возврат"}
STATES = {
    "waiting": ("wait", "готовится"),
    "sent": ("wait", "готовится"),
    "done": ("good", "отправлен"),
    "failed": ("warn", "задерживается"),
}
LEASE = timedelta(minutes=5)
GIVE_UP = timedelta(days=3)
TURNED_OFF = "Касса выключена настройкой CABINET_RECEIPTS: этот чек пробейте сами."


class Receipt(SQLModel, table=True):
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
    lines: str = Field(description="JSON list of rules.money.fiscal_receipts.Line")
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
        """The same for every try, so that the register prints one; new after the accountant's word.

        A row's number may be given twice when the file was put back from a copy, the bank's id never is.
        """
        return str(uuid5(NAMESPACE_OID, f"receipt:{self.key_seed or self.source}:{self.series}"))

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    @property
    def words(self) -> tuple[str, str]:
        """(mark, words) as the subscriber is told; the accountant sees the error itself."""
        return STATES[self.state]

    @property
    def to(self) -> str:
        return self.contact if "@" in self.contact else phones.show(self.contact)

    @property
    def positions(self) -> list[Line]:
        return [Line(**line) for line in json.loads(self.lines)]

    def sheet(self) -> Sheet:
        direction = "refund" if self.kind == "refund" else "payment"
        settled = "advance" if self.kind == "closing" else "money"
        return Sheet(direction, settled, self.contact, tuple(self.positions), self.bank_id)


def _put(
    db: Session,
    contract_id: int,
    kind: str,
    source: str,
    lines: tuple[Line, ...],
    contact: str,
    now: datetime,
    bank_id: str | None = None,
) -> Receipt | None:
    """Write it once per source; nothing when there is nothing to say or it is written already."""
    if not lines or db.exec(select(Receipt.id).where(Receipt.source == source)).first():
        return None
    row = Receipt(
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


def prepay(
    db: Session,
    contract_id: int,
    amount: int,
    balance: int,
    source: str,
    contact: str,
    now: datetime,
    rates: Rates,
    bank_id: str | None = None,
) -> Receipt | None:
    """For a payment that came in: `balance` is what stood before it, `source` the ledger entry's. Inside
    `writing`.
    """
    lines = rules.prepayment(amount, balance, days.today(now), rates) if rates is not None else ()
    return _put(db, contract_id, "prepayment", source, lines, contact, now, bank_id)


def give_back(
    db: Session,
    contract_id: int,
    amount: int,
    source: str,
    now: datetime,
    rates: Rates,
    bank_id: str | None = None,
) -> Receipt | None:
    """For money returned. Inside `writing`."""
    lines = rules.refund(amount, days.today(now), rates) if rates is not None else ()
    contact = contact_of(db, contract_id)
    return _put(db, contract_id, "refund", source, lines, contact, now, bank_id) if contact else None


def contact_of(db: Session, contract_id: int) -> str:
    """Where the contract's last receipt went, else the subscriber's own e-mail or mobile; "" for a company.

    Between organisations that settle by account no receipt is due (54-ФЗ art. 2 п. 9).
    """
    owner = db.exec(select(Subscriber).join(Contract).where(Contract.id == contract_id)).first()
    if owner is None or owner.kind == "company":
        return ""
    latest = _ours(select(Receipt.contact), contract_id).order_by(col(Receipt.id).desc())
    return db.exec(latest.limit(1)).first() or owner.email or owner.mobile or ""


def of(db: Session, contract_id: int, limit: int = 60, *, former: bool = False) -> list[Receipt]:
    """A contract's receipts, newest first; those of a former owner's days only when asked for."""
    every = select(Receipt).where(Receipt.contract_id == contract_id)
    newest = (every if former else _ours(select(Receipt), contract_id)).order_by(col(Receipt.id).desc())
    return list(db.exec(newest.limit(limit)))


def _ours(chosen: Any, contract_id: int) -> Any:
    return chosen.where(
        Receipt.contract_id == contract_id, ownership.present(contract_id, col(Receipt.put_at))
    )


def mine(db: Session, contract_id: int, receipt_id: int) -> Receipt | None:
    """The receipt if it is this contract's, else None."""
    return db.exec(_ours(select(Receipt), contract_id).where(Receipt.id == receipt_id)).first()


def stuck(db: Session, limit: int = 100) -> list[tuple[Receipt, int]]:
    """(receipt, contract number) of those that failed, oldest first."""
    failed = (
        select(Receipt, Contract.number)
        .join(Contract)
        .where(Receipt.state == "failed")
        .order_by(col(Receipt.id))
    )
    return list(db.exec(failed.limit(limit)))


def counts(db: Session) -> dict[str, int]:
    """How many receipts are in each state."""
    return dict(db.exec(select(Receipt.state, func.count()).group_by(Receipt.state)).all())


def again(db: Session, receipt_id: int, contact: str, now: datetime) -> Receipt | None:
    """Try a failed one anew, perhaps to another contact; None when it is not a failed one. Inside
    `writing`.
    """
    row = db.exec(select(Receipt).where(Receipt.id == receipt_id, Receipt.state == "failed")).first()
    if row:
        row.state, row.next_at, row.first_try_at, row.error, row.contact = "waiting", now, None, "", contact
        row.register_id, row.tries, row.series = None, 0, row.series + 1
        db.add(row)
    return row


def due(db: Session, now: datetime, limit: int = 50) -> list[int]:
    return [id for id in db.exec(select(Receipt.id).where(col(Receipt.next_at) <= now).limit(limit)) if id]


def claim(db: Session, receipt_id: int, now: datetime) -> Receipt | None:
    """Take one for sending, for five minutes; None when another sender was faster. Inside `writing`."""
    taken = db.connection().execute(
        update(Receipt)
        .where(col(Receipt.id) == receipt_id, col(Receipt.next_at) <= now)
        .values(
            next_at=now + LEASE,
            tries=Receipt.tries + 1,
            first_try_at=func.coalesce(Receipt.first_try_at, literal(now, Instant)),
        )
    )
    return db.exec(select(Receipt).where(Receipt.id == receipt_id)).one() if taken.rowcount == 1 else None


def send_due(db: Session, register: Any, now: datetime) -> None:
    """Hand over what is due and ask about what the register has; a claimed row is nobody else's. Outside
    `writing`.

    Without a `register`, turned off since, what was written for it is the accountant's.
    """
    for receipt_id in due(db, now):
        with writing(db):
            row = claim(db, receipt_id, now)
            if row and register is None:
                declined(db, receipt_id, TURNED_OFF)
        if row and register:
            _hand_over(db, register, row, now)


def _hand_over(db: Session, register: Any, row: Receipt, now: datetime) -> None:
    id = row.id
    try:
        said = (
            register.ask(row.register_id, now)
            if row.register_id
            else register.register(row.sheet(), row.key, now)
        )
    except Unreachable as silence:
        with writing(db):
            delayed(db, id, str(silence), now)
    except Declined as refusal:
        with writing(db):
            declined(db, id, str(refusal))
    else:
        with writing(db):
            settled(db, id, said, now)


def settled(db: Session, receipt_id: int, said, now: datetime) -> None:
    """Keep what the register said (gateways.receipts.Registered). Inside `writing`."""
    row = _fresh(db, receipt_id)
    row.register_id, row.error = said.id, ""
    row.state = {"pending": "sent", "done": "done", "refused": "failed"}[said.state]
    row.document, row.storage, row.sign, row.registered_at = said.document, said.storage, said.sign, said.at
    row.next_at = now + pause(row.tries) if row.state == "sent" else None
    if row.state == "failed":
        row.error = "Касса не приняла чек."
    _past_hope(row, "Касса приняла чек, но не напечатала его за три дня.", now)
    db.add(row)


def delayed(db: Session, receipt_id: int, error: str, now: datetime) -> None:
    """No answer that settles anything: later again, for three days. Inside `writing`."""
    row = _fresh(db, receipt_id)
    row.error, row.next_at = error, now + pause(row.tries)
    _past_hope(row, f"Касса не ответила за три дня ({error}).", now)
    db.add(row)


def declined(db: Session, receipt_id: int, error: str) -> None:
    """The register will not have it; the accountant sees why. Inside `writing`."""
    row = _fresh(db, receipt_id)
    row.state, row.error, row.next_at = "failed", error, None
    db.add(row)


def _fresh(db: Session, receipt_id: int) -> Receipt:
    return db.exec(select(Receipt).where(Receipt.id == receipt_id)).one()


def _past_hope(row: Receipt, words: str, now: datetime) -> None:
    if row.next_at is not None and row.first_try_at is not None and now - row.first_try_at > GIVE_UP:
        row.state, row.error, row.next_at = "failed", words, None


def pause(tries: int) -> timedelta:
    """A minute after the first failure, then twice as long each time, at most six hours."""
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), timedelta(hours=6))
