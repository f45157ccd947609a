"""The operator's notices as a subscriber sees them: on the home page until dismissed, and all of them in one
list.
"""

from litestar import Response
from litestar.params import FromPath

from db import journal, writing
from db.access import representatives, security_notices
from db.people import announcements
from rules import days
from web import Db, Now, Request, Typed, Who, get, not_found, page, parse_id, post, redirect


@get("/notices")
def index(request: Request, db: Db, who: Who, now: Now) -> Response:
    rows = announcements.history(db.connection(), who.contract_id, who.actor, days.today(now))
    security = security_notices.latest_notices(db, who.id) if who.rights is None else []
    return page(request, "people/announcements/index.html", rows=rows, security=security)


@post("/notices/security/read")
def mark_security_read(db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Mark notices about changed credentials as read, up to the newest on the page. For the owner only."""
    if who.rights is not None:
        not_found()
    with writing(db):
        security_notices.mark_read(db, who.id, parse_id(typed.get("last", "")), now)
        journal.note(db, who, "notices.read_security", now)
    return redirect("/")


@post("/notices/{notice_id:str}/read")
def mark_read(db: Db, who: Who, now: Now, notice_id: FromPath[str]) -> Response:
    with writing(db):
        found = announcements.mark_read(db, parse_id(notice_id), who.contract_id, who.actor, now)
        if found:
            journal.note(db, who, "notices.put_away", now, notice=notice_id)
    return redirect("/") if found else not_found()


@post("/notices/rights")
def mark_rights_read(db: Db, who: Who, now: Now) -> Response:
    """Mark the notice about narrowed rights as read, for this person only."""
    with writing(db):
        representatives.mark_rights_notice_read(db, who)
        journal.note(db, who, "notices.rights", now)
    return redirect("/")


routes = [index, mark_security_read, mark_read, mark_rights_read]
