"""A contract gets another owner in the registry: everything of the former owner ends in the same transaction,
and both are notified.
"""

from sqlmodel import Session, col, select, update

from db import journal, outbox
from db.events import key_claims
from db.events.keys import AddedKey, SiteKey
from db.payments import autopay
from db.payments.autopay import Autopay
from db.payments.refunds import Refund
from db.people import ownership
from db.people.services import Service
from db.people.subscribers import Subscriber, get_subscriber
from db.registry import ImportReport
from db.requests import decisions
from db.requests.requests import Request
from rules.people import handovers as rules
from rules.registry.lines import ContractLine
from rules.requests.requests import OPEN

SYSTEM = "system:registry"


def hand_over(
    db: Session, contract_id: int, former_id: int, holder: Subscriber, row: ContractLine, report: ImportReport
) -> None:
    """Turn autopay off and unlink its card, close keys, end requests, delete preferences, names and
    templates. Inside `writing`.
    """
    now = report.now
    charged, opened = _stop_autopay(db, contract_id, report), _close_keys(db, contract_id, report)
    ended = _end_requests(db, contract_id, former_id, report)
    mobiles = update(Service).where(col(Service.contract_id) == contract_id, col(Service.kind) == "sms")
    db.connection().execute(mobiles.values(mobile=row.sms_mobile))
    ownership.hand_over(db, contract_id, former_id, now)
    facts = {"keys": opened, "autopay": charged, "requests": ended, "was": former_id, "became": holder.id}
    journal.note(db, SYSTEM, "registry.owner", now, contract_id=contract_id, subscriber_id=holder.id, **facts)
    journal.note(db, SYSTEM, "registry.gone", now, contract_id=contract_id, subscriber_id=former_id, **facts)
    words = rules.former_owner_text(row.number, charged, opened, report.office.phone, ended)
    _notify(db, get_subscriber(db, former_id), words, contract_id, report)
    _notify(db, holder, rules.new_owner_text(row.number), contract_id, report)


def _stop_autopay(db: Session, contract_id: int, report: ImportReport) -> bool:
    """Turn autopay off and return whether it was on. One whose card is being linked at this moment must not
    turn on either.
    """
    begun = update(Autopay).where(col(Autopay.contract_id) == contract_id, col(Autopay.state) == "binding")
    db.connection().execute(begun.values(state="off", off_at=report.now, off_why="moved"))
    row = autopay.active_autopay(db, contract_id)
    if row:
        autopay.turn_off(db, row, "moved", SYSTEM, report.now)
    return row is not None


def _close_keys(db: Session, contract_id: int, report: ImportReport) -> int:
    """Close the open keys and return how many there were. The new owner adds them again and sees events from
    then on.
    """
    opened = db.exec(select(AddedKey.id).where(AddedKey.contract_id == contract_id)).all()
    for tried in key_claims.waiting_tries(db, contract_id):
        key_claims.refuse(db, tried, SYSTEM, rules.REASON, report.now)
    db.connection().execute(
        update(SiteKey).where(col(SiteKey.contract_id) == contract_id).values(held_since=report.now)
    )
    return len(opened)


def _end_requests(db: Session, contract_id: int, former_id: int, report: ImportReport) -> int:
    """End open requests and return how many there were: a request of one owner must not change the other's
    service or be paid from their money.

    A refund the bank is already carrying out cannot be recalled: it ends by itself, visible only to staff.
    """
    theirs = (col(Request.contract_id) == contract_id, col(Request.subscriber_id) == former_id)
    db.connection().execute(update(Request).where(*theirs).values(unread=0))
    at_bank = set(
        db.exec(select(Refund.request_id).where(Refund.contract_id == contract_id, Refund.state == "asked"))
    )
    found = db.exec(
        select(Request).where(*theirs, col(Request.state).in_(OPEN)).execution_options(populate_existing=True)
    ).all()
    ended = 0
    for request in found:
        if request.id in at_bank:
            # Frees the fingerprint: the new owner may send the same request without colliding with one that
            # is not theirs.
            request.fingerprint = f"{request.fingerprint}:{request.number}"
            db.add(request)
        else:
            decisions.cancel(db, request, SYSTEM, report.now, rules.REASON)
            ended += 1
    return ended


def _notify(db: Session, whom: Subscriber, words: str, contract_id: int, report: ImportReport) -> None:
    """Notify by SMS, else by e-mail; a subscriber who has neither learns of it from the office."""
    channel, to = ("sms", whom.mobile) if whom.mobile else ("mail", whom.email)
    if to:
        outbox.put(
            db,
            channel,
            to,
            words,
            kind="owner",
            now=report.now,
            contract_id=contract_id,
            subject=rules.SUBJECT,
        )
