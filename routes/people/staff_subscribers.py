"""Search of people and documents by number, name, phone and words in any form; and the page of a contract."""

from litestar import Response
from litestar.params import FromPath
from sqlmodel import Session

from db import writing
from db.desk import contract_summary, search, search_queries
from db.desk.search import SearchHit
from rules import days
from rules.access.staff import may
from rules.desk.search import excerpt
from rules.requests.kinds import KIND_WORDS
from rules.requests.requests import STATE_WORDS
from web import Db, Now, Request, Typed, Who, get, not_found, parse_id, post, redirect
from web import page as bare_page
from web.staff_pages import Look, page, roles_with

PLACE = "/staff/subscribers"
SHORTEST, LONGEST = 2, 100


@post(PLACE + "/search", staff=roles_with("look"))
def start_search(db: Db, now: Now, who: Who, typed: Typed) -> Response:
    """Store the query for an hour under a random token, so that the URL contains only the token."""
    words = typed.get("q", "")[:LONGEST]
    if not words:
        return redirect(PLACE)
    with writing(db):
        token = search_queries.add(db, who.id, PLACE, {"q": words}, now)
    return redirect(f"{PLACE}?found={token}")


@get(PLACE, staff=roles_with("look"), sync_to_thread=True)
def find(request: Request, db: Db, now: Now, who: Who) -> Response:
    token = request.query_params.get("found", "")
    query = search_queries.load_form(db, who.id, PLACE, token, now) if token else {}
    typed = (query or {}).get("q", "")
    if len(typed) < SHORTEST:
        return bare_page(
            request, "people/staff_subscribers/find.html", q=typed, found=None, old=query is None
        )
    if search.has_stale(db):
        with writing(db):
            search.refresh(db, 200)
    found = _find_results(db, typed)
    hits = [one for part in found.values() for one in part]
    look = Look("desk.search", contracts=[one["id"] for one in hits], facts={"q": typed, "found": len(hits)})
    return page(
        request,
        "people/staff_subscribers/find.html",
        look,
        q=typed,
        found=found,
        states=STATE_WORDS,
        kinds=KIND_WORDS,
    )


@get("/staff/subscribers/{id:str}", staff=roles_with("look"), sync_to_thread=True)
def show(request: Request, db: Db, now: Now, who: Who, id: FromPath[str]) -> Response:
    card = contract_summary.load(db, parse_id(id), days.today(now)) or not_found()
    look = Look("subscribers.look", card.contract.id, card.subscriber.id)
    return page(
        request,
        "people/staff_subscribers/show.html",
        look,
        card=card,
        states=STATE_WORDS,
        kinds=KIND_WORDS,
        may_journal=may(who.role, "journal"),
        may_decide=may(who.role, "decide"),
    )


def _find_results(db: Session, typed: str) -> dict[str, list]:
    """Return matches by kind, each as a template shows it: contracts, requests, and messages with the
    matching words.
    """
    hits = {kind: search.find(db, typed, kind) for kind in ("contract", "request", "message")}
    named = contract_summary.numbers_and_names(
        db, {hit.contract_id for part in hits.values() for hit in part if hit.contract_id}
    )
    return {kind: _result_rows(db, kind, part, named, typed) for kind, part in hits.items()}


def _result_rows(db: Session, kind: str, hits: list[SearchHit], named: dict, typed: str) -> list[dict]:
    rows = search.load_results(db, kind, [hit.ref_id for hit in hits])
    return [
        {
            "thing": rows[hit.ref_id],
            "id": hit.contract_id,
            "number": named[hit.contract_id][0],
            "name": named[hit.contract_id][1],
            "said": excerpt(rows[hit.ref_id]["said"], typed),
        }
        for hit in hits
        if hit.ref_id in rows and hit.contract_id in named
    ]


routes = [find, start_search, show]
