"""The audit log for the admin: filtered by person, action, contract and period, also as CSV."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from pydantic import BaseModel, field_validator
from sqlmodel import Session

from db import writing
from db.access import denials, staff
from db.desk import audit_log as journal
from db.desk import search_queries
from db.desk.audit_log import LogFilter
from db.journal import Note
from db.people import contracts
from rules import Refused, csv_tables, days
from rules.desk import audit_log as rule
from rules.people.contracts import format_number, parse_number
from web import Db, Now, Request, Typed, Who, get, parse_form, parse_id, post, redirect
from web.staff_pages import Look, log_view, page, roles_with

PLACE = "/staff/journal"
PAGE_SIZE, EXPORTED = 50, 100_000
FIELDS = ("who", "group", "contract", "since", "until")


class FilterForm(BaseModel):
    who: str = ""
    group: str = ""
    contract: str = ""
    since: str = ""
    until: str = ""

    _who = field_validator("who")(lambda text: text[:60])


@post(PLACE + "/search", staff=roles_with("journal"))
def create_search(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    """Store the filter under a random token, so that numbers and names stay out of the address."""
    form_values = {name: typed[name] for name in FIELDS if typed.get(name)}
    try:
        _read_filter(db, form_values)
    except Refused as refused:
        return _page(request, db, now, "", form_values, refused=refused)
    if not form_values:
        return redirect(PLACE)
    with writing(db):
        token = search_queries.add(db, who.id, PLACE, form_values, now)
    return redirect(f"{PLACE}?found={token}")


@get(PLACE, staff=roles_with("journal"), sync_to_thread=True)
def show(request: Request, db: Db, now: Now, who: Who) -> Response:
    token, form_values = _load_filter(request, db, now, who)
    if form_values is None:
        return redirect(PLACE, "Этот отбор был больше часа назад и уже стёрт. Выберите условия снова.")
    before = parse_id(request.query_params["before"]) if request.query_params.get("before") else None
    notes = journal.read(db, _read_filter(db, form_values), before=before, limit=PAGE_SIZE + 1)
    older = notes[PAGE_SIZE - 1].id if len(notes) > PAGE_SIZE else None
    return _page(request, db, now, token, form_values, notes=notes[:PAGE_SIZE], older=older)


@get("/staff/journal.csv", staff=roles_with("journal"), sync_to_thread=True)
def export(request: Request, db: Db, now: Now, who: Who) -> Response:
    """Everything the filter matches as CSV; the export itself is journalled."""
    _, form_values = _load_filter(request, db, now, who)
    if form_values is None:
        return redirect(PLACE, "Этот отбор был больше часа назад и уже стёрт. Выберите условия снова.")
    notes = journal.read(db, _read_filter(db, form_values), limit=EXPORTED)
    log_view(
        request, _notes_look("journal.export", notes, rows=len(notes), asked=_filter_summary(form_values))
    )
    name = f"journal-{days.today(now):%Y-%m-%d}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(_csv(_lines(db, notes)), media_type="text/csv", headers=headers)


def _load_filter(request: Request, db: Session, now: datetime, who: Who) -> tuple[str, dict[str, str] | None]:
    """Return the token of a stored filter and its form, None when it has expired. A contract's page links
    here with the contract's id.
    """
    query = request.query_params
    if query.get("of"):
        contract = db.get(contracts.Contract, parse_id(query["of"]))
        form = {"contract": format_number(contract.number)} if contract else {}
        with writing(db):
            return search_queries.add(db, who.id, PLACE, form, now), form
    token = query.get("found", "")
    return token, search_queries.load_form(db, who.id, PLACE, token, now) if token else {}


def _notes_look(verb: str, notes: Sequence[Note], **facts: Any) -> Look:
    """Return the people and contracts these entries name."""
    people = [note.subscriber_id for note in notes if note.subscriber_id]
    contracts_ = [note.contract_id for note in notes if not note.subscriber_id]
    return Look(verb, people=people, contracts=contracts_, facts=facts)


def _page(
    request: Request,
    db: Session,
    now: datetime,
    token: str,
    form_values: dict[str, str],
    *,
    notes: Sequence[Note] = (),
    older: int | None = None,
    refused: Refused | None = None,
) -> Response:
    filters: dict[str, Any] = {"found": token} if token else {}
    denied = denials.pending_denials(db)
    return page(
        request,
        "desk/audit_log/show.html",
        _notes_look("journal.look", notes, asked=_filter_summary(form_values)),
        typed=form_values,
        refused=refused,
        lines=_lines(db, notes),
        denied=denied,
        names=journal.actors(db, {one.actor for one in denied}),
        groups=[("", "всё")] + [(name, title) for name, (title, _) in rule.GROUPS.items()],
        people=staff.staff_names(db),
        fact=rule.fact_words,
        hidden=rule.HIDDEN,
        older=f"{PLACE}?" + urlencode(filters | {"before": older}) if older else None,
        file="/staff/journal.csv?" + urlencode(filters),
    )


def _filter_summary(form_values: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in form_values.items() if value)


def _read_filter(db: Session, form_values: dict[str, str]) -> LogFilter:
    form = parse_form(FilterForm, form_values)
    first = days.parse(form.since, "since") if form.since else None
    last = days.parse(form.until, "until") if form.until else None
    since, until = rule.parse_period(first, last)
    contract_id = _contract(db, form.contract) if form.contract else None
    verbs = rule.GROUPS[form.group][1] if form.group in rule.GROUPS else ()
    return LogFilter(form.who, verbs, contract_id, since, until)


def _contract(db: Session, text: str) -> int:
    found = contracts.find_by_number(db, parse_number(text, "contract"))
    if not found:
        raise Refused(contract="Такого договора нет. Проверьте цифры.")
    return found[0].id


def _lines(db: Session, notes: Sequence[Note]) -> list[dict]:
    """Return entries with names instead of ids; all names are read by one query."""
    named = journal.names(db, notes)
    return [
        {
            "id": note.id,
            "at": note.at,
            "actor": named.get(note.actor, note.actor),
            "code": note.actor,
            "words": rule.action_words(note.verb),
            "verb": note.verb,
            "number": named.get(f"contract:{note.contract_id}"),
            "facts": journal.facts_of(note),
        }
        for note in notes
    ]


def _csv(lines: list[dict]) -> bytes:
    """Return CSV with semicolons and a BOM, as Russian spreadsheets open it; Moscow time to the second."""
    rows = []
    for line in lines:
        at: datetime = line["at"].astimezone(days.MOSCOW)
        facts = "; ".join(f"{name}: {value}" for name, value in line["facts"])
        rows.append(
            [
                line["id"],
                f"{at:%Y-%m-%d %H:%M:%S}",
                line["actor"],
                line["code"],
                line["words"],
                line["verb"],
                line["number"],
                facts,
            ]
        )
    return csv_tables.file(
        ["№", "когда (Москва)", "кто", "код", "что", "глагол", "договор", "подробности"], rows
    )


routes = [show, create_search, export]
