"""Notices to subscribers, written by staff: planned works, an outage; to all or to some, between two days."""

from litestar import Response
from litestar.params import FromPath

from db import journal, submissions, writing
from db.people import announcements
from db.submissions import DuplicateSubmission
from rules import Problems, Refused, days
from rules.people import announcements as rule
from web import Db, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web import page as bare_page
from web.confirmations import confirm_page
from web.staff_pages import Look, page

MAY = "manager engineer admin"
BULK = 1024 * 1024  # bytes: contract numbers of some tens of thousands of contracts


@get("/staff/notices", staff="manager accountant engineer admin")
def index(request: Request, db: Db, who: Who) -> Response:
    rows = announcements.latest_announcements(db)
    look = Look(
        "notices.look",
        contracts=announcements.find_contract_ids(db, [row.whom for row, _ in rows]),
        seldom=True,
    )
    return page(
        request, "people/staff_announcements/index.html", look, rows=rows, may_write=who.role in MAY.split()
    )


@get("/staff/notices/new", staff=MAY)
def new(request: Request) -> Response:
    return bare_page(request, "people/staff_announcements/new.html", count=None)


@post("/staff/notices/new", staff=MAY, body=BULK)
def add(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Show first how many contracts the notice reaches; publish it on the second button."""
    try:
        plan = _plan(typed, now)
        whom = announcements.find_recipients(db, plan)
        if not whom:
            raise Refused(place="Ни один договор не подошёл. Проверьте слово из адреса и номера.")
        if not typed.get("publish"):
            return bare_page(
                request, "people/staff_announcements/new.html", typed=typed, count=len(whom), whom=plan.whom
            )
        with writing(db):
            place = submissions.previous_answer(db, who, "notice", typed, now)
            if place is None:
                row = announcements.add(db, plan, who.id, whom, now)
                journal.note(db, who, "notices.add", now, notice=row.id, whom=plan.whom, contracts=len(whom))
                submissions.add(db, who, "notice", typed, "/staff/notices", now, words=f"«{plan.title}»")
    except (Refused, DuplicateSubmission) as refused:
        return bare_page(
            request, "people/staff_announcements/new.html", typed=typed, refused=refused, count=None
        )
    return redirect("/staff/notices", f"Опубликовано: «{plan.title}».")


def _plan(typed: dict[str, str], now: Now) -> rule.AnnouncementPlan:
    problems = Problems()
    first = problems.read(days.parse, typed.get("first", ""), "first")
    last = problems.read(days.parse, typed.get("last", ""), "last")
    if problems or first is None or last is None:
        raise Refused(**problems)
    return rule.plan(
        typed.get("title", ""),
        typed.get("text", ""),
        first,
        last,
        days.today(now),
        typed.get("place", ""),
        typed.get("numbers", ""),
        bool(typed.get("send")),
    )


@get("/staff/notices/{notice_id:str}/withdraw", staff=MAY)
def confirm_withdrawal(request: Request, db: Db, notice_id: FromPath[str]) -> Response:
    row = db.get(announcements.Notice, parse_id(notice_id)) or not_found()
    return confirm_page(
        request,
        f"Снять уведомление «{row.title}»",
        "Абоненты больше его не увидят. Показать снова нельзя, только написать новое.",
        "Снять уведомление",
        "/staff/notices",
    )


@post("/staff/notices/{notice_id:str}/withdraw", staff=MAY)
def withdraw(db: Db, who: Who, now: Now, notice_id: FromPath[str]) -> Response:
    with writing(db):
        row = announcements.withdraw(db, parse_id(notice_id), now)
        if row:
            journal.note(db, who, "notices.withdraw", now, notice=row.id)
    return redirect("/staff/notices", "Уведомление больше не показываем.") if row else not_found()


routes = [index, new, add, confirm_withdrawal, withdraw]
