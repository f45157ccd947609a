"""Who saw and did what, for the admin: by person, deed, contract and period, and as CSV for an incident."""

import csv
import io
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from pydantic import BaseModel, field_validator
from sqlmodel import Session

from db import contracts, staff
from db import journal_reading as journal
from db.journal import Note
from db.journal_reading import Filter
from routes import Db, Now, Request, Who, bounded, get, page, read
from routes.staff import looked, of
from rules import Refused, days
from rules import journal as rule
from rules.contracts import number

SHOWN, EXPORTED = 50, 100_000


class Asked(BaseModel):
    who: str = ""
    group: str = ""
    contract: str = ""
    since: str = ""
    until: str = ""

    _who = field_validator("who")(lambda text: text.strip()[:60])


@get("/staff/journal", staff=of("journal"), sync_to_thread=True)
def show(request: Request, db: Db, now: Now, who: Who) -> Response:
    asked = dict(request.query_params)
    try:
        wanted = _wanted(db, asked)
    except Refused as refused:
        return _page(request, db, asked, refused=refused)
    before = bounded(asked["before"]) if asked.get("before") else None
    notes = journal.read(db, wanted, before=before, limit=SHOWN + 1)
    looked(db, who, "journal.look", now, asked=_said(asked))
    older = notes[SHOWN - 1].id if len(notes) > SHOWN else None
    return _page(request, db, asked, lines=_lines(db, notes[:SHOWN]), older=older)


@get("/staff/journal.csv", staff=of("journal"), sync_to_thread=True)
def export(request: Request, db: Db, now: Now, who: Who) -> Response:
    """What the filter shows, whole: a file for those who look into an incident, itself a line in the journal."""
    asked = dict(request.query_params)
    try:
        notes = journal.read(db, _wanted(db, asked), limit=EXPORTED)
    except Refused as refused:
        return _page(request, db, asked, refused=refused)
    looked(db, who, "journal.export", now, rows=len(notes), asked=_said(asked))
    name = f"journal-{days.today(now):%Y-%m-%d}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(_csv(_lines(db, notes)), media_type="text/csv; charset=utf-8", headers=headers)


def _page(
    request: Request, db: Session, asked: dict[str, str], *, lines: Any = (), older: int | None = None, refused: Any = None
) -> Response:
    filters = {name: value for name, value in asked.items() if value and name != "before"}
    return page(
        request, "staff/journal/show.html", typed=asked, refused=refused, lines=lines,
        groups=[("", "всё")] + [(name, title) for name, (title, _) in rule.GROUPS.items()], people=staff.names(db),
        fact=rule.fact, hidden=rule.HIDDEN,
        older="/staff/journal?" + urlencode(filters | {"before": older}) if older else None,
        file="/staff/journal.csv?" + urlencode(filters),
    )  # fmt: skip


def _said(asked: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in asked.items() if value and name != "before")


def _wanted(db: Session, asked: dict[str, str]) -> Filter:
    form = read(Asked, asked)
    first = days.parse(form.since, "since") if form.since else None
    last = days.parse(form.until, "until") if form.until else None
    since, until = rule.period(first, last)
    contract_id = _contract(db, form.contract) if form.contract.strip() else None
    verbs = rule.GROUPS[form.group][1] if form.group in rule.GROUPS else ()
    return Filter(form.who, verbs, contract_id, since, until)


def _contract(db: Session, text: str) -> int:
    found = contracts.numbered(db, number(text, "contract"))
    if not found:
        raise Refused(contract="Такого договора нет. Проверьте цифры.")
    return int(found[0].id or 0)


def _lines(db: Session, notes: list[Note]) -> list[dict]:
    """Notes with names instead of ids, each name asked for once."""
    named = journal.names(db, notes)
    return [
        {
            "id": note.id, "at": note.at, "actor": named.get(note.actor, note.actor), "code": note.actor,
            "words": rule.words(note.verb), "verb": note.verb, "number": named.get(f"contract:{note.contract_id}"),
            "facts": journal.told(note),
        }
        for note in notes
    ]  # fmt: skip


def _csv(lines: list[dict]) -> bytes:
    """Semicolons and a BOM, as spreadsheets here open it; Moscow time to the second."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=";")
    rows.writerow(["№", "когда (Москва)", "кто", "код", "что", "глагол", "договор", "подробности"])
    for line in lines:
        at: datetime = line["at"].astimezone(days.MOSCOW)
        facts = "; ".join(f"{name}: {value}" for name, value in line["facts"])
        cells = [line["id"], f"{at:%Y-%m-%d %H:%M:%S}", line["actor"], line["code"], line["words"], line["verb"],
                 line["number"] or "", facts]  # fmt: skip
        rows.writerow([rule.cell(str(cell)) for cell in cells])
    return ("\ufeff" + out.getvalue()).encode()


routes = [show, export]
