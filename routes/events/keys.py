"""Keys of a contract: adding by number, names of keys, users and zones, removing (manual §3.4, SPEC §3.4)."""

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
from web import Db, Now, Request, Typed, Who, bounded, get, missing, page, post, see

FIELD = re.compile(r"(user|zone)-([1-9]\d{0,2})", re.ASCII)
WORDS = {"user": "Пользователь", "zone": "Зона"}
TOLD_FOR = timedelta(days=14)  # a refusal of the desk is shown so long


@get("/keys")
def index(request: Request, db: Db, who: Who, now: Now) -> Response:
    contract = who.contract_id
    waits = key_claims.waiting(db, contract)
    return page(
        request,
        "events/keys/index.html",
        keys=[_shown(key) for key in keys.shown(db, contract)],
        waiting=[_waits(db, one, now) for one in waits],
        proving=any(key_claims.running(db, one, now) for one in waits),
        denied=[
            (rule.masked(one.number), one.name, why.reason, days.today(why.at))
            for one, why in key_claims.refused(db, contract, now - TOLD_FOR)
        ],
    )


def _shown(key: Any) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name or key.site or "Ключ",
        "masked": rule.masked(key.number),
        "site": key.site if key.name else "",
        "day": days.today(key.added_at),
    }


def _waits(db: Session, one: key_claims.KeyTry, now: datetime) -> dict[str, Any]:
    """How a waiting number looks; a foreign one looks no different, whatever its true owner does
    meanwhile.
    """
    asked = key_claims.challenge(db, one)
    proving = asked if asked and now <= rule.proof_ends(asked.started_at) else None
    return {
        "id": one.id,
        "masked": rule.masked(one.number),
        "name": one.name,
        "at": one.at,
        "steps": rule.steps(proving.order) if proving else [],
        "before": rule.before(proving.order) if proving else "",
        "until": days.clock(rule.proof_ends(proving.started_at)) if proving else "",
        "late": bool(asked and not proving),
    }


@get("/keys/waiting/{try_id:str}")
def prove(request: Request, db: Db, who: Who, now: Now, try_id: FromPath[str]) -> Response:
    """For the phone of somebody at the panel: what to do, until when; it looks by itself whether the key has
    opened.
    """
    return _prove(request, db, who, now, try_id)


def _prove(request: Request, db: Session, who: Person, now: datetime, try_id: str, **answer: Any) -> Response:
    contract = who.contract_id
    tried, decided = key_claims.owned(db, contract, bounded(try_id)) or missing()
    left = max(0, rule.CHECKS_A_DAY - key_claims.checks(db, contract, now))
    return page(
        request, "events/keys/prove.html", one=_waits(db, tried, now), decided=decided, left=left, **answer
    )


@post("/keys/waiting/{try_id:str}")
def begin(request: Request, db: Db, who: Who, now: Now, try_id: FromPath[str]) -> Response:
    """From now on five minutes are counted; each beginning is one of the day's five."""
    try:
        with writing(db):
            tried, decided = key_claims.owned(db, who.contract_id, bounded(try_id)) or missing()
            if decided is None and not key_claims.running(db, tried, now):
                key_claims.begin_challenge(db, tried, now)
                journal.note(db, who, "keys.challenge", now, key=rule.masked(tried.number))
        return see(f"/keys/waiting/{tried.id}")
    except Refused as refused:
        return _prove(request, db, who, now, try_id, refused=refused)


@get("/keys/new")
def new(request: Request, db: Db, who: Who, now: Now) -> Response:
    return _form(request, db, who, now)


def _form(request: Request, db: Session, who: Person, now: datetime, **answer: Any) -> Response:
    left = max(0, rule.TRIES_A_DAY - key_claims.tries(db, who.contract_id, now))
    return page(request, "events/keys/new.html", left=left, **answer)


@post("/keys/new")
def add(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Verified by the registry, or waiting; a try is counted in either case."""
    contract = who.contract_id
    try:
        number = rule.number(typed.get("number", ""))
        with writing(db):
            # The rule speaks of the same number twice better than «already sent» would.
            if place := submissions.earlier(db, who, "keys.add", typed | {"again": "1"}, now):
                return see(place)
            plan = rule.plan(number, typed.get("name", ""), key_claims.facts(db, contract, number, now))
            tried = key_claims.add(db, contract, plan, now)
            place = "/events" if plan.at_once else f"/keys/waiting/{tried.id}"
            submissions.add(db, who, "keys.add", typed, place, now)
            journal.note(db, who, "keys.add", now, key=rule.masked(number), outcome=plan.outcome)
        return see(
            place,
            "Ключ добавлен, его события уже здесь." if plan.at_once else "Номер принят и ждёт проверки.",
        )
    except Refused as refused:
        return _form(request, db, who, now, typed=typed, refused=refused)


@get("/keys/{added_id:str}")
def edit(request: Request, db: Db, who: Who, now: Now, added_id: FromPath[str]) -> Response:
    return _edit(request, db, _mine(db, who, added_id), now)


def _mine(db: Session, who: Person, added_id: str) -> keys.AddedKey:
    return keys.added(db, who.contract_id, bounded(added_id)) or missing()


def _edit(request: Request, db: Session, row: keys.AddedKey, now: datetime, **answer: Any) -> Response:
    key = next(one for one in keys.shown(db, row.contract_id) if one.id == row.id)
    named = key_names.of(db, row.contract_id)
    heard = feed.heard(db.connection(), key, now)
    for owner, what, number in named:
        if owner == row.key_id and number not in heard[what]:
            heard[what] = sorted([*heard[what], number], key=int)
    people = [
        (f"{what}-{number}", f"{WORDS[what]} {number}", named.get((row.key_id, what, number), ""))
        for what, numbers in heard.items()
        for number in numbers
    ]
    sites = contracts.sites(db, row.contract_id)
    return page(
        request,
        "events/keys/edit.html",
        row=row,
        masked=rule.masked(key.number),
        people=people,
        sites=[(site.id, f"{site.name}, {site.address}") for site in sites] if len(sites) > 1 else [],
        site=key.site_id,
        **answer,
    )


@post("/keys/{added_id:str}")
def save(request: Request, db: Db, who: Who, now: Now, typed: Typed, added_id: FromPath[str]) -> Response:
    row = _mine(db, who, added_id)
    try:
        name = rule.named(typed.get("name", ""))
        called = _called(typed)
        with writing(db):
            row = _mine(db, who, added_id)
            keys.rename(db, row, name, _site(db, row, typed))
            for (what, number), word in called.items():
                key_names.call(db, row, what, number, word)
            journal.note(db, who, "keys.name", now, key_id=row.key_id)
        return see("/keys", "Сохранено.")
    except Refused as refused:
        return _edit(request, db, row, now, typed=typed, refused=refused)


def _called(typed: dict[str, str]) -> dict[tuple[str, str], str]:
    """(user or zone, number) → name, out of the fields and the spare line for a user who has not been heard
    yet.
    """
    found = {FIELD.fullmatch(name): (name, text) for name, text in typed.items()}
    called = {(m[1], m[2]): rule.named(text, name) for m, (name, text) in found.items() if m}
    if typed.get("user", "").strip() or typed.get("user_name", "").strip():
        called["user", rule.user_number(typed.get("user", ""))] = rule.named(
            typed.get("user_name", ""), "user_name"
        )
    return called


def _site(db: Session, row: keys.AddedKey, typed: dict[str, str]) -> int | None:
    """The chosen site when it is one of this contract's, else None: leave it as it is."""
    known = {str(site.id): site.id for site in contracts.sites(db, row.contract_id)}
    return known.get(typed.get("site", ""))


@get("/keys/{added_id:str}/remove")
def ask(request: Request, db: Db, who: Who, added_id: FromPath[str]) -> Response:
    row = _mine(db, who, added_id)
    key = next(one for one in keys.shown(db, row.contract_id) if one.id == row.id)
    return page(request, "events/keys/remove.html", key_=_shown(key))


@post("/keys/{added_id:str}/remove")
def remove(db: Db, who: Who, now: Now, added_id: FromPath[str]) -> Response:
    with writing(db):
        row = _mine(db, who, added_id)
        keys.remove(db, row)
        journal.note(db, who, "keys.remove", now, key_id=row.key_id)
    return see("/keys", "Ключ убран. Его события больше не показываем, добавить его снова можно по номеру.")


routes = [index, prove, begin, new, add, edit, save, ask, remove]
