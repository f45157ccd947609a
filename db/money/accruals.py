"""The balance of a contract, and the monthly posting of fees to the ledger on the 1st.

A month is posted in batches of contracts. Each batch is one transaction and is posted only once, so the job
may be killed at any point and run again. `ledger_month` lists the finished months. The fees of unfinished
months are calculated and subtracted from the balance, except those already posted, so the balance is right in
the middle of a posting and after the jobs were down for days.
"""

from collections import defaultdict
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, bindparam, insert
from sqlalchemy.engine import Connection
from sqlmodel import Field, Session, SQLModel, col, func, select, text

from db import Instant, writing
from db.money import monthly_receipts
from db.money.billed_services import BilledService, billed_services, in_contract_span
from db.money.fiscal_receipts import VatRates
from db.money.ledger import LedgerEntry, total
from db.people.contracts import Contract
from rules import days
from rules.money import accrual
from rules.money.statement import fee_note
from settings import Settings

BATCH = 500


class LedgerMonth(SQLModel, table=True):
    """A month whose fees are all posted. Months before the first such row are never posted."""

    __tablename__ = "ledger_month"

    first: date = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)
    entries: int = Field(description="fees entered, for the work page")


class BalanceDetails(NamedTuple):
    """A contract's balance in kopecks.

    `accrued` is calculated but not posted yet; `posts_on` is the next 1st of a month.
    """

    balance: int
    accrued: int
    lasts_until: date | None
    posts_on: date
    next_fee: int


_months = select(LedgerMonth.first)  # type: ignore[call-overload]
# One statement with everything a balance needs except the services, because every home page shows it.
_of_contract = col(LedgerEntry.contract_id) == bindparam("contract")
_balance_facts = select(  # type: ignore[call-overload]
    select(func.coalesce(func.sum(LedgerEntry.amount), 0))
    .where(_of_contract)
    .scalar_subquery()
    .label("total"),
    select(func.max(LedgerEntry.day))
    .where(_of_contract, text("kind = 'opening'"))
    .scalar_subquery()
    .label("opening"),
    select(func.count()).select_from(LedgerMonth).scalar_subquery().label("closed"),
    select(func.min(LedgerMonth.first)).scalar_subquery().label("first"),
    select(func.max(LedgerMonth.first)).scalar_subquery().label("last"),
)
_sources = select(LedgerEntry.source).where(
    *in_contract_span(col(LedgerEntry.contract_id)),
    col(LedgerEntry.kind) == "fee",
    col(LedgerEntry.day) >= bindparam("day"),
)
_totals = (
    select(LedgerEntry.contract_id, func.sum(LedgerEntry.amount))
    .where(*in_contract_span(col(LedgerEntry.contract_id)), col(LedgerEntry.day) <= bindparam("day"))
    .group_by(col(LedgerEntry.contract_id))
)


def open_months(db: Session | Connection, today: date) -> list[date]:
    """Return the months whose fees are not all posted, oldest first; the present month is last."""
    closed = {month for (month,) in db.execute(_months)}
    this = days.month_start(today)
    month = min(closed, default=days.add_months(this, -1))
    found = []
    while (month := days.add_months(month, 1)) < this:
        found += [month] if month not in closed else []
    return [*found, this]


def accrued_amount(
    db: Session | Connection, contract_id: int, today: date, charged: list[BilledService] | None = None
) -> int:
    """Return the kopecks charged up to and including `today` that are not posted yet."""
    return accrued_amounts(db, contract_id, contract_id, today, charged).get(contract_id, 0)


def accrued_amounts(
    db: Session | Connection, low: int, high: int, today: date, charged: list[BilledService] | None = None
) -> dict[int, int]:
    """Return {contract id: kopecks charged and not posted yet} for ids from `low` to `high`.

    A contract without services is left out.
    """
    charged = billed_services(db, low, high) if charged is None else charged
    months = open_months(db, today)
    done = _entered_sources(db, low, high, months[0]) if len(months) > 1 else set()
    found: dict[int, int] = defaultdict(int)
    for one in charged:
        for month in months:
            if not done or fee_source(one.id, month) not in done:
                found[one.contract_id] += accrual.month_fee(month, one.intervals, one.prices, today)
    return found


def balance(
    db: Session | Connection, contract_id: int, now: datetime | date, served: accrual.Services | None = None
) -> int:
    """Return the balance in kopecks at an instant or at the end of a Moscow day; a debt is negative.

    The balance is the sum of the entries less what is accrued. If the caller passes the contract's services
    as `served`, this takes a single SQL statement.
    """
    today = days.today(now) if isinstance(now, datetime) else now
    books = db.execute(_balance_facts, {"contract": contract_id}).one()
    if served is None or not _all_months_posted(books, today):
        return books.total - accrued_amount(db, contract_id, today)
    billed = [(accrual.cut_before(books.opening, intervals), prices) for intervals, prices in served]
    return books.total - accrual.month_fees(today, billed, today)


def _all_months_posted(books: Any, today: date) -> bool:
    """Return whether every month from the start of the books to the previous month is posted."""
    if not books.closed:
        return True
    months = (books.last.year - books.first.year) * 12 + books.last.month - books.first.month + 1
    return books.closed == months and days.add_months(books.last, 1) >= days.month_start(today)


def balance_details(db: Session | Connection, contract_id: int, now: datetime) -> BalanceDetails:
    """Return the balance and the values derived from it, reading the services once."""
    today, charged = days.today(now), billed_services(db, contract_id)
    plain = [(one.intervals, one.prices) for one in charged]
    so_far = accrued_amount(db, contract_id, today, charged)
    left = total(db, contract_id) - so_far
    lasts, month = accrual.lasts_until(left, today, plain), days.month_start(today)
    return BalanceDetails(left, so_far, lasts, days.add_months(month, 1), accrual.month_fees(month, plain))


def fee_source(service_id: int, month: date) -> str:
    return f"fee:{service_id}:{month:%Y-%m}"


def _entered_sources(db: Session | Connection, low: int, high: int, month: date) -> set[str]:
    return {one for (one,) in db.execute(_sources, {"low": low, "high": high, "day": month})}


def start_books(db: Session, now: datetime) -> None:
    """Start the books at the first run.

    The month before it is recorded as posted, because opening balances already cover it.
    """
    if not db.execute(_months.limit(1)).first():
        first = days.add_months(days.month_start(days.today(now)), -1)
        db.add(LedgerMonth(first=first, at=now, entries=0))


def closed_months(db: Session, limit: int) -> list[LedgerMonth]:
    """Return the most recently posted months, newest first."""
    return list(db.exec(select(LedgerMonth).order_by(col(LedgerMonth.first).desc()).limit(limit)))


def post_month(db: Session, month: date, now: datetime, rates: VatRates = None) -> int:
    """Post the fees of a finished month for all contracts and return the number of entries.

    Returns 0 if the month is posted already. With `rates` (VAT by day) it also adds the closing receipts.
    Raises ValueError for a month that is not over.
    """
    month = days.month_start(month)
    if days.month_end(month) >= days.today(now):
        raise ValueError(f"{month:%Y-%m} is not over")
    if db.get(LedgerMonth, month):
        return 0
    added, low = 0, 0
    while span := _next_batch(db, low):
        with writing(db):
            added += _post_batch(db, span, month, now, rates)
        low = span[1]
    with writing(db):
        if not db.get(LedgerMonth, month):
            db.add(LedgerMonth(first=month, at=now, entries=added))
    return added


def _next_batch(db: Session, after: int) -> tuple[int, int] | None:
    ids = list(
        db.execute(
            select(Contract.id).where(col(Contract.id) > after).order_by(col(Contract.id)).limit(BATCH)
        )
    )
    return (ids[0][0], ids[-1][0]) if ids else None


def _post_batch(db: Session, span: tuple[int, int], month: date, now: datetime, rates: VatRates) -> int:
    done, day = _entered_sources(db, *span, month), days.month_end(month)
    found: list[dict] = []
    for one in billed_services(db, *span):
        kopecks = accrual.month_fee(month, one.intervals, one.prices)
        if kopecks and fee_source(one.id, month) not in done:
            note = fee_note(one.name, month, accrual.price_on(day, one.prices), kopecks)
            found.append(
                {
                    "contract_id": one.contract_id,
                    "day": day,
                    "at": now,
                    "amount": -kopecks,
                    "kind": "fee",
                    "source": fee_source(one.id, month),
                    "note": note,
                }
            )
    if found and rates is not None:
        monthly_receipts.add_closing_receipts(db, _fees_and_balances(db, span, found, day), month, now, rates)
    if found:
        db.connection().execute(insert(LedgerEntry), found)
    return len(found)


def _fees_and_balances(
    db: Session, span: tuple[int, int], found: list[dict], day: date
) -> dict[int, tuple[int, int]]:
    """Return {contract: (fee of the month, balance before the fee)}, in kopecks."""
    had = dict(db.execute(_totals, {"low": span[0], "high": span[1], "day": day}).all())
    fee: dict[int, int] = defaultdict(int)
    for row in found:
        fee[row["contract_id"]] -= row["amount"]
    return {id: (kopecks, had.get(id, 0)) for id, kopecks in fee.items()}


def post_finished_months(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: post the finished months that are not posted yet, oldest first."""
    with Session(engine) as db:
        with writing(db):
            start_books(db, now)
        for month in open_months(db, days.today(now))[:-1]:
            post_month(db, month, now, settings.vat_rates)
