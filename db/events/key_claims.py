"""Every number somebody typed, and how each try ended: at once, by what was done at the panel, or at the desk
(SPEC §3.4).
"""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, col, delete, func, select

from db import Instant, journal, outbox, writing
from db.events import keys, station
from db.events.keys import AddedKey, Key
from db.people import ownership
from db.people.contracts import Contract, Site
from db.people.subscribers import Subscriber
from rules import days
from rules.events import keys as rule
from rules.events.events import Kind
from rules.people import contracts


class KeyTry(SQLModel, table=True):
    """A number somebody typed; five a day."""

    __tablename__ = "key_try"

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    number: str = Field(index=True)
    name: str = ""
    outcome: str = Field(description="verified, foreign or waiting (rules.events.keys)")
    at: datetime = Field(sa_type=Instant, index=True)


class KeyDecision(SQLModel, table=True):
    """How a waiting or foreign try ended; a try without one waits."""

    __tablename__ = "key_decision"

    try_id: int = Field(primary_key=True, foreign_key="key_try.id")
    granted: bool
    actor: str
    reason: str = ""
    at: datetime = Field(sa_type=Instant)


class KeyChallenge(SQLModel, table=True):
    """What was asked to be done at the panel to prove a number, and when; the newest of a try counts."""

    __tablename__ = "key_challenge"

    id: int = Field(default=None, primary_key=True)
    try_id: int = Field(foreign_key="key_try.id", index=True)
    sequence: str = Field(description="arm and disarm in the order asked for, separated by a space")
    started_at: datetime = Field(sa_type=Instant)

    @property
    def order(self) -> list[str]:
        return self.sequence.split()


def facts(db: Session, contract_id: int, number: str, now: datetime) -> rule.Facts:
    """What the rule needs to know of a number; call inside `writing`."""
    key = keys.numbered(db, number)
    opened = select(AddedKey.contract_id).join(Key, col(Key.id) == AddedKey.key_id)
    held = db.exec(opened.where(Key.number == number, Key.contract_id == AddedKey.contract_id))
    return rule.Facts(
        contract_id,
        registered_to=key.contract_id if key else None,
        held_by=frozenset(held),
        waits=any(one.number == number for one in waiting(db, contract_id)),
        tries=tries(db, contract_id, now),
    )


def tries(db: Session, contract_id: int, now: datetime) -> int:
    """Tries of a contract this Moscow day."""
    since = days.midnight(days.today(now))
    return db.exec(select(func.count()).where(KeyTry.contract_id == contract_id, KeyTry.at >= since)).one()


def owned(db: Session, contract_id: int, try_id: int) -> tuple[KeyTry, KeyDecision | None] | None:
    """A try of this contract that did not open at once, and how it was decided since; None for anybody
    else's.
    """
    mine = select(KeyTry, KeyDecision).outerjoin(KeyDecision, col(KeyDecision.try_id) == KeyTry.id)
    mine = mine.where(KeyTry.id == try_id, KeyTry.contract_id == contract_id, KeyTry.outcome != rule.VERIFIED)
    mine = mine.where(ownership.present(contract_id, col(KeyTry.at)))
    return db.exec(mine).first()


def challenge(db: Session, tried: KeyTry) -> KeyChallenge | None:
    """The newest check of this number."""
    mine = select(KeyChallenge).where(KeyChallenge.try_id == tried.id)
    return db.exec(mine.order_by(col(KeyChallenge.id).desc()).limit(1)).first()


def running(db: Session, tried: KeyTry, now: datetime) -> KeyChallenge | None:
    """The check under way, None when there is none."""
    found = challenge(db, tried)
    return found if found and now <= rule.proof_ends(found.started_at) else None


def checks(db: Session, contract_id: int, now: datetime) -> int:
    """Checks a contract has begun this Moscow day."""
    since = days.midnight(days.today(now))
    theirs = (
        select(func.count()).select_from(KeyChallenge).join(KeyTry, col(KeyTry.id) == KeyChallenge.try_id)
    )
    return db.exec(theirs.where(KeyTry.contract_id == contract_id, KeyChallenge.started_at >= since)).one()


def begin_challenge(db: Session, tried: KeyTry, now: datetime) -> KeyChallenge:
    """Ask for one order or the other, by lot; the check under way when there is one. Refused past the day's
    limit.

    Alike for foreign numbers: the answer must not tell a stranger that the number is alive. Inside `writing`.

    """
    if found := running(db, tried, now):
        return found
    rule.check_challenge(checks(db, tried.contract_id, now))
    row = KeyChallenge(try_id=tried.id, sequence=" ".join(secrets.choice(rule.SEQUENCES)), started_at=now)
    db.add(row)
    db.flush()
    return row


def sweep(db: Session, now: datetime) -> None:
    """Checks of the days before are of no use: only today's are counted."""
    db.connection().execute(
        delete(KeyChallenge).where(col(KeyChallenge.started_at) < now - timedelta(days=2))
    )


def waiting(db: Session, contract_id: int | None = None) -> list[KeyTry]:
    """Tries nobody has decided, of one contract or of all, oldest first; foreign ones are among them."""
    open_ = select(KeyTry).outerjoin(KeyDecision, col(KeyDecision.try_id) == KeyTry.id)
    open_ = open_.where(col(KeyDecision.try_id).is_(None), KeyTry.outcome != rule.VERIFIED)
    if contract_id is not None:
        open_ = open_.where(KeyTry.contract_id == contract_id, ownership.present(contract_id, col(KeyTry.at)))
    return list(db.exec(open_.order_by(col(KeyTry.id))))


def refused(db: Session, contract_id: int, since: datetime) -> list[tuple[KeyTry, KeyDecision]]:
    """What the desk lately said no to, newest first."""
    no = select(KeyTry, KeyDecision).join(KeyDecision, col(KeyDecision.try_id) == KeyTry.id)
    no = no.where(
        KeyTry.contract_id == contract_id, col(KeyDecision.granted).is_(False), KeyDecision.at >= since
    )
    no = no.where(ownership.present(contract_id, col(KeyTry.at)))
    return list(db.exec(no.order_by(col(KeyTry.id).desc())))


def add(db: Session, contract_id: int, plan: rule.Plan, now: datetime) -> KeyTry:
    """Write a try and, when the registry agrees, open the key; call inside `writing`."""
    tried = KeyTry(contract_id=contract_id, number=plan.number, name=plan.name, outcome=plan.outcome, at=now)
    db.add(tried)
    db.flush()
    if plan.at_once:
        _open(db, keys.numbered(db, plan.number), tried, "registry", now)
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
    """Open a waiting number to its contract, by proof or by the desk; False when it is decided already.

    The desk may give a number that the registry names for another contract only by changing the registry
    first.
    """
    if db.get(KeyDecision, tried.id) or tried.outcome == rule.VERIFIED:
        return False
    key = keys.numbered(db, tried.number)
    if key is None:
        key = Key(
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
    _open(db, key, tried, how, now)
    return True


def refuse(db: Session, tried: KeyTry, actor: str, reason: str, now: datetime) -> bool:
    """Say no at the desk; False when it is decided already."""
    if db.get(KeyDecision, tried.id) or tried.outcome == rule.VERIFIED:
        return False
    db.add(KeyDecision(try_id=tried.id, granted=False, actor=actor, reason=reason, at=now))
    return True


def _only_site(db: Session, contract_id: int) -> int | None:
    found = db.exec(select(Site.id).where(Site.contract_id == contract_id)).all()
    return found[0] if len(found) == 1 else None


def for_review(db: Session) -> list[tuple[KeyTry, Contract]]:
    """What waits at the desk, oldest first, foreign tries marked by their outcome."""
    rows = select(KeyTry, Contract).join(Contract, col(Contract.id) == KeyTry.contract_id)
    rows = rows.outerjoin(KeyDecision, col(KeyDecision.try_id) == KeyTry.id)
    rows = rows.where(col(KeyDecision.try_id).is_(None), KeyTry.outcome != rule.VERIFIED)
    return list(db.exec(rows.order_by(col(KeyTry.id))))


def rivals(db: Session, tried: KeyTry) -> int:
    """How many other contracts wait for the same number."""
    return len({one.contract_id for one in waiting(db) if one.number == tried.number} - {tried.contract_id})


def _open(db: Session, key: Key | None, tried: KeyTry, how: str, now: datetime) -> None:
    if key is None:
        raise LookupError(tried.number)
    keys.open_to(db, key, tried.contract_id, tried.name, how, now)
    tell(db, tried, now)


def tell(db: Session, tried: KeyTry, now: datetime) -> None:
    """The contract's phone learns that somebody now sees when its site is armed."""
    who = select(Subscriber.mobile, Contract.number).join(
        Contract, col(Contract.subscriber_id) == Subscriber.id
    )
    mobile, number = db.exec(who.where(Contract.id == tried.contract_id)).one()
    if mobile:
        words = (
            f"К договору {contracts.show(number)} добавлен ключ {rule.masked(tried.number)}. Не вы? "
            "Уберите в кабинете."
        )
        outbox.put(db, "sms", mobile, words, kind="key", now=now, contract_id=tried.contract_id)


def prove(db: Session, tried: KeyTry, now: datetime) -> bool:
    """Open a waiting number if what was asked for was done at its panel; call inside `writing`."""
    asked = challenge(db, tried)
    if asked is None or now > rule.proof_ends(asked.started_at) + rule.LATE:
        return False
    # The station speaks in whole seconds: an arming in the very second of the start is after it.
    since = asked.started_at.replace(microsecond=0)
    heard = sorted(station.heard_of(db, tried.number, since), key=lambda one: (one.at, one.id))
    said = [(Kind(one.kind).name, datetime.fromtimestamp(one.at, UTC)) for one in heard]
    at = rule.proved(tried.outcome, since, asked.order, said, rivals(db, tried))
    if at is None or not grant(db, tried, "proof", "system:jobs", now, held_since=asked.started_at):
        return False
    db.flush()
    station.adopt(db, now)
    journal.note(
        db, "system:jobs", "keys.prove", now, contract_id=tried.contract_id, key=rule.masked(tried.number)
    )
    return True


def settle(db: Session, tried: KeyTry, now: datetime) -> bool:
    """Decide a waiting try without the desk: the registry has learnt it, or the panel proves it. Inside
    `writing`.
    """
    key = keys.numbered(db, tried.number)
    if key is None:
        return prove(db, tried, now)
    if key.contract_id != tried.contract_id:
        return False
    return grant(db, tried, "registry", "system:jobs", now)


def settle_waiting(engine: Engine, settings: object, now: datetime) -> None:
    """Job: open the numbers that the registry has learnt since or that what was done at the panel proves
    (manual §3.4).
    """
    with Session(engine, expire_on_commit=False) as db:
        for tried in waiting(db):
            with writing(db):
                settle(db, tried, now)
