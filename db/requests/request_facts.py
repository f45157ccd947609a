"""Reads the contract's facts for the rules of requests, and the hints of their forms."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from db.events import events, keys
from db.journal import Person
from db.people import contracts, services, subscribers
from db.people.contracts import Contract
from db.requests import effects, requests
from rules import days, phones
from rules.events.events import EventKind
from rules.people.contracts import UNNAMED_SITE
from rules.requests import authority, notice_period, suspensions
from rules.requests.kinds import KINDS
from rules.requests.plans import Facts
from rules.requests.terminations import BASES


def read_facts(db: Session, who: Person, now: datetime, files: int = 0) -> Facts:
    """Return the facts of the contract now open. Call inside `writing` when a decision depends on them."""
    contract_id, today = who.contract_id, days.today(now)
    contract, owner = db.get_one(Contract, contract_id), subscribers.get_subscriber(db, who.id)
    owned = {one.kind: one for one in services.list_services(db, contract_id)}  # type: ignore[arg-type]
    intervals = {kind: services.list_intervals(db, one.id) for kind, one in owned.items()}
    return Facts(
        today=today,
        number=contract.number,
        channel=intervals.get("channel", []),
        sms=intervals.get("sms", []),
        sms_mobile=owned["sms"].mobile if "sms" in owned else None,
        suspensions=[effects.suspension(one) for one in requests.open_requests(db, contract_id, "suspend")],  # type: ignore[arg-type]
        free=effects.free_balance(db, contract_id, now),  # type: ignore[arg-type]
        ends_on=contract.ends_on,
        owner=owner.kind,
        owner_name=owner.name,
        files=files,
        own=owner.mobile,
        acting=who.rights is not None,
    )


def armed_sites(db: Session, contract_id: int, now: datetime) -> list[str]:
    """Return the names of the sites whose last event says that they are armed now."""
    owned = {key.id: key for key in keys.registered_keys(db, contract_id)}
    names = {site.id: site.name for site in contracts.list_sites(db, contract_id)}
    last = events.last_switches(db, list(owned)) if owned else {}
    found = [owned[key_id] for key_id, row in last.items() if row.kind == EventKind.arm]
    return sorted({names.get(key.site_id, UNNAMED_SITE) for key in found})  # type: ignore[arg-type]


def form_hints(db: Session, who: Person, kind: str, now: datetime) -> dict[str, Any]:
    """Return what the form shows beside its fields: first and last day, reason, numbers, free balance
    (kopecks).
    """
    today, facts = days.today(now), read_facts(db, who, now)
    subscriber, notice = subscribers.get_subscriber(db, who.id), KINDS[kind].notice
    first = notice_period.first_choice(notice, today)
    return {
        "first": first.isoformat() if first else None,
        "last": (today + notice_period.FARTHEST).isoformat(),
        "why": notice_period.hint(notice, today),
        # The owner's sign-in phone needs no second code. It is not shown to a representative, who must type
        # it.
        "phone": subscriber.mobile if who.rights is None and phones.is_mobile(subscriber.mobile) else "",
        "sms_phone": facts.sms_mobile,
        "sms_price": effects.sms_price(db) if kind == "sms_on" else None,
        "free": max(facts.free, 0),
        "owner": subscriber.name,
        "bases": [(basis, words) for basis, words in BASES.items() if basis != "head"],
        "company": subscriber.kind == "company",
        "files": (subscriber.kind == "company" and KINDS[kind].company_files) or KINDS[kind].files,
        "signers": list(authority.SIGNERS.items()),
        "suspended": next(iter(suspensions.current_suspensions(facts.channel, today)), None),
    }
