"""Debtors: the list page by page, and the same as a table to take away. The job makes it each day, or when asked."""

import csv
import io
import re

from litestar import Response
from sqlmodel import Session

from db import debtors, journal, writing
from routes import Db, Now, Request, Who, get, missing, page, post, see
from routes.staff import looked, of
from rules import Refused, days, money, statement


@get("/staff/debtors", staff=of("correct"))
def show(request: Request, db: Db, now: Now, who: Who) -> Response:
    typed, made = dict(request.query_params), debtors.reckoned(db)
    try:
        least = money.kopecks(typed["least"], "least") if typed.get("least", "").strip() else 1
    except Refused as refused:
        nobody = debtors.Page([], 0, 0, None)
        return page(request, "staff/debtors/show.html", found=nobody, made=made, typed=typed, refused=refused)
    found = debtors.page(db, least, _place(typed.get("after", "")))
    looked(db, who, "debtors.look", now, found=found.owing, least=least)
    return page(request, "staff/debtors/show.html", found=found, made=made, least=typed.get("least", ""), typed=typed)


def _place(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    parts = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,15})", text) or missing()
    return int(parts[1]), int(parts[2])


@post("/staff/debtors", staff=of("correct"))
def reckon(db: Db, now: Now, who: Who) -> Response:
    with writing(db):
        debtors.ask(db, now)
        journal.note(db, who, "debtors.reckon", now)
    return see("/staff/debtors", "Считаем заново: список обновится через минуту.")


@get("/staff/debtors.csv", staff=of("correct"), sync_to_thread=True)
def as_table(db: Db, now: Now, who: Who) -> Response:
    looked(db, who, "debtors.export", now)
    name = f"dolzhniki-{days.today(now)}.csv"
    told = {"cache-control": "no-store, max-age=0", "content-disposition": f'attachment; filename="{name}"'}
    return Response(_table(db), media_type="text/csv; charset=utf-8", headers=told)


def _table(db: Session) -> bytes:
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    write(["Договор", "Абонент", "Телефон", "Долг, ₽", "В месяц, ₽", "Последняя оплата"])
    for row in debtors.everybody(db):
        paid = days.short(row.paid_on) if row.paid_on else ""
        write([row.number, statement.safe_cell(row.name), f" {row.mobile or ''}", money.plain(row.debt),
               money.plain(row.fee), paid])  # fmt: skip
    return b"\xef\xbb\xbf" + out.getvalue().encode()


routes = [show, reckon, as_table]
