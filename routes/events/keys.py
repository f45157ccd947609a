"""Keys of a contract: adding by number, names of keys, users and zones, removing (manual §3.4)."""

import re
from datetime import datetime, timedelta
from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, submissions, writing
from db.events import feed, key_claims, key_names, keys
from db.journal import Person
from db.people import contracts
from rules import Refused, days
from rules.events import keys as rule
from web import Db, Now, Request, Typed, Who, get, not_found, page, parse_id, post, redirect

FIELD = re.compile(r"(user|zone)-([1-9]\d{0,2})", re.ASCII)
WORDS = {"user": "Пользователь", "zone": "Зона"}
REFUSAL_SHOWN_FOR = timedelta(days=14)  # a refusal by staff is shown for this long


@get("/keys")
def index(request: Request, db: Db, who: Who, now: Now) -> Response:
    contract = who.contract_id
    waits = key_claims.waiting_tries(db, contract)
    return page(
        request,
        "events/keys/index.html",
        keys=[_key_row(key) for key in keys.visible_keys(db, contract)],
        waiting=[_try_row(db, one, now) for one in waits],
        proving=any(key_claims.running_challenge(db, one, now) for one in waits),
        denied=[
            (rule.mask(one.number), one.name, why.reason, days.today(why.at))
            for one, why in key_claims.refused_tries(db, contract, now - REFUSAL_SHOWN_FOR)
        ],
    )


def _key_row(key: Any) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name or key.site or "Ключ",
        "masked": rule.mask(key.number),
        "site": key.site if key.name else "",
        "day": days.today(key.added_at),
    }


def _try_row(db: Session, one: key_claims.KeyTry, now: datetime) -> dict[str, Any]:
    """Return a waiting number for the page; a foreign number looks the same."""
    challenge = key_claims.newest_challenge(db, one)
    proving = challenge if challenge and now <= rule.proof_ends(challenge.started_at) else None
    return {
        "id": one.id,
        "masked": rule.mask(one.number),
        "name": one.name,
        "at": one.at,
        "steps": rule.step_sentences(proving.order) if proving else [],
        "before": rule.first_step_hint(proving.order) if proving else "",
        "until": days.clock(rule.proof_ends(proving.started_at)) if proving else "",
        "late": bool(challenge and not proving),
    }


@get("/keys/waiting/{try_id:str}")
def show_proof(request: Request, db: Db, who: Who, now: Now, try_id: FromPath[str]) -> Response:
    """Show the check to the person at the panel: what to do and until when; the page polls for its result."""
    return _proof_page(request, db, who, now, try_id)


def _proof_page(
    request: Request, db: Session, who: Person, now: datetime, try_id: str, **answer: Any
) -> Response:
    contract = who.contract_id
    tried, decided = key_claims.owned_try(db, contract, parse_id(try_id)) or not_found()
    left = max(0, rule.CHECKS_A_DAY - key_claims.challenges_today(db, contract, now))
    return page(
        request, "events/keys/prove.html", one=_try_row(db, tried, now), decided=decided, left=left, **answer
    )


@post("/keys/waiting/{try_id:str}")
def begin_proof(request: Request, db: Db, who: Who, now: Now, try_id: FromPath[str]) -> Response:
    """Begin a check, which lasts five minutes; at most five a day."""
    try:
        with writing(db):
            tried, decided = key_claims.owned_try(db, who.contract_id, parse_id(try_id)) or not_found()
            if decided is None and not key_claims.running_challenge(db, tried, now):
                key_claims.begin_challenge(db, tried, now)
                journal.note(db, who, "keys.challenge", now, key=rule.mask(tried.number))
        return redirect(f"/keys/waiting/{tried.id}")
    except Refused as refused:
        return _proof_page(request, db, who, now, try_id, refused=refused)


@get("/keys/new")
def new(request: Request, db: Db, who: Who, now: Now) -> Response:
    return _form(request, db, who, now)


def _form(request: Request, db: Session, who: Person, now: datetime, **answer: Any) -> Response:
    left = max(0, rule.TRIES_A_DAY - key_claims.tries_today(db, who.contract_id, now))
    return page(request, "events/keys/new.html", left=left, **answer)


@post("/keys/new")
def add(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Add a key number: verified by the registry, or waiting. Each try counts towards the daily limit."""
    contract = who.contract_id
    try:
        number = rule.parse_number(typed.get("number", ""))
        with writing(db):
            # again=1: the rule has a clearer sentence about a repeated number than DuplicateSubmission.
            if place := submissions.previous_answer(db, who, "keys.add", typed | {"again": "1"}, now):
                return redirect(place)
            plan = rule.plan(number, typed.get("name", ""), key_claims.key_facts(db, contract, number, now))
            tried = key_claims.add(db, contract, plan, now)
            place = "/events" if plan.at_once else f"/keys/waiting/{tried.id}"
            submissions.add(db, who, "keys.add", typed, place, now)
            journal.note(db, who, "keys.add", now, key=rule.mask(number), outcome=plan.outcome)
        return redirect(
            place,
            "Ключ добавлен, его события уже здесь." if plan.at_once else "Номер принят и ждёт проверки.",
        )
    except Refused as refused:
        return _form(request, db, who, now, typed=typed, refused=refused)


@get("/keys/{added_id:str}")
def edit(request: Request, db: Db, who: Who, now: Now, added_id: FromPath[str]) -> Response:
    return _edit(request, db, _own_key(db, who, added_id), now)


def _own_key(db: Session, who: Person, added_id: str) -> keys.AddedKey:
    return keys.added_key(db, who.contract_id, parse_id(added_id)) or not_found()


def _edit(request: Request, db: Session, row: keys.AddedKey, now: datetime, **answer: Any) -> Response:
    key = next(one for one in keys.visible_keys(db, row.contract_id) if one.id == row.id)
    named = key_names.names_of(db, row.contract_id)
    numbers_by_kind = feed.users_and_zones(db.connection(), key, now)
    for owner, what, number in named:
        if owner == row.key_id and number not in numbers_by_kind[what]:
            numbers_by_kind[what] = sorted([*numbers_by_kind[what], number], key=int)
    people = [
        (f"{what}-{number}", f"{WORDS[what]} {number}", named.get((row.key_id, what, number), ""))
        for what, numbers in numbers_by_kind.items()
        for number in numbers
    ]
    sites = contracts.list_sites(db, row.contract_id)
    return page(
        request,
        "events/keys/edit.html",
        row=row,
        masked=rule.mask(key.number),
        people=people,
        sites=[(site.id, f"{site.name}, {site.address}") for site in sites] if len(sites) > 1 else [],
        site=key.site_id,
        **answer,
    )


@post("/keys/{added_id:str}")
def save(request: Request, db: Db, who: Who, now: Now, typed: Typed, added_id: FromPath[str]) -> Response:
    row = _own_key(db, who, added_id)
    try:
        name = rule.clean_name(typed.get("name", ""))
        called = _typed_names(typed)
        with writing(db):
            row = _own_key(db, who, added_id)
            keys.rename(db, row, name, _site(db, row, typed))
            for (what, number), word in called.items():
                key_names.set_name(db, row, what, number, word)
            journal.note(db, who, "keys.name", now, key_id=row.key_id)
        return redirect("/keys", "Сохранено.")
    except Refused as refused:
        return _edit(request, db, row, now, typed=typed, refused=refused)


def _typed_names(typed: dict[str, str]) -> dict[tuple[str, str], str]:
    """Return {("user" or "zone", number): name} from the fields and from the spare row for a user without
    events.
    """
    found = {FIELD.fullmatch(name): (name, text) for name, text in typed.items()}
    called = {(m[1], m[2]): rule.clean_name(text, name) for m, (name, text) in found.items() if m}
    if typed.get("user") or typed.get("user_name"):
        called["user", rule.parse_user_number(typed.get("user", ""))] = rule.clean_name(
            typed.get("user_name", ""), "user_name"
        )
    return called


def _site(db: Session, row: keys.AddedKey, typed: dict[str, str]) -> int | None:
    """Return the chosen site if it belongs to this contract; None leaves the site unchanged."""
    site_ids = {str(site.id): site.id for site in contracts.list_sites(db, row.contract_id)}
    return site_ids.get(typed.get("site", ""))


@get("/keys/{added_id:str}/remove")
def confirm_removal(request: Request, db: Db, who: Who, added_id: FromPath[str]) -> Response:
    row = _own_key(db, who, added_id)
    key = next(one for one in keys.visible_keys(db, row.contract_id) if one.id == row.id)
    return page(request, "events/keys/remove.html", key_=_key_row(key))


@post("/keys/{added_id:str}/remove")
def remove(db: Db, who: Who, now: Now, added_id: FromPath[str]) -> Response:
    with writing(db):
        row = _own_key(db, who, added_id)
        keys.remove(db, row)
        journal.note(db, who, "keys.remove", now, key_id=row.key_id)
    return redirect(
        "/keys", "Ключ убран. Его события больше не показываем, добавить его снова можно по номеру."
    )


routes = [index, show_proof, begin_proof, new, add, edit, save, confirm_removal, remove]
