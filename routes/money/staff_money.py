"""The accountant's first page: what waits for a decision. Decides corrections and retries failed receipts."""

from datetime import datetime
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, writing
from db.money import accruals, corrections, fiscal_receipts
from db.payments import discrepancies, refunds
from rules import Refused
from rules.payments import payments
from web import Db, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web.staff_pages import Look, page, roles_with

VERBS = {"confirm": corrections.confirm, "refuse": corrections.refuse}
DONE = {"confirm": "Корректировка проведена.", "refuse": "Корректировка отклонена."}


@get("/staff/money", staff=roles_with("correct"), sync_to_thread=True)
def show(request: Request, db: Db) -> Response:
    return _page(request, db)


def _page(request: Request, db: Session, **answer: Any) -> Response:
    waiting, stuck = corrections.pending_corrections(db), fiscal_receipts.failed_receipts(db)
    look = Look(
        "money.look",
        contracts=[row.contract_id for row, *_ in waiting] + [row.contract_id for row, _ in stuck],
    )
    return page(
        request,
        "money/staff_money/show.html",
        look,
        waiting=waiting,
        stuck=stuck,
        counts=fiscal_receipts.count_by_state(db),
        refunds=len(refunds.unpaid_refunds(db)),
        months=accruals.closed_months(db, 3),
        discrepancies=len(discrepancies.open_discrepancies(db)),
        **answer,
    )


@post(
    "/staff/corrections/{correction_id:str}/{verb:str}",
    staff=roles_with("correct"),
    opt={"page": "/staff/money"},
)
def decide(
    request: Request, db: Db, now: Now, who: Who, correction_id: FromPath[str], verb: FromPath[str]
) -> Response:
    """Decide a correction as the second accountant; `verb` is confirm or refuse."""
    row, act = (
        corrections.find_correction(db, parse_id(correction_id)) or not_found(),
        VERBS.get(verb) or not_found(),
    )
    try:
        with writing(db):
            db.refresh(row)
            act(db, row, who.id, now)
            journal.note(
                db,
                who,
                f"corrections.{verb}",
                now,
                contract_id=row.contract_id,
                correction=row.id,
                amount=row.amount,
            )
    except Refused as refused:
        return _page(request, db, refused=refused)
    return redirect("/staff/money", DONE[verb])


@post("/staff/receipts/{receipt_id:str}/again", staff=roles_with("correct"), opt={"page": "/staff/money"})
def send_again(
    request: Request, db: Db, now: Now, who: Who, typed: Typed, receipt_id: FromPath[str]
) -> Response:
    """Retry a receipt that failed, optionally to another address."""
    id = parse_id(receipt_id)
    try:
        contact = payments.read_contact(typed.get("contact", ""))
        with writing(db):
            row = fiscal_receipts.retry(db, id, contact, now)
            _note_retry(db, who, row, now)
    except Refused as refused:
        return _page(request, db, refused=refused, typed=typed | {"receipt": str(id)})
    return redirect("/staff/money", "Чек отправим снова." if row else "Этот чек уже отправляют.")


def _note_retry(db: Session, who: Any, row: fiscal_receipts.FiscalReceipt | None, now: datetime) -> None:
    if row:
        journal.note(db, who, "receipts.again", now, contract_id=row.contract_id, receipt=row.id)


routes = [show, decide, send_again]
