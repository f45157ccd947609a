"""The registry names another owner of a contract: what was the former one's ends in the same transaction, both are told."""

from sqlmodel import Session, col, delete, select, update

from db import autopay, journal, outbox
from db.autopay import Autopay
from db.contracts import Contract
from db.keys import AddedKey, Key
from db.payment_templates import PaymentTemplate
from db.registry import Report
from db.services import Service
from db.subscribers import Subscriber, by_id
from db.supervision import Watch
from rules import handovers as rules
from rules.registry import ContractLine

SYSTEM = "system:registry"


def hand_over(db: Session, contract_id: int, former_id: int, holder: Subscriber, row: ContractLine, report: Report) -> None:
    """Autopay off and its card unlinked, keys closed, wishes and templates forgotten. Inside `writing`."""
    now = report.now
    charged, opened = _stop(db, contract_id, report), _close_keys(db, contract_id, report)
    for table in (Watch, PaymentTemplate):
        db.connection().execute(delete(table).where(col(table.contract_id) == contract_id))  # type: ignore[attr-defined]
    mobiles = update(Service).where(col(Service.contract_id) == contract_id, col(Service.kind) == "sms")
    db.connection().execute(mobiles.values(mobile=row.sms_mobile))
    ours = update(Contract).where(col(Contract.id) == contract_id)
    db.connection().execute(ours.values(owned_since=now, unread=0))
    told = {"keys": opened, "autopay": charged, "was": former_id, "became": holder.id}
    journal.note(db, SYSTEM, "registry.owner", now, contract_id=contract_id, subscriber_id=holder.id, **told)
    journal.note(db, SYSTEM, "registry.gone", now, contract_id=contract_id, subscriber_id=former_id, **told)
    _tell(db, by_id(db, former_id), rules.to_former(row.number, charged, opened, report.office.phone), contract_id, report)
    _tell(db, holder, rules.to_new(row.number), contract_id, report)


def _stop(db: Session, contract_id: int, report: Report) -> bool:
    """Whether autopay was on; one whose card is being bound at this moment must not turn on either."""
    begun = update(Autopay).where(col(Autopay.contract_id) == contract_id, col(Autopay.state) == "binding")
    db.connection().execute(begun.values(state="off", off_at=report.now, off_why="moved"))
    row = autopay.current(db, contract_id)
    if row:
        autopay.stop(db, row, "moved", SYSTEM, report.now)
    return row is not None


def _close_keys(db: Session, contract_id: int, report: Report) -> int:
    """How many keys were open. The new owner adds them anew and sees what happens from now on."""
    opened = db.exec(select(AddedKey.id).where(AddedKey.contract_id == contract_id)).all()
    db.connection().execute(delete(AddedKey).where(col(AddedKey.contract_id) == contract_id))
    db.connection().execute(update(Key).where(col(Key.contract_id) == contract_id).values(held_since=report.now))
    return len(opened)


def _tell(db: Session, whom: Subscriber, words: str, contract_id: int, report: Report) -> None:
    """By SMS, else by mail; who has neither learns of it from the office."""
    channel, to = ("sms", whom.mobile) if whom.mobile else ("mail", whom.email)
    if to:
        outbox.put(db, channel, to, words, kind="owner", now=report.now, contract_id=contract_id,
                   subject="Договор оформлен на другого абонента")  # fmt: skip
