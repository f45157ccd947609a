"""Messages of a request's dialogue. Every function is called inside `writing`."""

from datetime import datetime

from sqlmodel import Session

from db.journal import Person
from db.people import contracts
from db.requests import inbox_badge, owner_alerts, requests, steps
from db.requests.requests import DuplicateRequest, Request, RequestMessage
from rules import working_hours
from rules.requests import kinds
from rules.requests import owner_alerts as alert_words
from rules.requests import requests as rule
from rules.requests.decisions import check_still_owned
from rules.requests.owner_alerts import NO_OFFICE, Office
from rules.requests.request_messages import NEW_ANSWER


def reply(
    db: Session,
    request: Request,
    who: Person,
    now: datetime,
    text: str,
    *,
    moved: working_hours.Moved = working_hours.AS_USUAL,
    office: Office = NO_OFFICE,
) -> RequestMessage:
    """Add the subscriber's message. It answers a question of staff, and reopens a request closed within 14
    days.

    A new answer becomes due, unless one is due already. Only the owner writes in an owner-only request.
    Reopening such a request sends it again, so the caller checks the code and the owner gets an SMS.
    """
    kinds.check_sender(request.kind in kinds.OWNER_ONLY, who.rights is not None)
    repeated = rule.is_repeated_by_reply(request.kind, request.state, bool(request.carried_at))
    state = rule.state_after_reply(request.state, request.closed_at, now)
    if request.state in rule.CLOSED:
        owned = contracts.find_owned(db, request.subscriber_id, request.contract_id)
        check_still_owned(owned is not None)
        if twin := requests.find_same_open(db, request.contract_id, request.fingerprint):
            raise DuplicateRequest(twin.number)
        steps.move(db, request, "reopen", who, now, closed_at=None)
        if repeated:
            owner_alerts.send_about_request(db, request, alert_words.request_reopened, office, now)
    elif state != request.state:
        steps.move_to(db, request, state, "reply", who, now)
    message = _add(db, request, who, now, text)
    request.moved_at = now
    if request.state in rule.UNDECIDED and request.answered_at:
        request.answer_by, request.answered_at = working_hours.answer_due(now, moved), None
    db.add(request)
    return message


def add_first_message(db: Session, request: Request, who: Person, now: datetime, text: str) -> RequestMessage:
    """Add the message that holds the files of the request's form."""
    return _add(db, request, who, now, text)


def add_staff_message(
    db: Session,
    request: Request,
    who: Person,
    now: datetime,
    text: str,
    *,
    internal: bool = False,
    quiet: bool = False,
) -> RequestMessage:
    """Add a message of staff. An `internal` one is not shown to the subscriber. `quiet` sends no
    notification, because the decision made with the message sends one.
    """
    message = _add(db, request, who, now, text, internal=internal)
    request.moved_at = now
    if not internal:
        request.answered_at = request.answered_at or now
    db.add(request)
    if not internal and not quiet:
        inbox_badge.mark_unread_and_notify(db, request, now, NEW_ANSWER)
    return message


def _add(
    db: Session, request: Request, who: Person, now: datetime, text: str, *, internal: bool = False
) -> RequestMessage:
    actor, name = requests.actor(who)
    row = RequestMessage(
        request_id=request.id, at=now, actor=actor, name=name, text=text, internal=int(internal)
    )
    request.version += 1  # so a decision on an older version is refused
    db.add_all([row, request])
    db.flush()
    return row
