"""Canned answers with variables, which the desk edits itself (rules/requests/canned_answers.py)."""

from typing import Any

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import journal, writing
from db.requests import canned_answers
from db.requests.canned_answers import CannedAnswer
from rules import Refused
from rules.requests import canned_answers as rule
from web import Db, Now, Request, Typed, Who, get, not_found, page, parse_id, post, redirect
from web.confirmations import confirm_page
from web.staff_pages import roles_with

PLACE = "/staff/answers"


@get(PLACE, staff=roles_with("canned"))
def index(request: Request, db: Db) -> Response:
    return _page(request, db)


@post(PLACE, staff=roles_with("canned"))
def create(request: Request, db: Db, now: Now, who: Who, typed: Typed) -> Response:
    """Create a canned answer, or update the one whose id is in the form."""
    try:
        title, text = rule.check(typed.get("title", ""), typed.get("text", ""))
    except Refused as refused:
        return _page(request, db, typed=typed, refused=refused)
    with writing(db):
        row = (
            canned_answers.find(db, parse_id(typed["id"]))
            if typed.get("id")
            else CannedAnswer(title=title, text=text)
        )
        if row is None:
            not_found()
        row.title, row.text = title, text
        db.add(row)
        journal.note(db, who, "canned.keep", now, title=title)
    return redirect(PLACE, f"Ответ «{title}» сохранён.")


@get(PLACE + "/{answer_id:str}", staff=roles_with("canned"))
def edit(request: Request, db: Db, answer_id: FromPath[str]) -> Response:
    row = canned_answers.find(db, parse_id(answer_id)) or not_found()
    return _page(request, db, typed={"id": str(row.id), "title": row.title, "text": row.text})


@get(PLACE + "/{answer_id:str}/remove", staff=roles_with("canned"))
def confirm_removal(request: Request, db: Db, answer_id: FromPath[str]) -> Response:
    row = canned_answers.find(db, parse_id(answer_id)) or not_found()
    return confirm_page(
        request,
        f"Удалить ответ «{row.title}»",
        f"Его не будет ни у кого из сотрудников. Отправленные письма останутся. Текст: {row.text}",
        "Удалить ответ",
        PLACE,
    )


@post(PLACE + "/{answer_id:str}/remove", staff=roles_with("canned"))
def remove(db: Db, now: Now, who: Who, answer_id: FromPath[str]) -> Response:
    with writing(db):
        row = canned_answers.find(db, parse_id(answer_id)) or not_found()
        row.removed_at = now
        db.add(row)
        journal.note(db, who, "canned.remove", now, title=row.title)
    return redirect(PLACE, f"Ответ «{row.title}» удалён.")


def _page(request: Request, db: Session, **rest: Any) -> Response:
    return page(
        request,
        "requests/staff_canned_answers/index.html",
        answers=canned_answers.list_active(db),
        variables=rule.VARIABLES,
        **rest,
    )


routes = [index, create, edit, confirm_removal, remove]
