"""What the rules of requests need to know of a contract, read in one place (rules/requests/kinds/Facts), and
what forms show.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from db.events import events, keys
from db.journal import Person
from db.people import contracts, services, subscribers
from db.people.contracts import Contract
from db.requests import effects, requests
from rules import days
from rules.events.events import EventKind
from rules.requests import notice_period, suspensions
from rules.requests.kinds import Facts
from rules.requests.terminations import BASES


def facts(db: Session, who: Person, now: datetime, files: int = 0) -> Facts:
    """Of the contract now looked at. Call inside `writing` when something is decided by it."""
    contract_id, today = who.contract_id, days.today(now)
    contract, owner = db.get_one(Contract, contract_id), subscribers.by_id(db, who.id)
    held = {one.kind: one for one in services.of(db, contract_id)}
    intervals = {kind: services.intervals(db, one.id) for kind, one in held.items()}
    return Facts(
        today=today,
        number=contract.number,
        channel=intervals.get("channel", []),
        sms=intervals.get("sms", []),
        sms_mobile=held["sms"].mobile if "sms" in held else None,
        asked=[effects.suspension(one) for one in requests.open_of(db, contract_id, "suspend")],
        free=effects.free(db, contract_id, now),
        ends_on=contract.ends_on,
        owner=owner.kind,
        files=files,
        own=owner.mobile,
        acting=who.rights is not None,
    )


def armed(db: Session, contract_id: int, now: datetime) -> list[str]:
    """Names of the sites whose last event says that they are under guard now."""
    held = {key.id: key for key in keys.registered_keys(db, contract_id)}
    names = {site.id: site.name for site in contracts.sites(db, contract_id)}
    last = events.last_switches(db, list(held)) if held else {}
    found = [held[key_id] for key_id, row in last.items() if row.kind == EventKind.arm]
    return sorted({names.get(key.site_id, "объект") for key in found})


def hints(db: Session, who: Person, kind: str, now: datetime) -> dict[str, Any]:
    """What the form of a kind shows beside its fields: first and last day, why, known numbers, free money."""
    today, known = days.today(now), facts(db, who, now)
    subscriber = subscribers.by_id(db, who.id)
    first = notice_period.first_choice(kind, today)
    return {
        "first": first.isoformat() if first else None,
        "last": (today + notice_period.FARTHEST).isoformat(),
        "why": notice_period.why(kind, today),
        # The sign-in phone needs no second code; who acts for the owner names it, not reads it here.
        "phone": subscriber.mobile if who.rights is None else "",
        "sms_phone": known.sms_mobile,
        "sms_price": effects.sms_price(db) if kind == "sms_on" else None,
        "free": max(known.free, 0),
        "owner": subscriber.name,
        "bases": list(BASES.items()),
        "suspended": next(iter(suspensions.of(known.channel, today)), None),
    }
