"""The statement as a page, as PDF and as CSV (manual §3)."""

from datetime import date, datetime

from litestar import Response
from sqlmodel import Session

from db.money import accruals, ledger
from db.people import contracts, ownership, subscribers
from rules import Refused, csv_tables, days, periods
from rules.amounts import format_decimal
from rules.money import statement as rules
from rules.money.statement import Statement
from rules.people import contracts as numbers
from web import Db, Now, Request, Who, get, not_found, page

FILE_HEADERS = {"cache-control": "no-store, max-age=0", "x-content-type-options": "nosniff"}


@get("/statement")
def show(request: Request, db: Db, who: Who, now: Now) -> Response:
    """Show the period's months. An invalid filter keeps what was typed and explains the error."""
    typed, contract_id = dict(request.query_params), who.contract_id
    context = {"standing": accruals.balance_details(db, contract_id, now), "presets": preset_links(typed)}
    try:
        first, last = _owned_period(db, typed, contract_id, now)
    except Refused as refused:
        return page(
            request, "money/statement/show.html", typed=typed, refused=refused, statement=None, **context
        )
    statement = _statement(db, contract_id, first, last, now)
    typed |= {"from": first.isoformat(), "to": last.isoformat()}
    words, query = periods.period_words(first, last), f"from={first}&to={last}"
    return page(
        request,
        "money/statement/show.html",
        typed=typed,
        statement=statement,
        chart=rules.build_chart(statement),
        words=words,
        query=query,
        **context,
    )


def preset_links(typed: dict[str, str]) -> list[tuple[str, str, bool]]:
    """Return (words, address, whether chosen) for each preset period."""
    chosen = rules.chosen_preset(typed)
    return [(words, f"/statement?period={name}", name == chosen) for name, words in rules.PRESETS.items()]


@get("/statement.pdf", sync_to_thread=True)
def download_pdf(request: Request, db: Db, who: Who, now: Now) -> Response:
    contract, (first, last) = _contract(db, who), _period(request, db, who, now)
    facts = [
        ("Абонент", subscribers.get_subscriber(db, who.id).name),
        ("Договор", f"{numbers.format_number(contract.number)} от {days.short(contract.signed_on)}"),
        ("Адрес", contract.address),
    ]
    statement = _statement(db, contract.id, first, last, now)
    from papers.statement import (
        statement_pdf,
    )  # the PDF library takes 20 MB, so only a worker that makes a PDF loads it

    body = statement_pdf(statement, days.today(now), facts, request.app.state.settings.company)
    return _file_response(body, "application/pdf", f"vypiska-{first}-{last}.pdf")


@get("/statement.csv", sync_to_thread=True)
def download_csv(request: Request, db: Db, who: Who, now: Now) -> Response:
    contract, (first, last) = _contract(db, who), _period(request, db, who, now)
    statement = _statement(db, contract.id, first, last, now)
    return _file_response(csv_table(statement), "text/csv", f"vypiska-{first}-{last}.csv")


def csv_table(statement: Statement) -> bytes:
    """Return the CSV, oldest entry first, in the form that Russian spreadsheets open by a double click.

    That is UTF-8 with BOM, semicolons and a decimal comma.
    """
    rows: list[list[str]] = []
    for month in reversed(statement.months):
        for line in reversed(month.lines):
            rows.append(
                [
                    days.short(line.entry.day),
                    line.title,
                    line.entry.note,
                    format_decimal(line.entry.amount),
                    format_decimal(line.balance),
                ]
            )
        if month.accrued:
            rows.append(
                [
                    days.short(statement.last),
                    "Начислено, ещё не закрыто",
                    "",
                    format_decimal(-month.accrued),
                    format_decimal(month.after),
                ]
            )
    return csv_tables.file(["День", "Операция", "Пояснение", "Сумма, ₽", "Остаток, ₽"], rows)


def _statement(db: Session, contract_id: int, first: date, last: date, now: datetime) -> Statement:
    """Build the statement; the present month's accrual is included only if the period ends today."""
    today, since = days.today(now), ownership.ownership_start(db, contract_id)
    accrued = accruals.accrued_amount(db, contract_id, today) if last == today else 0
    entries = ledger.entries_between(db, contract_id, first, last, since)
    return rules.build_statement(
        first, last, ledger.sum_before(db, contract_id, first, since), entries, accrued
    )


def _contract(db: Session, who: Who) -> contracts.Contract:
    return contracts.find_owned(db, who.id, who.contract_id) or not_found()


def _period(request: Request, db: Session, who: Who, now: datetime) -> tuple[date, date]:
    try:
        return _owned_period(db, dict(request.query_params), who.contract_id, now)
    except Refused:
        not_found()


def _owned_period(db: Session, typed: dict[str, str], contract_id: int, now: datetime) -> tuple[date, date]:
    """Return the period asked for, cut to the days of this owner; Refused if it is invalid."""
    since = ownership.ownership_start(db, contract_id)
    return rules.clip_to_ownership(rules.read_period(typed, days.today(now)), since and days.today(since))


def _file_response(body: bytes, media_type: str, name: str) -> Response:
    headers = FILE_HEADERS | {"content-disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=media_type, headers=headers)


routes = [show, download_pdf, download_csv]
