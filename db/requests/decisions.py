"""What moves a request on: asked, taken, answered, approved, refused, withdrawn, carried out (SPEC §3.3, §5).

The subscriber's pages, the desk and the jobs call the same functions, inside `writing`. Each writes the new
state by a conditional UPDATE, a line of the timeline, a journal row and what the subscriber is told, or
raises Refused and writes nothing. Of two who decide at once one wins; the other is told.
"""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, update

from db import journal
from db.access import acceptances
from db.journal import Person
from db.people import contracts, subscribers
from db.requests import effects, inbox_badge, owner_alerts, requests
from db.requests.requests import Request, RequestMessage, RequestStep
from rules import Refused, days, working_hours
from rules.requests import kinds
from rules.requests import owner_alerts as alert_words
from rules.requests import requests as rule
from rules.requests.dialogues import require_words
from rules.requests.kinds import Plan
from rules.requests.owner_alerts import Office

RULE = "system:rule"
JOBS = "system:jobs"
NOBODY = Office()


def ask(
    db: Session,
    who: Person,
    plan: Plan,
    now: datetime,
    *,
    address: str = "",
    text: str | None = None,
    auto: tuple[str, ...] = rule.AUTO,
    salt: str = "",
    moved: working_hours.Moved = working_hours.AS_USUAL,
    office: Office = NOBODY,
    settings: Any = None,
) -> Request:
    """Keep a planned request of the signed-in subscriber; what the rule alone may approve is approved at
    once.

    `text` names the rules accepted from `address`, filled from `settings`. A second open request saying the
    same raises `SameOpen`. What only the owner may ask for is told to the owner's phone in the same
    transaction; that a code was given is the caller's to check.
    """
    contract_id, own = who.contract_id, subscribers.by_id(db, who.id).mobile
    guarded = plan.owner_only(own)
    if guarded and who.rights is not None:
        raise Refused(form=kinds.OWNERS)
    fingerprint = plan.fingerprint(salt)
    if twin := requests.same_open(db, contract_id, fingerprint):
        raise SameOpen(twin.number)
    accepted = acceptances.accept(db, who.id, text, now, address, contract_id, settings) if text else None
    row = Request(
        number=requests.next_number(db),
        contract_id=contract_id,
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
    _step(db, row, who, "send", now)
    if kinds.may_auto(plan, auto):
        approve(db, row, RULE, now)
    if guarded:
        owner_alerts.of_request(db, row, alert_words.asked, office, now)
    return row


class SameOpen(Refused):
    """Such a request is open already; `number` is where to look."""

    def __init__(self, number: int) -> None:
        super().__init__(
            form=f"Такая заявка уже открыта: № {number}. Посмотрите, что с ней, или допишите в неё."
        )
        self.number = number


def take(db: Session, request: Request, who: Person, now: datetime, assignee_id: int | None = None) -> None:
    """Into work, answered for by `assignee_id` (the taker when None); only staff see who."""
    _move(
        db, request, "take", who, now, internal=request.state == rule.WORK, assignee_id=assignee_id or who.id
    )


def ask_more(
    db: Session, request: Request, who: Person, now: datetime, words: str, seen: int | None = None
) -> None:
    """A question to the subscriber: the request waits for the answer."""
    require_words(words, "Напишите, чего не хватает: абонент увидит этот вопрос.")
    _move(db, request, "ask_more", who, now, seen=seen, answered_at=request.answered_at or now)
    say(db, request, who, now, words)


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
    office: Office = NOBODY,
) -> None:
    """Schedule what was asked together with its effect on money; what has no day to wait for is carried out
    at once.

    `day` moves the effective day; a day the notice does not allow needs `reason`, which is kept. `amount`
    (kopecks) is what a recalculation gives back. Of what only an owner asks for the owner's phone is told,
    whatever notices were chosen.
    """
    today = days.today(now)
    effective = _day_of(request, day, reason, today, by_rule=who == RULE)
    if amount is not None:
        request.payload = {**request.payload, "amount": amount}
    if not request.carried_at:
        effects.check(db, request, effective, now)
    _move(
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
    guarded = who != RULE and rule.owner_only(
        request.kind, request.payload, subscribers.by_id(db, request.subscriber_id).mobile
    )
    told = ("sms",) if guarded else ()
    if effects.due_at_once(request.kind, effective, today):
        carry_out(db, request, who, now, told=told)
    elif who != RULE:
        inbox_badge.tell(
            db, request, now, rule.next_words(request.state, request.kind, effective, ""), but=told
        )
    if guarded:
        owner_alerts.of_request(db, request, alert_words.approved, office, now)


def _day_of(request: Request, day: date | None, reason: str, today: date, *, by_rule: bool) -> date | None:
    if request.effective_day is None or by_rule or request.carried_at:
        return request.effective_day
    chosen = day or request.effective_day
    if chosen < today:
        raise Refused(day=f"Этот день уже прошёл. Укажите {days.day_words(today)} или позже.")
    if (chosen != request.effective_day or request.early) and len(reason.strip()) < 5:
        raise Refused(reason="День не тот, что по правилу. Напишите, почему: причина останется в заявке.")
    return chosen


def refuse(
    db: Session,
    request: Request,
    who: Person,
    now: datetime,
    words: str,
    seen: int | None = None,
    office: Office = NOBODY,
) -> None:
    """No, with the reason the subscriber reads."""
    require_words(words, "Напишите причину отказа: абонент её прочитает.")
    was = request.state
    _move(
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
    inbox_badge.tell(
        db,
        request,
        now,
        "Отказано. Причина — в личном кабинете.",
        but=owner_alerts.call_off(db, request, was, office, now),
    )


def close(
    db: Session, request: Request, who: Person, now: datetime, words: str = "", seen: int | None = None
) -> None:
    """Done with an answer alone: a letter needs no decision."""
    if words:
        say(db, request, who, now, words, quiet=True)
    _move(
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
    inbox_badge.tell(db, request, now, "На обращение ответили.")


def withdraw(db: Session, request: Request, who: Person, now: datetime, office: Office = NOBODY) -> None:
    """The subscriber's own change of mind, before the day."""
    was = request.state
    rule.withdraw(was, request.effective_day, days.today(now))
    _move(db, request, "withdraw", who, now, closed_at=now)
    owner_alerts.call_off(db, request, was, office, now)


def end(db: Session, request: Request, who: str, now: datetime, words: str) -> None:
    """Withdrawn not by its subscriber but by what made it void; `words` say why in its timeline."""
    _move(
        db, request, "withdraw", who, now, words=words, closed_at=now, answered_at=request.answered_at or now
    )


def carry_out(
    db: Session, request: Request, who: Person | str, now: datetime, told: tuple[str, ...] = ()
) -> None:
    """The effect itself, once: the state moves by the same UPDATE that a second runner would lose.

    A request opened again after its effect is only closed again. `told`: channels over which the owner was
    told already.
    """
    done_before = request.carried_at
    _move(
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
        inbox_badge.tell(db, request, now, "Заявка выполнена.", but=told)


def reply(
    db: Session,
    request: Request,
    who: Person,
    now: datetime,
    text: str,
    *,
    moved: working_hours.Moved = working_hours.AS_USUAL,
    office: Office = NOBODY,
) -> RequestMessage:
    """The subscriber's message; it answers a question, and opens a closed request again within 14 days.

    What was answered is owed an answer anew; a debt that is there already keeps its earlier hour. What only
    the owner asks for only the owner speaks in, and to open it again is to ask again: the caller checks the
    code, the owner's phone is told.
    """
    if who.rights is not None and request.kind in rule.OWNER_ONLY:
        raise Refused(form=kinds.OWNERS)
    reopens = rule.reopens(request.kind, request.state, bool(request.carried_at))
    state = rule.after_reply(request.state, request.closed_at, now)
    if request.state in rule.CLOSED:
        if contracts.owned(db, request.subscriber_id, request.contract_id) is None:
            raise Refused(text="Договор этой заявки оформлен на другого абонента, открыть её снова нельзя.")
        if twin := requests.same_open(db, request.contract_id, request.fingerprint):
            raise SameOpen(twin.number)
        _move(db, request, "reopen", who, now, closed_at=None)
        if reopens:
            owner_alerts.of_request(db, request, alert_words.reopened, office, now)
    elif state != request.state:
        _move_to(db, request, state, "reply", who, now)
    message = _message(db, request, who, now, text)
    request.moved_at = now
    if request.state in rule.UNDECIDED and request.answered_at:
        request.answer_by, request.answered_at = working_hours.answer_due(now, moved), None
    db.add(request)
    return message


def open_dialogue(db: Session, request: Request, who: Person, now: datetime, text: str) -> RequestMessage:
    """The first message, with which the form's files go."""
    return _message(db, request, who, now, text)


def say(
    db: Session,
    request: Request,
    who: Person,
    now: datetime,
    text: str,
    *,
    internal: bool = False,
    quiet: bool = False,
) -> RequestMessage:
    """Staff's message; `internal` stays among staff, `quiet` leaves the telling to the decision it comes
    with.
    """
    message = _message(db, request, who, now, text, internal=internal)
    request.moved_at = now
    if not internal:
        request.answered_at = request.answered_at or now
    db.add(request)
    if not internal and not quiet:
        inbox_badge.tell(db, request, now, "Новый ответ.")
    return message


def _message(
    db: Session, request: Request, who: Person, now: datetime, text: str, *, internal: bool = False
) -> RequestMessage:
    actor, name = requests.actor(who)
    row = RequestMessage(
        request_id=request.id, at=now, actor=actor, name=name, text=text, internal=int(internal)
    )
    db.add(row)
    db.flush()
    return row


def _move(db: Session, request: Request, verb: str, who: Person | str, now: datetime, **rest: Any) -> None:
    _move_to(db, request, rule.after(verb, request.state), verb, who, now, **rest)


def _move_to(
    db: Session,
    request: Request,
    state: str,
    verb: str,
    who: Person | str,
    now: datetime,
    *,
    words: str = "",
    internal: bool = False,
    seen: int | None = None,
    **values: Any,
) -> None:
    """The one UPDATE: it changes nothing when somebody moved the request since the asker looked (`seen`)."""
    version = seen or request.version
    db.flush()
    moved = db.connection().execute(
        update(Request)
        .where(
            col(Request.id) == request.id,
            col(Request.version) == version,
            col(Request.state) == request.state,
        )
        .values(state=state, version=version + 1, moved_at=now, **values)
    )
    if moved.rowcount != 1:
        raise Refused(form=rule.TOO_LATE)
    db.refresh(request)
    _step(db, request, who, verb, now, words, internal)


def _step(
    db: Session,
    request: Request,
    who: Person | str,
    verb: str,
    now: datetime,
    words: str = "",
    internal: bool = False,
) -> None:
    actor, name = requests.actor(who)
    db.add(
        RequestStep(
            request_id=request.id,
            at=now,
            actor=actor,
            name=name,
            verb=verb,
            state=request.state,
            words=words,
            internal=int(internal),
        )
    )
    journal.note(
        db,
        who,
        f"requests.{verb}",
        now,
        contract_id=request.contract_id,
        subscriber_id=request.subscriber_id,
        number=request.number,
        kind=request.kind,
    )
