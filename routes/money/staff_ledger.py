"""A contract's ledger with the sources of entries, for staff, and its correction form."""

from datetime import datetime
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, submissions, writing
from db.journal import Person
from db.money import accruals, corrections, fiscal_receipts, ledger
from db.people import subscribers
from db.people.contracts import Contract
from rules import Refused, amounts, csv_tables, days
from rules.access.staff import may
from rules.amounts import rubles
from rules.money import corrections as rule
from rules.money import statement
from web import Db, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web.staff_pages import Look, log_view, page, roles_with

MOST = 200


@get("/staff/ledger/{contract_id:str}", staff=roles_with("look"))
def show(request: Request, db: Db, now: Now, who: Who, contract_id: FromPath[str]) -> Response:
    return _page(request, db, _contract(db, contract_id), who, now)


@post("/staff/ledger/{contract_id:str}", staff=roles_with("correct"))
def correct(
    request: Request, db: Db, now: Now, who: Who, typed: Typed, contract_id: FromPath[str]
) -> Response:
    contract = _contract(db, contract_id)
    place = f"/staff/ledger/{contract.id}"
    try:
        limit = request.app.state.settings.correction_limit
        plan = rule.plan(typed.get("direction", ""), typed.get("amount", ""), typed.get("reason", ""), limit)
        with writing(db):
            what = f"corrections.{contract.id}"
            if sent := submissions.previous_answer(db, who, what, typed, now, meaning=plan):
                return redirect(sent)
            row = corrections.add(db, contract.id, plan, who.id, now)
            words = f"{rubles(row.amount)}: {row.words}"
            submissions.add(db, who, what, typed, place, now, words, meaning=plan)
            journal.note(
                db,
                who,
                "corrections.add",
                now,
                contract_id=contract.id,
                subscriber_id=contract.subscriber_id,
                correction=row.id,
                amount=row.amount,
                reason=row.reason,
                state=row.state,
            )
    except (Refused, submissions.DuplicateSubmission) as refused:
        return _page(request, db, contract, who, now, typed=typed, refused=refused)
    return redirect(place, f"Корректировка {words}.")


@get("/staff/ledger/{contract_id:str}/csv", staff=roles_with("look"), sync_to_thread=True)
def download_csv(request: Request, db: Db, now: Now, contract_id: FromPath[str]) -> Response:
    contract = _contract(db, contract_id)
    log_view(request, Look("ledger.export", contract.id, contract.subscriber_id))
    body = csv_tables.file(
        ["№", "День", "Внесена", "Запись", "Пояснение", "Основание", "Сумма, ₽"],
        (
            [
                row.id,
                days.short(row.day),
                days.moment(row.at),
                statement.KINDS[row.kind],
                row.note,
                row.source,
                amounts.format_decimal(row.amount),
            ]
            for row in reversed(ledger.newest_entries(db, contract.id, 100_000))
        ),
    )
    headers = {
        "cache-control": "no-store, max-age=0",
        "content-disposition": f'attachment; filename="schet-{days.today(now)}.csv"',
    }
    return Response(body, media_type="text/csv", headers=headers)


def _page(
    request: Request, db: Session, contract: Contract, who: Person, now: datetime, **answer: Any
) -> Response:
    id, most = contract.id, request.query_params.get("all") == "1"
    rows = ledger.newest_entries(db, id, 100_000 if most else MOST + 1)
    return page(
        request,
        "money/staff_ledger/show.html",
        Look("ledger.look", contract.id, contract.subscriber_id),
        contract=contract,
        subscriber=subscribers.get_subscriber(db, contract.subscriber_id),
        standing=accruals.balance_details(db, id, now),
        rows=rows if most else rows[:MOST],
        more=len(rows) > MOST and not most,
        corrections=corrections.contract_corrections(db, id),
        receipts=fiscal_receipts.contract_receipts(db, id, 12, former=True),
        directions=rule.DIRECTIONS,
        basis=statement.describe_source,
        limit=request.app.state.settings.correction_limit,
        may_correct=may(who.role, "correct"),
        **answer,
    )


def _contract(db: Session, text: str) -> Contract:
    return db.get(Contract, parse_id(text)) or not_found()


routes = [show, correct, download_csv]
