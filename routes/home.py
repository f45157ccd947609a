"""The home page: the contract, the balance, current changes, and links to every section (manual §3)."""

from typing import Any

from litestar import Response
from sqlmodel import Session

from db import home, journal, writing
from db.access import representatives, security_notices
from db.journal import Person
from db.payments import autopay_charges
from db.people import announcements, subscribers
from db.prepared_reads import ReadConnection, reading
from rules import days
from rules.access import representatives as rule
from web import Db, Now, Request, Typed, Who, get, not_found, page, parse_id, post, redirect, safe_next_url
from web.form_subjects import choose_contract


@get("/")
def show(request: Request) -> Response:
    """Render the home page. It takes no injected dependencies: Litestar resolves several in a task group,
    which costs as much as the queries.
    """
    who, state = request.scope["user"], request.app.state
    contract_id, engine, now = who.contract_id, state.engine, state.clock.now()
    with reading(engine) as db:
        announcements_shown = announcements.current_announcements(db, contract_id, who.actor, days.today(now))
        facts = home.page_context(db, contract_id, now)
        narrower = rule.removed_rights_words(_rights(db, who, facts["contract"]))
    coming, security = None, []
    if facts["contract"].autopay:
        with Session(engine) as session:
            coming = autopay_charges.next_charge(session, contract_id, now)
    if (
        who.security_unread and who.rights is None
    ):  # a flag in the session row, so that most home pages need no query
        with Session(engine) as session:
            security = security_notices.unread_notices(session, who.id)
    return page(
        request,
        "home/show.html",
        autopay=coming,
        notices=announcements_shown,
        security=security,
        narrower=narrower,
        **facts,
    )


def _rights(db: ReadConnection, who: Person, contract: Any) -> str | None:
    """Return whose rights were narrowed since this person last read about it: a representative's own, or any
    for the owner.
    """
    if who.representative_id is not None:
        return representatives.unread_rights_notice(db, who.representative_id)
    return " ".join(rule.RIGHTS) if contract.rights_notice else None


@post("/contracts/current", opt={"any_contract": True})
def switch_contract(db: Db, who: Who, now: Now, typed: Typed) -> Response:
    """Switch to another contract of the same subscriber without signing in again; `next` is the page to
    redirect to.
    """
    if not choose_contract(db, who, parse_id(typed.get("contract", "")), now):
        not_found()
    return redirect(safe_next_url(typed.get("next")))


@post("/welcome")
def hide_welcome(db: Db, who: Who, now: Now) -> Response:
    """Hide the welcome steps on the home page for good."""
    with writing(db):
        subscribers.hide_welcome(db, who.id)
        journal.note(db, who, "home.welcomed", now)
    return redirect("/")


routes = [show, switch_contract, hide_welcome]
