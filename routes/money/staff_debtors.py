"""The list of debtors by page and as CSV. A job calculates it each day and on request."""

import re

from litestar import Response

from db import journal, writing
from db.money import debtor_list
from rules import Refused, amounts, csv_tables, days
from web import Db, Now, Request, Who, get, not_found, post, redirect
from web.staff_pages import Look, log_view, page, roles_with


@get("/staff/debtors", staff=roles_with("correct"))
def show(request: Request, db: Db) -> Response:
    typed, made = dict(request.query_params), debtor_list.last_calculation(db)
    try:
        least = amounts.kopecks(typed["least"], "least") if typed.get("least") else 1
    except Refused as refused:
        nobody = debtor_list.DebtorPage([], 0, 0, None)
        look = Look("debtors.look", facts={"found": 0})
        return page(
            request,
            "money/staff_debtors/show.html",
            look,
            found=nobody,
            made=made,
            typed=typed,
            refused=refused,
        )
    found = debtor_list.debtor_page(db, least, _parse_cursor(typed.get("after", "")))
    look = Look(
        "debtors.look",
        contracts=[row.contract_id for row in found.rows],
        facts={"found": found.owing, "least": least},
    )
    return page(
        request,
        "money/staff_debtors/show.html",
        look,
        found=found,
        made=made,
        least=typed.get("least", ""),
        typed=typed,
    )


def _parse_cursor(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    parts = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,15})", text) or not_found()
    return int(parts[1]), int(parts[2])


@post("/staff/debtors", staff=roles_with("correct"))
def recalculate(db: Db, now: Now, who: Who) -> Response:
    with writing(db):
        debtor_list.request_calculation(db, now)
        journal.note(db, who, "debtors.reckon", now)
    return redirect("/staff/debtors", "Считаем заново: список обновится через минуту.")


@get("/staff/debtors.csv", staff=roles_with("correct"), sync_to_thread=True)
def download_csv(request: Request, db: Db, now: Now) -> Response:
    rows = list(debtor_list.all_debtors(db))
    log_view(
        request,
        Look("debtors.export", contracts=[row.contract_id for row in rows], facts={"rows": len(rows)}),
    )
    name = f"dolzhniki-{days.today(now)}.csv"
    headers = {
        "cache-control": "no-store, max-age=0",
        "content-disposition": f'attachment; filename="{name}"',
    }
    return Response(_table(rows), media_type="text/csv", headers=headers)


def _table(rows: list[debtor_list.Debtor]) -> bytes:
    """Return the CSV of debtors; a space before the phone makes a spreadsheet read it as text."""
    return csv_tables.file(
        ["Договор", "Абонент", "Телефон", "Долг, ₽", "В месяц, ₽", "Последняя оплата"],
        (
            [
                row.number,
                row.name,
                f" {row.mobile or ''}",
                amounts.format_decimal(row.debt),
                amounts.format_decimal(row.fee),
                row.paid_on and days.short(row.paid_on),
            ]
            for row in rows
        ),
    )


routes = [show, recalculate, download_csv]
