"""A request at the desk, beside its contract: answer, question, approve, refuse, assign, note.

Actions use the same db/requests/decisions.py as the subscriber's pages and the jobs. Each form carries the
version it was filled in on. When two people decide at once, the second is refused and sees who decided and
when.
"""

from datetime import datetime

from litestar import Response
from litestar.params import FromPath
from litestar.response import Stream
from sqlmodel import Session

from db import writing
from db.desk import contract_summary
from db.journal import Person, note
from db.requests import attachments, canned_answers, decisions, dialogues, requests
from db.requests.requests import Request as Row
from db.requests.requests import RequestMessage
from routes.requests.staff_request_page import URL, news, run_action, show_request
from rules import Problems, Refused, amounts, days
from rules.numbers import whole_number
from rules.people import contracts
from rules.requests import canned_answers as canned
from rules.requests.attachments import TYPES, Clean
from rules.requests.decisions import MISSING_QUESTION
from rules.requests.dialogues import require_words
from rules.requests.kinds import KIND_WORDS
from web import PRIVATE, Db, Files, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web.staff_pages import Look, page, roles_with
from web.uploads import clean_uploads, download_response

NOT_YET = "Этот файл прислан до обновления и ещё перерисовывается. Откройте его через минуту."
NOT_DRAWN = (
    "Этот файл прислан до обновления и не перерисован: он закрыт паролем, повреждён или содержит другие "
    "файлы. "
    "Попросите прислать его заново."
)
Outcome = tuple[RequestMessage, str]


@get(URL, staff=roles_with("look"), sync_to_thread=True)
def show(request: Request, db: Db, now: Now, who: Who, number: FromPath[str]) -> Response:
    row = requests.find_by_number(db, parse_id(number)) or not_found()
    return show_request(request, db, now, who, row)


@get(URL + "/news", staff=roles_with("look"), opt={"poll": True})
def poll(request: Request, db: Db, now: Now, who: Who, number: FromPath[str]) -> Response:
    """Answer the poll of an open page: what is new and which other staff opened it lately; 204 when nothing
    changed.
    """
    row = requests.find_by_number(db, parse_id(number)) or not_found()
    query = request.query_params
    since = (whole_number(query.get(name, "")) or 0 for name in ("version", "message"))
    found = news(db, who, row, now, *since)
    if query.get("known") == found["state"]:
        return Response(b"", status_code=204, headers=PRIVATE)
    look = Look("desk.news", row.contract_id, row.subscriber_id, facts={"number": row.number})
    return page(request, "requests/staff_requests/_news.html", look, row=row, news=found)


@post(URL + "/answer", staff=roles_with("answer"), files=True)
def answer(
    request: Request, db: Db, now: Now, who: Who, typed: Typed, files: Files, number: FromPath[str]
) -> Response:
    """Handle the dialogue's form. The button `act` selects an answer, a question, a note, the closing answer,
    or the insertion of a canned answer.
    """
    if typed.get("act") == "insert":
        return _insert_canned(request, db, now, who, typed, number)
    action = {"say": _send_message, "ask": _ask, "note": _note, "close": _close}.get(
        typed.get("act", ""), _send_message
    )
    sent: list[Clean] = []
    problems = Problems()
    settings = request.app.state.settings

    def answer_with_files(db: Session, row: Row) -> str:
        message, words = problems.require(problems.read(action, db, row, who, now, typed))
        for one in sent:
            attachments.add(db, settings.attachment_keys, one, now, message=message)
        return words

    def check() -> str:
        sent.extend(problems.read(clean_uploads, db, who, files, [], settings.clamd) or [])
        return ",".join(one.sha256 for one in sent)

    return run_action(request, db, now, who, typed, number, answer_with_files, check)


def _send_message(db: Session, row: Row, who: Person, now: datetime, typed: dict[str, str]) -> Outcome:
    message = dialogues.add_staff_message(db, row, who, now, _words(typed, "Напишите ответ абоненту."))
    note(db, who, "desk.answer", now, contract_id=row.contract_id, number=row.number)
    return message, "Ответ отправлен."


def _ask(db: Session, row: Row, who: Person, now: datetime, typed: dict[str, str]) -> Outcome:
    decisions.ask_more(db, row, who, now, _words(typed, MISSING_QUESTION))
    return requests.messages(db, row)[-1], "Вопрос отправлен, заявка ждёт ответа абонента."


def _note(db: Session, row: Row, who: Person, now: datetime, typed: dict[str, str]) -> Outcome:
    message = dialogues.add_staff_message(
        db, row, who, now, _words(typed, "Напишите заметку.", sent=False), internal=True
    )
    note(db, who, "desk.note", now, contract_id=row.contract_id, number=row.number)
    return message, "Заметка сохранена, абонент её не видит."


def _close(db: Session, row: Row, who: Person, now: datetime, typed: dict[str, str]) -> Outcome:
    if row.kind != "letter":
        raise Refused(form="Закрыть ответом можно только письмо. Эту заявку одобрите или откажите.")
    decisions.close(db, row, who, now, _words(typed, "Напишите ответ: с ним обращение закроется."))
    return requests.messages(db, row)[-1], f"№ {row.number}: ответ отправлен, обращение закрыто."


def _words(typed: dict[str, str], ask: str, *, sent: bool = True) -> str:
    words = typed.get("words", "")
    require_words(words, ask)
    if len(words) > canned.LONGEST:
        raise Refused(words=f"Слишком длинно: {len(words)} знаков. Сократите до {canned.LONGEST}.")
    if sent and (left := canned.unfilled_variables(words)):
        raise Refused(words=f"В тексте осталась переменная {{{left[0]}}}. Впишите вместо неё нужное.")
    return words


def _insert_canned(
    request: Request, db: Session, now: datetime, who: Person, typed: dict[str, str], number: str
) -> Response:
    """Insert the canned answer below the typed text; nothing is sent."""
    row = requests.find_by_number(db, parse_id(number)) or not_found()
    chosen = whole_number(typed.get("canned", ""))
    found = canned_answers.find(db, chosen) if chosen else None
    if not found:
        return show_request(request, db, now, who, row, typed, Refused(canned="Выберите готовый ответ."))
    text = canned.fill(found.text, _facts(db, row, who, now))
    words = "\n\n".join(filter(None, [typed.get("words", ""), text]))
    return show_request(request, db, now, who, row, typed | {"words": words, "canned": ""})


def _facts(db: Session, row: Row, who: Person, now: datetime) -> dict[str, str]:
    card = contract_summary.load(db, row.contract_id, days.today(now)) or not_found()
    return {
        "имя": canned.first_name(card.subscriber.name, card.subscriber.kind),
        "номер": str(row.number),
        "договор": contracts.format_number(card.contract.number),
        "вид": KIND_WORDS[row.kind].lower(),
        "день": days.day_words(row.effective_day) if row.effective_day else "",
        "баланс": amounts.rubles(card.balance),
        "сегодня": days.day_words(days.today(now)),
        "менеджер": who.name,
    }


@get(URL + "/files/{file_id:str}", staff=roles_with("look"), sync_to_thread=True)
def download_file(
    request: Request, db: Db, now: Now, who: Who, number: FromPath[str], file_id: FromPath[str]
) -> Response | Stream:
    """Return a file. A PDF uploaded before files were redrawn can be opened only after it is redrawn."""
    row = requests.find_by_number(db, parse_id(number)) or not_found()
    found = attachments.find(db, row, parse_id(file_id), internal=True) or not_found()
    if found.type == TYPES["pdf"] and found.redrawn != attachments.REDRAWN:
        return redirect(
            f"/staff/requests/{row.number}",
            NOT_DRAWN if found.redrawn == attachments.NOT_REDRAWN else NOT_YET,
        )
    with writing(db):
        attachments.log_view(db, who, row, found, now)
    return download_response(request, db, found)


routes = [show, poll, answer, download_file]
