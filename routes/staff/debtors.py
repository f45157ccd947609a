"""Debtors: the list, and the same as a table to take away."""

import csv
import io
from datetime import datetime

from litestar import Response
from sqlmodel import Session

from db import debtors, journal, writing
from db.debtors import Debtor
from db.journal import Person
from routes import Db, Now, Request, Who, get, page
from routes.staff import of
from rules import Refused, days, money, statement

SHOWN = 200


@get("/staff/debtors", staff=of("correct"), sync_to_thread=True)
def show(request: Request, db: Db, now: Now, who: Who) -> Response:
    typed = dict(request.query_params)
    try:
        least = money.kopecks(typed["least"], "least") if typed.get("least", "").strip() else 1
    except Refused as refused:
        return page(request, "staff/debtors/show.html", rows=[], count=0, total=0, typed=typed, refused=refused)
    rows = _found(db, who, now, least)
    return page(
        request, "staff/debtors/show.html", rows=rows[:SHOWN], count=len(rows), total=sum(row.debt for row in rows),
        typed=typed,
    )  # fmt: skip


@get("/staff/debtors.csv", staff=of("correct"), sync_to_thread=True)
def as_table(db: Db, now: Now, who: Who) -> Response:
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    write(["Договор", "Абонент", "Телефон", "Долг, ₽", "В месяц, ₽", "Последняя оплата"])
    for row in _found(db, who, now, 1):
        paid = days.short(row.paid_on) if row.paid_on else ""
        write([row.number, statement.safe_cell(row.name), f" {row.mobile or ''}", money.plain(row.debt),
               money.plain(row.fee), paid])  # fmt: skip
    name = f"dolzhniki-{days.today(now)}.csv"
    told = {"cache-control": "no-store, max-age=0", "content-disposition": f'attachment; filename="{name}"'}
    return Response(b"\xef\xbb\xbf" + out.getvalue().encode(), media_type="text/csv; charset=utf-8", headers=told)


def _found(db: Session, who: Person, now: datetime, least: int) -> list[Debtor]:
    rows = debtors.today(db, now, least)
    with writing(db):
        journal.note(db, who, "debtors.look", now, found=len(rows), least=least)
    return rows


routes = [show, as_table]
