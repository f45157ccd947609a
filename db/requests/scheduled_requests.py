"""The night's part of requests: what is approved and due happens, oldest day first, each in a transaction of
its own.
"""

import logging
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from db import journal, writing
from db.requests import decisions, effects
from db.requests.requests import Request
from rules import days

log = logging.getLogger("cabinet.requests")


def carry_out_due(engine: Engine, settings: object, now: datetime) -> None:
    """Job, from 00:00 Moscow of the day: run twice, killed in between or off for three days, each effect
    happens once.

    One that cannot be done is noted and holds back only the later ones of its own contract: order matters
    there.
    """
    with Session(engine) as db:
        waiting = effects.due(db, days.today(now))
        db.rollback()
        stuck: set[int] = set()
        for request_id in waiting:
            _carry_out(db, request_id, now, stuck)


def _carry_out(db: Session, request_id: int, now: datetime, stuck: set[int]) -> None:
    try:
        with writing(db):
            request = db.get_one(Request, request_id, populate_existing=True)
            contract_id, number = request.contract_id, request.number
            if request.state == "approved" and contract_id not in stuck:
                decisions.carry_out(db, request, decisions.JOBS, now)
    except Exception:
        log.exception("request %s was not carried out", number)
        stuck.add(contract_id)
        with writing(db):
            journal.note(db, decisions.JOBS, "requests.fail", now, contract_id=contract_id, number=number)
