"""Key numbers that subscribers typed, and the decision on each try: by the registry, by a check at the panel,
or by staff.
"""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, col, delete, func, select

from db import Instant, journal, outbox, writing
from db.events import keys, waiting_events
from db.events.keys import AddedKey, SiteKey
from db.people import ownership
from db.people.contracts import Contract, Site
from db.people.subscribers import Subscriber
from rules import days
from rules.events import keys as rule
from rules.events.events import EventKind
from settings import Settings


class KeyTry(SQLModel, table=True):
    """A key number that a contract tried to add."""

    __tablename__ = "key_try"

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    number: str = Field(index=True)
    name: str = ""
    outcome: str = Field(description="verified, foreign or waiting (rules.events.keys)")
    at: datetime = Field(sa_type=Instant, index=True)


class KeyDecision(SQLModel, table=True):
    """The decision on a waiting or foreign try; a try without a decision is still waiting."""

    __tablename__ = "key_decision"

    try_id: int = Field(primary_key=True, foreign_key="key_try.id")
    granted: bool
    actor: str
    reason: str = ""
    at: datetime = Field(sa_type=Instant)


class KeyChallenge(SQLModel, table=True):
    """The order of arming and disarming that a subscriber must perform at the panel. Only a try's newest one
    counts.
    """

    __tablename__ = "key_challenge"

    id: int = Field(default=None, primary_key=True)
    try_id: int = Field(foreign_key="key_try.id", index=True)
    sequence: str = Field(description="arm and disarm in the order asked for, separated by a space")
    started_at: datetime = Field(sa_type=Instant)

    @property
    def order(self) -> list[str]:
        return self.sequence.split()


def key_facts(db: Session, contract_id: int, number: str, now: datetime) -> rule.KeyFacts:
    """Return the facts for the rule's decision; call inside `writing`."""
    key = keys.find_by_number(db, number)
    opened = select(AddedKey.contract_id).join(SiteKey, col(SiteKey.id) == AddedKey.key_id)
    held = db.exec(opened.where(SiteKey.number == number, SiteKey.contract_id == AddedKey.contract_id))
    return rule.KeyFacts(
        contract_id,
        registered_to=key.contract_id if key else None,
        held_by=frozenset(held),
        is_waiting=any(one.number == number for one in waiting_tries(db, contract_id)),
        tries=tries_today(db, contract_id, now),
    )


def tries_today(db: Session, contract_id: int, now: datetime) -> int:
    """Return the number of tries of a contract on this Moscow day."""
    since = days.midnight(days.today(now))
    return db.exec(select(func.count()).where(KeyTry.contract_id == contract_id, KeyTry.at >= since)).one()


def owned_try(db: Session, contract_id: int, try_id: int) -> tuple[KeyTry, KeyDecision | None] | None:
    """Return a try of this contract that was not verified at once, with its decision; else None."""
    mine = select(KeyTry, KeyDecision).outerjoin(KeyDecision, col(KeyDecision.try_id) == KeyTry.id)
    mine = mine.where(KeyTry.id == try_id, KeyTry.contract_id == contract_id, KeyTry.outcome != rule.VERIFIED)
    mine = mine.where(ownership.present_owner_clause(contract_id, col(KeyTry.at)))
    return db.exec(mine).first()


def newest_challenge(db: Session, tried: KeyTry) -> KeyChallenge | None:
    """Return the newest check of this try."""
    mine = select(KeyChallenge).where(KeyChallenge.try_id == tried.id)
    return db.exec(mine.order_by(col(KeyChallenge.id).desc()).limit(1)).first()


def running_challenge(db: Session, tried: KeyTry, now: datetime) -> KeyChallenge | None:
    """Return the check whose time has not run out, or None."""
    found = newest_challenge(db, tried)
    return found if found and now <= rule.proof_ends(found.started_at) else None


def challenges_today(db: Session, contract_id: int, now: datetime) -> int:
    """Return the number of checks that a contract has begun on this Moscow day."""
    since = days.midnight(days.today(now))
    theirs = (
        select(func.count()).select_from(KeyChallenge).join(KeyTry, col(KeyTry.id) == KeyChallenge.try_id)
    )
    return db.exec(theirs.where(KeyTry.contract_id == contract_id, KeyChallenge.started_at >= since)).one()


def begin_challenge(db: Session, tried: KeyTry, now: datetime) -> KeyChallenge:
    """Begin a check with a random order, or return the running one. Refused over the daily limit.

    A foreign number gets the same answer, so that it does not reveal that the number exists. Inside
    `writing`.
    """
    if found := running_challenge(db, tried, now):
        return found
    rule.check_challenge(challenges_today(db, tried.contract_id, now))
    row = KeyChallenge(try_id=tried.id, sequence=" ".join(secrets.choice(rule.SEQUENCES)), started_at=now)
    db.add(row)
    db.flush()
    return row


def delete_old_challenges(db: Session, now: datetime) -> None:
    """Delete checks older than two days; only today's checks are counted."""
    db.connection().execute(
        delete(KeyChallenge).where(col(KeyChallenge.started_at) < now - timedelta(days=2))
    )


def waiting_tries(db: Session, contract_id: int | None = None) -> list[KeyTry]:
    """Return the undecided tries of one contract or of all, oldest first, including foreign ones."""
    open_ = select(KeyTry).outerjoin(KeyDecision, col(KeyDecision.try_id) == KeyTry.id)
    open_ = open_.where(col(KeyDecision.try_id).is_(None), KeyTry.outcome != rule.VERIFIED)
    if contract_id is not None:
        open_ = open_.where(
            KeyTry.contract_id == contract_id, ownership.present_owner_clause(contract_id, col(KeyTry.at))
        )
    return list(db.exec(open_.order_by(col(KeyTry.id))))


def refused_tries(db: Session, contract_id: int, since: datetime) -> list[tuple[KeyTry, KeyDecision]]:
    """Return the tries that staff refused since an instant, newest first."""
    no = select(KeyTry, KeyDecision).join(KeyDecision, col(KeyDecision.try_id) == KeyTry.id)
    no = no.where(
        KeyTry.contract_id == contract_id, col(KeyDecision.granted).is_(False), KeyDecision.at >= since
    )
    no = no.where(ownership.present_owner_clause(contract_id, col(KeyTry.at)))
    return list(db.exec(no.order_by(col(KeyTry.id).desc())))


def add(db: Session, contract_id: int, plan: rule.KeyPlan, now: datetime) -> KeyTry:
    """Store a try, and add the key when the registry confirms it; call inside `writing`."""
    tried = KeyTry(contract_id=contract_id, number=plan.number, name=plan.name, outcome=plan.outcome, at=now)
    db.add(tried)
    db.flush()
    if plan.at_once:
        _open_key(db, keys.find_by_number(db, plan.number), tried, "registry", now)
    return tried


def grant(
    db: Session,
    tried: KeyTry,
    how: str,
    actor: str,
    now: datetime,
    *,
    site_id: int | None = None,
    held_since: datetime | None = None,
) -> bool:
    """Add a waiting number to its contract after a proof or by decision of staff. Return False when the try
    is already decided, or when the registry assigns the number to another contract.
    """
    if db.get(KeyDecision, tried.id) or tried.outcome == rule.VERIFIED:
        return False
    key = keys.find_by_number(db, tried.number)
    if key is None:
        key = SiteKey(
            number=tried.number,
            contract_id=tried.contract_id,
            source=how,
            held_since=held_since,
            site_id=site_id or _only_site(db, tried.contract_id),
        )
        db.add(key)
        db.flush()
    elif key.contract_id != tried.contract_id:
        return False
    db.add(KeyDecision(try_id=tried.id, granted=True, actor=actor, at=now))
    _open_key(db, key, tried, how, now)
    return True


def refuse(db: Session, tried: KeyTry, actor: str, reason: str, now: datetime) -> bool:
    """Refuse a try; return False when it is already decided."""
    if db.get(KeyDecision, tried.id) or tried.outcome == rule.VERIFIED:
        return False
    db.add(KeyDecision(try_id=tried.id, granted=False, actor=actor, reason=reason, at=now))
    return True


def _only_site(db: Session, contract_id: int) -> int | None:
    found = db.exec(select(Site.id).where(Site.contract_id == contract_id)).all()
    return found[0] if len(found) == 1 else None


def tries_for_review(db: Session) -> list[tuple[KeyTry, Contract]]:
    """Return the undecided tries with their contracts, oldest first."""
    rows = select(KeyTry, Contract).join(Contract, col(Contract.id) == KeyTry.contract_id)
    rows = rows.outerjoin(KeyDecision, col(KeyDecision.try_id) == KeyTry.id)
    rows = rows.where(col(KeyDecision.try_id).is_(None), KeyTry.outcome != rule.VERIFIED)
    return list(db.exec(rows.order_by(col(KeyTry.id))))


def rival_count(db: Session, tried: KeyTry) -> int:
    """Return how many other contracts are waiting for the same number."""
    return len(
        {one.contract_id for one in waiting_tries(db) if one.number == tried.number} - {tried.contract_id}
    )


def _open_key(db: Session, key: SiteKey | None, tried: KeyTry, how: str, now: datetime) -> None:
    if key is None:
        raise LookupError(tried.number)
    keys.open_key(db, key, tried.contract_id, tried.name, how, now)
    notify_contract(db, tried, now)


def notify_contract(db: Session, tried: KeyTry, now: datetime) -> None:
    """Send an SMS to the contract's phone that a key was added."""
    who = select(Subscriber.mobile, Contract.number).join(
        Contract, col(Contract.subscriber_id) == Subscriber.id
    )
    mobile, number = db.exec(who.where(Contract.id == tried.contract_id)).one()
    if mobile:
        words = rule.added_sms(number, tried.number)
        outbox.put(db, "sms", mobile, words, kind="key", now=now, contract_id=tried.contract_id)


def prove(db: Session, tried: KeyTry, now: datetime) -> bool:
    """Add a waiting number if the check was performed at its panel; call inside `writing`."""
    challenge = newest_challenge(db, tried)
    if challenge is None or now > rule.proof_ends(challenge.started_at) + rule.LATE:
        return False
    # Events have whole seconds, so an event in the second of the start counts as after it.
    since = challenge.started_at.replace(microsecond=0)
    reported = sorted(waiting_events.events_of_key(db, tried.number, since), key=lambda one: (one.at, one.id))
    actions = [(EventKind(one.kind).name, datetime.fromtimestamp(one.at, UTC)) for one in reported]
    at = rule.proved_at(tried.outcome, since, challenge.order, actions, rival_count(db, tried))
    if at is None or not grant(db, tried, "proof", "system:jobs", now, held_since=challenge.started_at):
        return False
    db.flush()
    waiting_events.assign_to_keys(db, now)
    journal.note(
        db, "system:jobs", "keys.prove", now, contract_id=tried.contract_id, key=rule.mask(tried.number)
    )
    return True


def decide_try(db: Session, tried: KeyTry, now: datetime) -> bool:
    """Decide a waiting try by the registry or by the check at the panel. Call inside `writing`."""
    key = keys.find_by_number(db, tried.number)
    if key is None:
        return prove(db, tried, now)
    if key.contract_id != tried.contract_id:
        return False
    return grant(db, tried, "registry", "system:jobs", now)


def decide_waiting_tries(engine: Engine, settings: Settings, now: datetime) -> None:
    """Job: decide waiting tries by the registry and by checks at the panel (manual §3.4)."""
    with Session(engine, expire_on_commit=False) as db:
        for tried in waiting_tries(db):
            with writing(db):
                decide_try(db, tried, now)
