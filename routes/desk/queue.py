"""The staff queue of requests, by deadline, with filters and a poll for new ones."""

from urllib.parse import urlencode

from litestar import Response

from db.access import staff
from db.desk import queue as desk
from db.desk.queue import QueueFilter, QueueLine
from db.journal import Person
from rules.access.staff import may
from rules.desk import deadlines as rule
from rules.numbers import whole_number
from rules.requests.kinds import KIND_WORDS
from rules.requests.requests import STATE_WORDS
from web import PRIVATE, Db, Now, Request, Who, get, redirect
from web import page as bare_page
from web.staff_pages import Look, page, roles_with

PAGE_SIZE = desk.PAGE
TITLES = {"ours": "Ждут нас", "theirs": "Ждём абонента", "approved": "Одобрены", "ended": "Закрыты"}


@get("/staff", staff="", sync_to_thread=True)
def show(request: Request, db: Db, now: Now, who: Who) -> Response:
    if not may(who.role, "look"):
        return redirect("/staff/work")
    query, wanted = dict(request.query_params), _read_filter(request, who)
    waiting = desk.undecided_lines(db)
    lines = (
        _page_of_undecided(desk.filter_lines(waiting, wanted, now), query)
        if wanted.state in ("ours", "theirs")
        else None
    )
    if lines is None:
        lines = desk.decided_lines(db, wanted, whole_number(query.get("after", "")), PAGE_SIZE + 1)
    lines_shown, more = lines[:PAGE_SIZE], len(lines) > PAGE_SIZE
    look = Look("queue.look", people=[one.subscriber_id for one in lines_shown], seldom=True)
    return page(
        request,
        "desk/queue/queue.html",
        look,
        wanted=wanted,
        titles=TITLES,
        kinds=KIND_WORDS,
        states=STATE_WORDS,
        lines=lines_shown,
        due={one.number: rule.due_words(one.due, now) for one in lines_shown},
        people=staff.staff_names(db),
        older=_link(query, after=_cursor(lines_shown[-1], wanted)) if more else None,
        **_new_requests(request, desk.count_lines(waiting, who.id, now), query),
    )


@get("/staff/queue", staff=roles_with("look"), opt={"poll": True})
def poll(request: Request, db: Db, now: Now, who: Who) -> Response:
    """Answer the poll of every twenty seconds: the counts and whether a new request came; 204 if nothing
    changed.
    """
    query = dict(request.query_params)
    counts_key = query.pop("known", "")
    news = _new_requests(request, desk.count_lines(desk.undecided_lines(db), who.id, now), query)
    if counts_key == news["known"]:
        return Response(b"", status_code=204, headers=PRIVATE)
    return bare_page(
        request, "desk/queue/_news.html", wanted=_read_filter(request, who), titles=TITLES, **news
    )


def _read_filter(request: Request, who: Person) -> QueueFilter:
    query = request.query_params
    state = query.get("state") if query.get("state") in desk.STATES else desk.OURS
    kind = query.get("kind") if query.get("kind") in KIND_WORDS else ""
    whose = query.get("whose") if query.get("whose") in ("mine", "nobody") else ""
    return QueueFilter(str(state), str(kind), str(whose), query.get("late") == "1", who.id)


def _page_of_undecided(lines: list[QueueLine], query: dict[str, str]) -> list[QueueLine]:
    """Return the page after the cursor «due:number», with one line more than is shown."""
    at, _, number = query.get("after", "").partition(":")
    try:
        start = (float(at), int(number))
    except ValueError:
        return lines[: PAGE_SIZE + 1]
    return [line for line in lines if desk.sort_key(line) > start][: PAGE_SIZE + 1]


def _cursor(line: QueueLine, wanted: QueueFilter) -> str:
    at, number = desk.sort_key(line)
    return f"{at}:{number}" if wanted.state in ("ours", "theirs") else str(number)


def _new_requests(request: Request, counts: dict[str, int], query: dict[str, str]) -> dict:
    """Return the context of the live fragment; `since` is the newest number when the page was opened."""
    since = whole_number(query.get("since", ""))
    newest = counts["newest"] if since is None else since
    filters = {
        name: value for name, value in query.items() if name in ("state", "kind", "whose", "late") and value
    }
    counts_key = "-".join(str(count) for count in counts.values())
    return {
        "counts": counts,
        "fresh": counts["newest"] > newest,
        "known": counts_key,
        "filters": filters,
        "poll": "/staff/queue?" + urlencode(filters | {"since": newest, "known": counts_key}),
        "link": _filter_link(filters),
    }


def _filter_link(filters: dict[str, str]):  # type: ignore[no-untyped-def]
    """In templates: `link(state="ours", late="")` is this page with these filters changed."""
    return lambda **changed: _link(filters, **changed)


def _link(query: dict[str, str], **changed: str) -> str:
    parameters = {
        name: value
        for name, value in (query | changed).items()
        if value and (name != "after" or name in changed)
    }
    return "/staff" + ("?" + urlencode(parameters) if parameters else "")


routes = [show, poll]
