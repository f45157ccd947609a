"""The charges of autopay (manual §3.2).

A charge is announced the day before, attempted on its days, and ended by the bank's status. The amount is
decided inside the transaction that writes the attempt: it reads terms, token, balance and cap.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from db.money import accruals
from db.payments import payments
from db.payments.autopay import Autopay, AutopayDue, AutopayTry, active_autopay, card_token, turn_off
from db.payments.payments import Payment
from db.people.contracts import Contract
from rules import days
from rules.payments import autopay as rules
from rules.payments import autopay_messages
from rules.payments.autopay import NextCharge
from rules.payments.banking import BankPayment


def active_autopay_ids(db: Session) -> list[int]:
    return [
        id for id in db.exec(select(Autopay.id).where(Autopay.state == "on").order_by(col(Autopay.id))) if id
    ]


def forecast_charge(db: Session, row: Autopay, now: datetime) -> tuple[date | None, int]:
    """Return the due day of the next charge and its sum in kopecks at today's balance."""
    money = accruals.balance_details(db, row.contract_id, now)
    last = db.exec(
        select(AutopayDue.day)  # type: ignore[call-overload]
        .where(AutopayDue.contract_id == row.contract_id)
        .order_by(col(AutopayDue.day).desc())
        .limit(1)
    ).first()
    begun = days.today(row.on_at or now)
    day = rules.next_due_day(row.terms, days.today(now), money.balance, begun, last)  # type: ignore[arg-type]
    return day, rules.charge_amount(row.terms, money.balance, money.next_fee)


def run_autopay(db: Session, autopay_id: int, now: datetime) -> Payment | None:
    """Announce tomorrow's charge and create today's attempt of one autopay. Inside `writing`.

    Returns the payment to send to the bank, or None.
    """
    announce_charge(db, autopay_id, now)
    return create_charge(db, autopay_id, now)


def announce_charge(db: Session, autopay_id: int, now: datetime) -> AutopayDue | None:
    """Announce a charge the day before, once per due day. Inside `writing`."""
    row = db.exec(select(Autopay).where(Autopay.id == autopay_id, Autopay.state == "on")).first()
    if row is None or open_due(db, autopay_id):
        return None
    (day, amount), today = forecast_charge(db, row, now), days.today(now)
    if day is None or not amount or rules.notice_day(day) > today:
        return None
    charge_on = rules.charge_day(day, today)
    due = AutopayDue(
        autopay_id=autopay_id,
        contract_id=row.contract_id,
        day=day,
        charge_on=charge_on,
        amount=amount,
        noticed_at=now,
    )
    db.add(due)
    message = autopay_messages.advance_notice(charge_on, amount, row.card or "")
    payments.notify(db, row.contract_id, message, now, otherwise=row.contact)
    return due


def open_due(db: Session, autopay_id: int) -> AutopayDue | None:
    return db.exec(
        select(AutopayDue).where(AutopayDue.autopay_id == autopay_id, AutopayDue.state == "open")
    ).first()


def create_charge(db: Session, autopay_id: int, now: datetime) -> Payment | None:
    """Create the payment of the attempt that is due now. Inside `writing`.

    Returns None if no attempt is due. A charge that is not needed any more is marked skipped.
    """
    row = db.exec(select(Autopay).where(Autopay.id == autopay_id, Autopay.state == "on")).first()
    due = open_due(db, autopay_id)
    if row is None or due is None or not row.has_card or _must_wait(db, due, days.today(now)):
        return None
    money = accruals.balance_details(db, row.contract_id, now)
    amount = min(rules.charge_amount(row.terms, money.balance, money.next_fee), due.amount)
    if not amount:
        due.state = "skipped"
        db.add(due)
        return None
    return _add_try(db, row, due, due.failures, amount, now)


def _add_try(db: Session, row: Autopay, due: AutopayDue, number: int, amount: int, now: datetime) -> Payment:
    """Add the payment of one attempt and the attempt's row. Inside `writing`."""
    contract = db.exec(select(Contract.number).where(Contract.id == row.contract_id)).one()
    payment = payments.add_saved_card_charge(
        db,
        row.contract_id,
        amount,
        row.contact,
        row.card or "",
        autopay_messages.charge_purpose(due.day),
        now,
        rules.order_id(contract, due.day, number),
        rules.charge_key(contract, due.day, number),
    )
    db.add(
        AutopayTry(
            due_id=due.id,
            contract_id=row.contract_id,
            day=due.day,
            number=number,
            payment_id=payment.id,
            at=now,
        )
    )
    db.flush()
    return payment


def recover_lost_charge(
    db: Session, bank_payment: BankPayment, since: datetime, now: datetime
) -> Payment | None:
    """Add the payment of a charge that the bank has and a restored database has lost. Inside `writing`.

    Returns None if no autopay explains it. `since` is the moment of the back-up: the due days compared are
    those from shortly before it until today.
    """
    row = db.exec(
        select(Autopay)
        .join(Contract, col(Contract.id) == Autopay.contract_id)
        .where(Contract.number == bank_payment.contract, Autopay.state == "on")
    ).first()
    first, today = days.today(since) - timedelta(days=rules.LATE + rules.RETRIES[-1]), days.today(now)
    span = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    tries = ((day, number) for day in span for number in range(len(rules.RETRIES)))
    found = next(
        (one for one in tries if rules.order_id(bank_payment.contract, *one) == bank_payment.order_id), None
    )
    if row is None or found is None:
        return None
    day, number = found
    due = db.exec(
        select(AutopayDue).where(AutopayDue.contract_id == row.contract_id, AutopayDue.day == day)
    ).first()
    due = due or AutopayDue(
        autopay_id=row.id,
        contract_id=row.contract_id,
        day=day,
        charge_on=day,
        amount=bank_payment.amount,
        noticed_at=now,
    )
    due.state, due.failures = "open", number
    db.add(due)
    db.flush()
    return _add_try(db, row, due, number, bank_payment.amount, now)


def _must_wait(db: Session, due: AutopayDue, today: date) -> bool:
    """Return whether the attempt must wait: its day has not come, or it is still at the bank."""
    tried = db.exec(
        select(AutopayTry.id).where(AutopayTry.due_id == due.id, AutopayTry.number == due.failures)
    ).first()
    return tried is not None or today < rules.try_day(due.charge_on, due.failures)


def token_to_charge(db: Session, payment: Payment) -> str | None:
    """Return the token of the card to charge; None if the charge is cancelled.

    Call it inside `writing`, before the bank is called.
    """
    found = (
        select(Autopay)
        .join(AutopayDue, col(AutopayDue.autopay_id) == Autopay.id)
        .join(AutopayTry, col(AutopayTry.due_id) == AutopayDue.id)
        .where(AutopayTry.payment_id == payment.id, Autopay.state == "on")
    )
    row = db.exec(found).first()
    return card_token(db, row) if row else None


def on_payment_finished(db: Session, payment: Payment, now: datetime) -> None:
    """Record the end of an attempt and its consequences. Inside `writing`, with the payment's own change."""
    found = (
        select(AutopayDue, Autopay)
        .join(AutopayTry, col(AutopayTry.due_id) == AutopayDue.id)
        .join(Autopay, col(AutopayDue.autopay_id) == Autopay.id)
        .where(AutopayTry.payment_id == payment.id)
    ).execution_options(populate_existing=True)
    due, row = db.exec(found).first() or (None, None)
    if due is None or row is None:
        return
    if payment.state in ("paid", "settled"):
        due.state = "paid"
    elif payment.state in ("expired", "returned"):
        # The bank may have charged it all the same: another attempt could take the money twice.
        due.state = "failed"
    elif due.state == "open":
        due.failures += 1
        _on_failure(db, row, due, payment, now)
    db.add(due)


def _on_failure(db: Session, row: Autopay, due: AutopayDue, payment: Payment, now: datetime) -> None:
    if rules.attempts_exhausted(due.failures):
        due.state = "failed"
        db.add(due)
        db.flush()
        turn_off(db, row, "failed", "system:jobs", now)
        return
    again = rules.try_day(due.charge_on, due.failures)
    message = autopay_messages.charge_failed(payment.amount, payment.words, again)
    payments.notify(db, row.contract_id, message, now, otherwise=row.contact)


_on = select(Autopay.id).where(col(Autopay.contract_id) == bindparam("contract"), col(Autopay.state) == "on")


def next_charge(db: Session, contract_id: int | None, now: datetime) -> NextCharge | None:
    """Return the next charge for the home page; None if autopay is off."""
    if db.connection().execute(_on, {"contract": contract_id}).first() is None:
        return None
    row = active_autopay(db, contract_id)
    if row is None:
        return None
    due = open_due(db, row.id)
    if due:
        return NextCharge(max(due.charge_on, rules.try_day(due.charge_on, due.failures)), due.amount)
    day, amount = forecast_charge(db, row, now)
    return NextCharge(day and rules.charge_day(day, days.today(now)), amount)
