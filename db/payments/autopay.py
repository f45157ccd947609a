"""Autopay: its terms, the days it charges on, and every attempt (manual §3.2).

A due day is one row per (contract, day); an attempt is one row per (contract, day, number). Both are
committed, with the payment and its idempotence key, before the bank is called, so no crash can charge a day
twice.
"""

from datetime import date, datetime

from sqlmodel import Field, Index, Session, SQLModel, UniqueConstraint, col, select, text, update

from db import Instant, journal, sealed_columns
from db.journal import Person
from db.payments import payments
from db.payments.payments import Payment
from db.people import ownership
from rules.payments import autopay as rules
from rules.payments import autopay_messages
from rules.payments.autopay import AutopayTerms
from rules.payments.banking import SavedCard


class Autopay(SQLModel, table=True):
    """An autopay of a contract and the terms it was turned on with.

    States: binding (the first payment is at the bank) → on → off. The encrypted token of the card is stored
    in the row.
    """

    __table_args__ = (
        Index(
            "uq_autopay_on",
            "contract_id",
            unique=True,
            sqlite_where=text("state = 'on'"),
            postgresql_where=text("state = 'on'"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    mode: str = Field(description="monthly: the sum due on day N; low: top up when below X")
    cap: int = Field(description="kopecks, the most of one charge")
    day: int | None = None
    below: int | None = None
    top_up: int | None = None
    contact: str = Field(description="where receipts and notices go")
    acceptance_id: int = Field(foreign_key="acceptance.id", description="the rules read and accepted")
    payment_id: int | None = Field(
        default=None, foreign_key="payment.id", description="the payment that binds the card"
    )
    state: str = "binding"
    token_clear: str | None = Field(
        default=None, sa_column_kwargs={"name": "token"}, description="of an earlier release"
    )
    token_sealed: str | None = Field(
        default=None, description="the bank's token of the card (db.sealed_columns)"
    )
    card: str | None = None
    asked_at: datetime = Field(sa_type=Instant)
    on_at: datetime | None = Field(default=None, sa_type=Instant)
    off_at: datetime | None = Field(default=None, sa_type=Instant)
    off_why: str | None = None

    @property
    def terms(self) -> AutopayTerms:
        return AutopayTerms(self.mode, self.cap, self.day, self.below, self.top_up)  # type: ignore[arg-type]

    @property
    def has_card(self) -> bool:
        return bool(self.token_sealed or self.token_clear)

    @property
    def words(self) -> str:
        return rules.describe_terms(self.terms)

    @property
    def why_off(self) -> str:
        return rules.OFF_REASONS.get(self.off_why or "", "")


class AutopayDue(SQLModel, table=True):
    """A day to charge on, announced the day before. States: open → paid | failed | skipped | stopped."""

    __tablename__ = "autopay_due"
    __table_args__ = (UniqueConstraint("contract_id", "day"),)

    id: int = Field(default=None, primary_key=True)
    autopay_id: int = Field(foreign_key="autopay.id", index=True)
    contract_id: int = Field(foreign_key="contract.id")
    day: date = Field(description="the Moscow day it belongs to")
    charge_on: date = Field(description="the first day it may be charged")
    amount: int = Field(description="kopecks announced; never more is charged")
    noticed_at: datetime = Field(sa_type=Instant)
    state: str = Field(default="open", index=True)
    failures: int = 0


class AutopayTry(SQLModel, table=True):
    __tablename__ = "autopay_try"
    __table_args__ = (UniqueConstraint("contract_id", "day", "number"),)

    id: int = Field(default=None, primary_key=True)
    due_id: int = Field(foreign_key="autopay_due.id", index=True)
    contract_id: int = Field(foreign_key="contract.id")
    day: date
    number: int
    payment_id: int = Field(foreign_key="payment.id", unique=True)
    at: datetime = Field(sa_type=Instant)


def card_token(db: Session, row: Autopay) -> str | None:
    """Return the bank's token of the bound card, decrypted."""
    return sealed_columns.read(db, row, "token_sealed")


def active_autopay(db: Session, contract_id: int | None) -> Autopay | None:
    """Return the contract's autopay that is on, or None."""
    return db.exec(select(Autopay).where(Autopay.contract_id == contract_id, Autopay.state == "on")).first()


def autopay_history(db: Session, contract_id: int | None) -> list[Autopay]:
    """Return every autopay of the contract, newest first."""
    found = select(Autopay).where(
        Autopay.contract_id == contract_id, ownership.present_owner_clause(contract_id, col(Autopay.asked_at))
    )
    return list(db.exec(found.order_by(col(Autopay.id).desc()).limit(20)))


def latest_charges(db: Session, contract_id: int | None, limit: int = 24) -> list[tuple[AutopayDue, Payment]]:
    """Return the charges made or attempted, newest first."""
    found = (
        select(AutopayDue, Payment)
        .join(AutopayTry, col(AutopayTry.due_id) == AutopayDue.id)
        .join(Payment, col(AutopayTry.payment_id) == Payment.id)
        .where(
            AutopayDue.contract_id == contract_id,
            ownership.present_owner_clause(contract_id, col(AutopayTry.at)),
        )
    )
    return list(db.exec(found.order_by(col(AutopayTry.id).desc()).limit(limit)))


def add(
    db: Session,
    contract_id: int,
    terms: AutopayTerms,
    contact: str,
    acceptance_id: int,
    payment_id: int,
    now: datetime,
) -> Autopay:
    """Add an autopay in the state binding. Inside `writing`, together with the binding payment.

    It turns on when the bank has bound the card.
    """
    begun = update(Autopay).where(col(Autopay.contract_id) == contract_id, col(Autopay.state) == "binding")
    db.connection().execute(begun.values(state="off", off_at=now, off_why="replaced"))
    row = Autopay(
        contract_id=contract_id,
        contact=contact,
        acceptance_id=acceptance_id,
        payment_id=payment_id,
        asked_at=now,
        **vars(terms),
    )
    db.add(row)
    db.flush()
    return row


def on_binding_paid(db: Session, payment: Payment, card: SavedCard | None, now: datetime) -> None:
    """Turn autopay on after its binding payment, or off if the bank saved no card. Inside `writing`."""
    row = db.exec(select(Autopay).where(Autopay.payment_id == payment.id, Autopay.state == "binding")).first()
    if row is None:
        return
    if card is None or active_autopay(db, row.contract_id):
        turn_off(db, row, "unbound", "system:bank", now)
        return
    row.state, row.on_at, row.card = "on", now, card.title
    sealed_columns.write(db, row, "token_sealed", card.token)
    message = autopay_messages.turned_on(card.title, row.terms)
    payments.notify(db, row.contract_id, message, now, otherwise=row.contact)
    journal.note(db, "system:bank", "autopay.on", now, contract_id=row.contract_id, autopay=row.id)


def change_terms(
    db: Session,
    row: Autopay,
    terms: AutopayTerms,
    contact: str,
    acceptance_id: int,
    who: Person,
    now: datetime,
) -> Autopay:
    """Change the terms for the same card and return the new row. Inside `writing`.

    A new row is added, so that the old terms stay in the history. A charge already announced is made under
    the new terms, unless its day was changed.
    """
    same_card, token = {"card": row.card, "on_at": now, "asked_at": now}, card_token(db, row)
    other_day = (terms.mode, terms.day) != (row.mode, row.day)
    row.state, row.off_at, row.off_why = "off", now, "changed"
    sealed_columns.write(db, row, "token_sealed", None)
    db.flush()
    new = Autopay(
        contract_id=row.contract_id,
        contact=contact,
        acceptance_id=acceptance_id,
        state="on",
        **same_card,  # type: ignore[arg-type]
        **vars(terms),
    )
    sealed_columns.write(db, new, "token_sealed", token)
    db.flush()
    if other_day:
        _cancel_charges(db, row)
    open_ = update(AutopayDue).where(col(AutopayDue.autopay_id) == row.id, AutopayDue.state == "open")  # type: ignore[arg-type]
    db.connection().execute(open_.values(autopay_id=new.id))
    journal.note(db, who, "autopay.change", now, autopay=new.id, was=row.id)
    message = autopay_messages.terms_changed(new.terms)
    payments.notify(db, row.contract_id, message, now, otherwise=contact)
    return new


def _cancel_charges(db: Session, row: Autopay) -> None:
    """Cancel the announced charges that were not sent to the bank; a charge at the bank stays open."""
    ours = select(AutopayTry.payment_id).join(AutopayDue).where(AutopayDue.autopay_id == row.id)
    unsent = update(Payment).where(
        col(Payment.id).in_(ours),
        col(Payment.sent_at).is_(None),
        Payment.state == "created",  # type: ignore[arg-type]
    )
    db.connection().execute(unsent.values(state="failed", reason="withdrawn", ask_at=None))
    waits = select(AutopayTry.due_id).join(Payment, col(AutopayTry.payment_id) == Payment.id)
    waits = waits.where(col(Payment.state).in_(("created", "pending")))
    open_ = update(AutopayDue).where(
        col(AutopayDue.autopay_id) == row.id,
        AutopayDue.state == "open",  # type: ignore[arg-type]
        col(AutopayDue.id).not_in(waits),  # type: ignore[arg-type]
    )
    db.connection().execute(open_.values(state="stopped"))


def turn_off(db: Session, row: Autopay, why: str, who: object, now: datetime) -> None:
    """Turn autopay off and unlink the card. Inside `writing`.

    Charges that were not sent to the bank are cancelled.
    """
    row.state, row.off_at, row.off_why = "off", now, why
    sealed_columns.write(db, row, "token_sealed", None)
    _cancel_charges(db, row)
    open_ = update(AutopayDue).where(col(AutopayDue.autopay_id) == row.id, AutopayDue.state == "open")  # type: ignore[arg-type]
    db.connection().execute(open_.values(state="stopped"))
    journal.note(db, who, "autopay.off", now, contract_id=row.contract_id, autopay=row.id, why=why)  # type: ignore[arg-type]
    message = autopay_messages.turned_off(why)
    payments.notify(db, row.contract_id, message, now, otherwise=row.contact)
