"""Key numbers that wait for a decision by staff, and events of unknown keys."""

from datetime import datetime
from itertools import groupby
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, writing
from db.events import key_claims, keys, waiting_events
from db.journal import Person
from db.people import contracts
from rules import Refused
from rules.events import keys as rule
from rules.events.event_codes import event_words
from rules.typed_text import clean_line
from web import Db, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web.staff_pages import Look, page, roles_with

LONGEST = 300
DECIDED = "Этот номер уже решён, посмотрите список заново."


@get("/staff/keys", staff=roles_with("keys"), sync_to_thread=True)
def index(request: Request, db: Db) -> Response:
    return _page(request, db)


def _page(request: Request, db: Session, **answer: Any) -> Response:
    unknown = waiting_events.list_waiting(db, 200)
    by_number = groupby(sorted(unknown, key=lambda one: (one.number, -one.at)), key=lambda one: one.number)
    waits = [_row(db, *pair) for pair in key_claims.tries_for_review(db)]
    contract_ids = [one.id for row in waits for one in (row["contract"], row["holder"]) if one]
    return page(
        request,
        "events/staff_keys/index.html",
        Look("keys.look", contracts=contract_ids),
        waits=waits,
        unknown=[
            (number, len(rows), event_words(rows[0].kind, rows[0].code), rows[0].received_at)
            for number, group in by_number
            for rows in [list(group)]
        ],
        **answer,
    )


def _row(db: Session, tried: key_claims.KeyTry, contract: contracts.Contract) -> dict[str, Any]:
    """Return the facts for a decision: who has the number, who else wants it, how many events it has."""
    key = keys.find_by_number(db, tried.number)
    holder = db.get(contracts.Contract, key.contract_id) if key else None
    return {
        "id": tried.id,
        "number": tried.number,
        "name": tried.name,
        "at": tried.at,
        "contract": contract,
        "holder": holder if holder and holder.id != contract.id else None,
        "rivals": key_claims.rival_count(db, tried),
        "heard": len(waiting_events.events_of_key(db, tried.number, tried.at)),
    }


@post("/staff/keys/{try_id:str}", staff=roles_with("keys"))
def decide(request: Request, db: Db, now: Now, who: Who, typed: Typed, try_id: FromPath[str]) -> Response:
    """Add the number to its contract, or refuse it with a reason for the subscriber."""
    try:
        with writing(db):
            tried = db.get(key_claims.KeyTry, parse_id(try_id)) or not_found()
            words = _decide(db, tried, who, typed, now)
        return redirect("/staff/keys", words)
    except Refused as refused:
        return _page(request, db, typed=typed | {"of": try_id}, refused=refused)


def _decide(db: Session, tried: key_claims.KeyTry, who: Person, typed: dict[str, str], now: datetime) -> str:
    if typed.get("deed") == "grant":
        if not key_claims.grant(db, tried, "desk", who.actor, now):
            raise Refused(form="Номер записан за другим договором или уже решён. Сначала исправьте реестр.")
        db.flush()
        waiting_events.assign_to_keys(db, now)
        verb, words = "keys.grant", "Ключ открыт, абонент получит SMS."
    else:
        reason = clean_line(typed.get("reason", ""))[:LONGEST]
        if not reason:
            raise Refused(reason="Напишите абоненту причину: что проверить или куда обратиться.")
        if not key_claims.refuse(db, tried, who.actor, reason, now):
            raise Refused(form=DECIDED)
        verb, words = "keys.refuse", "Отказано, причину абонент увидит у себя."
    journal.note(db, who, verb, now, contract_id=tried.contract_id, key=rule.mask(tried.number))
    return words


routes = [index, decide]
