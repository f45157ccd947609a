"""The job that carries out approved requests on their day, each in a transaction of its own."""

import logging
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from db import journal, writing
from db.requests import decisions, effects
from db.requests.requests import Request
from rules import days
from rules.requests.requests import APPROVED

log = logging.getLogger("cabinet.requests")


def carry_out_due(engine: Engine, settings: object, now: datetime) -> None:
    """Job: carry out approved requests from 00:00 Moscow time of their day.

    Each effect happens once, even if the job runs twice, is killed or does not run for days. A request that
    fails is journalled and holds back only the later requests of its contract, whose order matters.
    """
    with Session(engine) as db:
        waiting = effects.due_ids(db, days.today(now))
        db.rollback()
        failed: set[int] = set()
        for request_id in waiting:
            _carry_out(db, request_id, now, failed)


def _carry_out(db: Session, request_id: int, now: datetime, failed: set[int]) -> None:
    try:
        with writing(db):
            request = db.get_one(Request, request_id, populate_existing=True)
            contract_id, number = request.contract_id, request.number
            if request.state == APPROVED and contract_id not in failed:
                decisions.carry_out(db, request, decisions.JOBS, now)
    except Exception:
        log.exception("request %s was not carried out", number)
        failed.add(contract_id)
        with writing(db):
            journal.note(db, decisions.JOBS, "requests.fail", now, contract_id=contract_id, number=number)
