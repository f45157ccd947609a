"""Steps of requests: send, assign, ask, approve, refuse, close, withdraw, carry out.

The subscriber's pages, the desk and the jobs call the same functions, inside `writing`. Each function writes
the new state by a conditional UPDATE, with a step, a journal line and the subscriber's notification, or
raises Refused and writes nothing. When two people decide at once, the second is refused.
"""

from datetime import date, datetime

from sqlmodel import Session

from db.access import acceptances
from db.journal import Person
from db.people import subscribers
from db.requests import dialogues, effects, inbox_badge, owner_alerts, requests, steps
from db.requests.requests import DuplicateRequest, Request
from rules import days, working_hours
from rules.requests import decisions as decision_rules
from rules.requests import kinds, request_messages
from rules.requests import owner_alerts as alert_words
from rules.requests import requests as rule
from rules.requests.dialogues import require_words
from rules.requests.owner_alerts import NO_OFFICE, Office
from rules.requests.plans import RequestPlan
from settings import Settings

RULE = "system:rule"
JOBS = "system:jobs"


def send(
    db: Session,
    who: Person,
    plan: RequestPlan,
    now: datetime,
    *,
    address: str = "",
    text: str | None = None,
    auto: tuple[str, ...] = kinds.AUTO,
    salt: str = "",
    moved: working_hours.Moved = working_hours.AS_USUAL,
    office: Office = NO_OFFICE,
    settings: Settings | None = None,
) -> Request:
    """Write a planned request of the signed-in subscriber; approve it if the rule may do so without staff.

    `text` names the rules that were accepted from `address`, filled from `settings`. A second open request
    with the same content raises `DuplicateRequest`. For an owner-only request the owner gets an SMS in the
    same transaction; the caller checks the code.
    """
    contract_id, own = who.contract_id, subscribers.get_subscriber(db, who.id).mobile
    owner_only = kinds.owner_only(plan.kind, plan.facts, own)
    kinds.check_sender(owner_only, who.rights is not None)
    fingerprint = kinds.fingerprint(plan, salt)
    if twin := requests.find_same_open(db, contract_id, fingerprint):  # type: ignore[arg-type]
        raise DuplicateRequest(twin.number)
    accepted = acceptances.accept(db, who.id, text, now, address, contract_id, settings) if text else None
    row = Request(
        number=requests.next_number(db),
        contract_id=contract_id,  # type: ignore[arg-type]
        subscriber_id=who.id,
        kind=plan.kind,
        payload=plan.facts,
        fingerprint=fingerprint,
        effective_day=plan.day,
        early=int(plan.early),
        acceptance_id=accepted.id if accepted else None,
        sent_at=now,
        answer_by=working_hours.answer_due(now, moved),
        moved_at=now,
    )
    db.add(row)
    db.flush()
    steps.add_step(db, row, who, "send", now)
    if kinds.may_auto(plan, auto):
        approve(db, row, RULE, now)
    if owner_only:
        owner_alerts.send_about_request(db, row, alert_words.request_sent, office, now)
    return row


def assign(db: Session, request: Request, who: Person, now: datetime, assignee_id: int | None = None) -> None:
    """Take the request into work, assigned to `assignee_id` (to `who` when None); only staff see the
    assignee.
    """
    steps.move(
        db, request, "take", who, now, internal=request.state == rule.WORK, assignee_id=assignee_id or who.id
    )


def ask_more(
    db: Session, request: Request, who: Person, now: datetime, words: str, seen: int | None = None
) -> None:
    """Ask the subscriber a question; the request waits for the answer."""
    require_words(words, decision_rules.MISSING_QUESTION)
    steps.move(db, request, "ask_more", who, now, seen=seen, answered_at=request.answered_at or now)
    dialogues.add_staff_message(db, request, who, now, words)


def approve(
    db: Session,
    request: Request,
    who: Person | str,
    now: datetime,
    *,
    day: date | None = None,
    reason: str = "",
    words: str = "",
    amount: int | None = None,
    seen: int | None = None,
    office: Office = NO_OFFICE,
) -> None:
    """Schedule the request's effect; a request that has no day to wait for is carried out at once.

    `day` changes the effective day; a day that the notice period does not allow needs a `reason`, which is
    stored. `amount` (kopecks) is what a recalculation returns. For an owner-only request the owner gets an
    SMS, whatever the notification preferences.
    """
    today = days.today(now)
    effective = _effective_day(request, day, reason, today, by_rule=who == RULE)
    if amount is not None:
        request.payload = {**request.payload, "amount": amount}
    if not request.carried_at:
        effects.check(db, request, effective, now)
    steps.move(
        db,
        request,
        "approve",
        who,
        now,
        words=words,
        seen=seen,
        effective_day=effective,
        decided_at=now,
        answered_at=request.answered_at or now,
        override=reason or None,
        payload=request.payload,
    )
    own = subscribers.get_subscriber(db, request.subscriber_id).mobile
    alerted = who != RULE and kinds.owner_only(request.kind, request.payload, own)
    skipped = ("sms",) if alerted else ()
    if effects.is_immediate(request.kind, effective, today):
        carry_out(db, request, who, now, skipped_channels=skipped)
    elif who != RULE:
        inbox_badge.mark_unread_and_notify(
            db, request, now, rule.next_words(request.state, request.kind, effective, ""), but=skipped
        )
    if alerted:
        owner_alerts.send_about_request(db, request, alert_words.request_approved, office, now)


def _effective_day(
    request: Request, day: date | None, reason: str, today: date, *, by_rule: bool
) -> date | None:
    if request.effective_day is None or by_rule or request.carried_at:
        return request.effective_day
    return decision_rules.choose_day(request.effective_day, bool(request.early), day, reason, today)


def refuse(
    db: Session,
    request: Request,
    who: Person,
    now: datetime,
    words: str,
    seen: int | None = None,
    office: Office = NO_OFFICE,
) -> None:
    """Refuse with the reason `words`, which the subscriber reads."""
    require_words(words, decision_rules.MISSING_REASON)
    previous = request.state
    steps.move(
        db,
        request,
        "refuse",
        who,
        now,
        words=words,
        seen=seen,
        decided_at=now,
        closed_at=now,
        answered_at=request.answered_at or now,
    )
    inbox_badge.mark_unread_and_notify(
        db,
        request,
        now,
        request_messages.REQUEST_REFUSED,
        but=owner_alerts.send_cancelled(db, request, previous, office, now),
    )


def close(
    db: Session, request: Request, who: Person, now: datetime, words: str = "", seen: int | None = None
) -> None:
    """Close a letter with an answer; it needs no decision."""
    steps.move(
        db,
        request,
        "close",
        who,
        now,
        seen=seen,
        decided_at=now,
        closed_at=now,
        answered_at=request.answered_at or now,
    )
    if words:
        dialogues.add_staff_message(db, request, who, now, words, quiet=True)
    inbox_badge.mark_unread_and_notify(db, request, now, request_messages.LETTER_ANSWERED)


def withdraw(db: Session, request: Request, who: Person, now: datetime, office: Office = NO_OFFICE) -> None:
    """Withdraw the request for the subscriber, before the effective day."""
    previous = request.state
    rule.withdraw(previous, request.effective_day, days.today(now))
    steps.move(db, request, "withdraw", who, now, closed_at=now)
    owner_alerts.send_cancelled(db, request, previous, office, now)


def cancel(db: Session, request: Request, who: str, now: datetime, words: str) -> None:
    """Withdraw a request that has become void; `words` give the reason in its timeline."""
    steps.move(
        db, request, "withdraw", who, now, words=words, closed_at=now, answered_at=request.answered_at or now
    )


def carry_out(
    db: Session, request: Request, who: Person | str, now: datetime, skipped_channels: tuple[str, ...] = ()
) -> None:
    """Write the effect exactly once: when the job runs twice at the same time, only one UPDATE succeeds.

    A request that was reopened after its effect is only closed again. No notification is sent over
    `skipped_channels`, where the owner already has an alert.
    """
    done_before = request.carried_at
    steps.move(
        db,
        request,
        "carry_out",
        who if isinstance(who, str) else JOBS,
        now,
        carried_at=done_before or now,
        closed_at=now,
    )
    if not done_before:
        effects.carry_out(db, request, now)
    if who != RULE:
        inbox_badge.mark_unread_and_notify(
            db, request, now, request_messages.CARRIED_OUT, but=skipped_channels
        )
