"""A request beside its contract's card: answer, ask, approve, refuse, assign, note (SPEC §5).

Deeds go through the same db/requests/decisions.py as the subscriber's and the jobs'. Each form names the
version it was filled on: of two who decide at once one wins, the other is told who and when.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar import Response
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath
from litestar.response import Stream
from sqlmodel import Session

from db import submissions, writing
from db.access import staff
from db.desk import contract_summary, queue
from db.journal import Person, note
from db.requests import attachments, canned_answers, decisions, dialogues, requests
from db.requests.requests import Request as Row
from db.requests.requests import RequestMessage
from rules import Refused, amounts, days
from rules.access.staff import RIGHTS, may, may_decide
from rules.desk import deadlines as rule
from rules.numbers import whole_number
from rules.people import contracts
from rules.requests import canned_answers as canned
from rules.requests import descriptions, notice_period
from rules.requests.attachments import TYPES, Clean
from rules.requests.dialogues import require_words
from rules.requests.kinds import KIND_WORDS, KINDS
from rules.requests.requests import CLOSED, STATE_WORDS, STEPS, UNDECIDED
from web import Db, Files, Now, Request, Typed, Who, bounded, get, missing, office, post, see
from web.staff_pages import Look, allow, of, page
from web.uploads import cleaned, download, shown

PLACE = "/staff/requests/{number:str}"
NOT_YET = "Этот файл прислан до обновления и ещё перерисовывается. Откройте его через минуту."
NOT_DRAWN = (
    "Этот файл прислан до обновления и не перерисован: он закрыт паролем, повреждён или содержит другие "
    "файлы. "
    "Попросите прислать его заново."
)
Deed = Callable[[Session, Row], str]
Said = tuple[RequestMessage, str]


@get(PLACE, staff=of("look"), sync_to_thread=True)
def show(request: Request, db: Db, now: Now, who: Who, number: FromPath[str]) -> Response:
    row = requests.find_by_number(db, bounded(number)) or missing()
    return _page(request, db, now, who, row)


@post(PLACE + "/answer", staff=of("answer"), files=True)
def answer(
    request: Request, db: Db, now: Now, who: Who, typed: Typed, files: Files, number: FromPath[str]
) -> Response:
    """The dialogue's form: its button says whether this is an answer, a question, a note, the last word, or a
    ready text.
    """
    if typed.get("act") == "insert":
        return _inserted(request, db, now, who, typed, number)
    deed = {"say": _say, "ask": _ask, "note": _note, "close": _close}.get(typed.get("act", ""), _say)
    sent: list[Clean] = []
    keeps = request.app.state.settings

    def whole(db: Session, row: Row) -> str:
        message, words = deed(db, row, who, now, typed)
        for one in sent:
            attachments.add(db, keeps.attachment_keys, one, now, message=message)
        return words

    def check() -> str:
        sent.extend(cleaned(db, who, files, [], keeps.clamd))
        return ",".join(one.sha256 for one in sent)

    return _do(request, db, now, who, typed, number, whole, check)


@post(PLACE + "/approve", staff=of("decide", "decide_money"))
def approve(request: Request, db: Db, now: Now, who: Who, typed: Typed, number: FromPath[str]) -> Response:
    def deed(db: Session, row: Row) -> str:
        _may_decide(who, row)
        reason = typed.get("reason", "").strip()
        day = days.parse(typed["day"], "day") if typed.get("day") else None
        if _overrides(row, day, now):
            allow(who, "override")
            note(
                db,
                who,
                "desk.override",
                now,
                contract_id=row.contract_id,
                number=row.number,
                day=day,
                reason=reason,
            )
        amount = amounts.kopecks(typed.get("amount", "")) if KINDS[row.kind].staff_amount else None
        decisions.approve(
            db,
            row,
            who,
            now,
            day=day,
            reason=reason,
            words=typed.get("note", "").strip(),
            amount=amount,
            office=office(request),
        )
        return f"№ {row.number}: {STATE_WORDS[row.state]}."

    return _do(request, db, now, who, typed, number, deed)


@post(PLACE + "/refuse", staff=of("decide", "decide_money"))
def refuse(request: Request, db: Db, now: Now, who: Who, typed: Typed, number: FromPath[str]) -> Response:
    def deed(db: Session, row: Row) -> str:
        _may_decide(who, row)
        require_words(typed.get("refusal", ""), "Напишите причину отказа: абонент её прочитает.", "refusal")
        decisions.refuse(db, row, who, now, typed["refusal"].strip(), office=office(request))
        return f"№ {row.number}: отказ отправлен абоненту."

    return _do(request, db, now, who, typed, number, deed)


@post(PLACE + "/assign", staff=of("answer"))
def assign(request: Request, db: Db, now: Now, who: Who, typed: Typed, number: FromPath[str]) -> Response:
    def deed(db: Session, row: Row) -> str:
        people = dict(staff.working(db, RIGHTS["answer"]))
        chosen = typed.get("assignee") or str(who.id)
        assignee = whole_number(chosen)
        if assignee not in people:
            raise Refused(assignee="Выберите, кто займётся заявкой.")
        decisions.assign(db, row, who, now, assignee)
        return f"№ {row.number}: занимается {people[assignee]}."

    return _do(request, db, now, who, typed, number, deed)


def _do(
    request: Request,
    db: Session,
    now: datetime,
    who: Person,
    typed: dict[str, str],
    number: str,
    deed: Deed,
    check: Callable[[], str] = str,
) -> Response:
    """One deed in one transaction, if nobody moved the request since it was looked at.

    `check` is what takes long before it; it says what beside the fields is sent, so that other files are
    another message.
    """
    row = requests.find_by_number(db, bounded(number)) or missing()
    what, place = request.url.path, f"/staff/requests/{row.number}"
    try:
        extra = check()
        with writing(db):
            db.refresh(row)
            if done := submissions.earlier(db, who, what, typed, now, extra):
                return see(done)
            _check_seen(db, row, typed, now)
            words = deed(db, row)
            submissions.add(db, who, what, typed, place, now, words, extra)
    except (Refused, submissions.AlreadySent) as refused:
        db.refresh(row)
        return _page(request, db, now, who, row, typed, refused)
    return see(place, words)


def _check_seen(db: Session, row: Row, typed: dict[str, str], now: datetime) -> None:
    if typed.get("seen") != str(row.version) and (step := queue.last_step(db, row)):
        raise Refused(form=rule.overtaken(step.name, step.verb, step.at, now))


def _may_decide(who: Person, row: Row) -> None:
    if not may_decide(who.role, row.kind):
        raise PermissionDeniedException("role")


def _overrides(row: Row, day: Any, now: datetime) -> bool:
    """Whether the day is one the notice would not have allowed when the request was sent."""
    chosen = day or row.effective_day
    return bool(chosen) and notice_period.is_early(KINDS[row.kind].notice, chosen, days.today(row.sent_at))


def _say(db: Session, row: Row, who: Person, now: datetime, typed: dict[str, str]) -> Said:
    message = dialogues.add_staff_message(db, row, who, now, _words(typed, "Напишите ответ абоненту."))
    note(db, who, "desk.answer", now, contract_id=row.contract_id, number=row.number)
    return message, "Ответ отправлен."


def _ask(db: Session, row: Row, who: Person, now: datetime, typed: dict[str, str]) -> Said:
    decisions.ask_more(
        db, row, who, now, _words(typed, "Напишите, чего не хватает: абонент увидит этот вопрос.")
    )
    return requests.messages(db, row)[-1], "Вопрос отправлен, заявка ждёт ответа абонента."


def _note(db: Session, row: Row, who: Person, now: datetime, typed: dict[str, str]) -> Said:
    message = dialogues.add_staff_message(
        db, row, who, now, _words(typed, "Напишите заметку.", sent=False), internal=True
    )
    note(db, who, "desk.note", now, contract_id=row.contract_id, number=row.number)
    return message, "Заметка сохранена, абонент её не видит."


def _close(db: Session, row: Row, who: Person, now: datetime, typed: dict[str, str]) -> Said:
    if row.kind != "letter":
        raise Refused(form="Закрыть ответом можно только письмо. Эту заявку одобрите или откажите.")
    decisions.close(db, row, who, now, _words(typed, "Напишите ответ: с ним обращение закроется."))
    return requests.messages(db, row)[-1], f"№ {row.number}: ответ отправлен, обращение закрыто."


def _words(typed: dict[str, str], ask: str, *, sent: bool = True) -> str:
    words = typed.get("words", "").strip()
    require_words(words, ask)
    if len(words) > canned.LONGEST:
        raise Refused(words=f"Слишком длинно: {len(words)} знаков. Сократите до {canned.LONGEST}.")
    if sent and (left := canned.unfilled(words)):
        raise Refused(words=f"В тексте осталась переменная {{{left[0]}}}. Впишите вместо неё нужное.")
    return words


def _inserted(
    request: Request, db: Session, now: datetime, who: Person, typed: dict[str, str], number: str
) -> Response:
    """The ready answer put under what is typed already; nothing is sent."""
    row = requests.find_by_number(db, bounded(number)) or missing()
    chosen = whole_number(typed.get("canned", ""))
    found = canned_answers.find(db, chosen) if chosen else None
    if not found:
        return _page(request, db, now, who, row, typed, Refused(canned="Выберите готовый ответ."))
    text = canned.fill(found.text, _facts(db, row, who, now))
    words = "\n\n".join(filter(None, [typed.get("words", "").strip(), text]))
    return _page(request, db, now, who, row, typed | {"words": words, "canned": ""})


def _facts(db: Session, row: Row, who: Person, now: datetime) -> dict[str, str]:
    card = contract_summary.of(db, row.contract_id, days.today(now)) or missing()
    return {
        "имя": canned.first_name(card.subscriber.name, card.subscriber.kind),
        "номер": str(row.number),
        "договор": contracts.show(card.contract.number),
        "вид": KIND_WORDS[row.kind].lower(),
        "день": days.day_words(row.effective_day) if row.effective_day else "",
        "баланс": amounts.rubles(card.balance),
        "сегодня": days.day_words(days.today(now)),
        "менеджер": who.name,
    }


def _page(
    request: Request,
    db: Session,
    now: datetime,
    who: Person,
    row: Row,
    typed: dict[str, str] | None = None,
    refused: Any = None,
) -> Response:
    due = rule.due(rule.PendingWork(row.state, row.answer_by, row.answered_at, row.effective_day))
    talk, timeline = _talk(db, row), requests.steps(db, row, internal=True)
    actors = {step.actor for step in timeline} | {message.actor for message, _ in talk}
    early = row.effective_day and notice_period.is_early(
        KINDS[row.kind].notice, row.effective_day, days.today(row.sent_at)
    )
    look = Look("desk.look", row.contract_id, row.subscriber_id, facts={"number": row.number})
    return page(
        request,
        "requests/staff_requests/show.html",
        look,
        typed=typed,
        refused=refused,
        row=row,
        card=contract_summary.of(db, row.contract_id, days.today(now)),
        kinds=KIND_WORDS,
        kind=KINDS[row.kind],
        states=STATE_WORDS,
        steps={verb: step.words for verb, step in STEPS.items()},
        asked=_asked(row, talk),
        timeline=timeline,
        acting={one for one in actors if requests.is_acting(one)},
        talk=talk,
        due=rule.due_words(due, now),
        early=early,
        undecided=row.state in UNDECIDED,
        closed=row.state in CLOSED,
        canned=canned_answers.choices(db),
        people=staff.working(db, RIGHTS["answer"]),
        assignee=queue.name_of(db, row.assignee_id),
        may_decide=may_decide(who.role, row.kind),
        may_override=may(who.role, "override"),
        me=who.id,
    )


def _asked(row: Row, talk: list) -> list[tuple[str, str]]:
    """The facts in words; a text that opens the dialogue is not said twice."""
    payload = row.payload | {"text": None} if talk else row.payload
    return descriptions.describe(row.kind, payload, row.effective_day, bool(row.early))


def _talk(db: Session, row: Row) -> list[tuple[RequestMessage, list]]:
    """Messages with their files, each (name, address, size); erased ones are left out."""
    files = attachments.by_message(db, row)
    place = f"/staff/requests/{row.number}/files"
    return [
        (
            one,
            [shown(file, f"{place}/{file.id}") for file in files.get(one.id, []) if not file.erased_at],
        )
        for one in requests.messages(db, row, internal=True)
    ]


@get(PLACE + "/files/{file_id:str}", staff=of("look"), sync_to_thread=True)
def file(
    request: Request, db: Db, now: Now, who: Who, number: FromPath[str], file_id: FromPath[str]
) -> Response | Stream:
    """The file. One an earlier program kept as it came waits until its pages are drawn anew, which may turn
    out impossible.
    """
    row = requests.find_by_number(db, bounded(number)) or missing()
    found = attachments.find(db, row, bounded(file_id), internal=True) or missing()
    if found.type == TYPES["pdf"] and found.redrawn != attachments.REDRAWN:
        return see(
            f"/staff/requests/{row.number}",
            NOT_DRAWN if found.redrawn == attachments.NOT_REDRAWN else NOT_YET,
        )
    with writing(db):
        attachments.log_view(db, who, row, found, now)
    return download(request, db, found)


routes = [show, answer, approve, refuse, assign, file]
