"""The queue: what waits for the desk, what is due first, whose it is (SPEC §5)."""

from urllib.parse import urlencode

from litestar import Response

from db.access import staff
from db.desk import queue as desk
from db.desk.queue import Line, Wanted
from db.journal import Person
from rules.access.staff import may
from rules.desk import deadlines as rule
from rules.numbers import whole_number
from rules.requests.kinds import KIND_WORDS
from rules.requests.requests import STATE_WORDS
from web import PRIVATE, Db, Now, Request, Who, get, see
from web import page as bare_page
from web.staff_pages import Look, of, page

ROOM = desk.PAGE
TITLES = {"ours": "Ждут нас", "theirs": "Ждём абонента", "approved": "Одобрены", "ended": "Закрыты"}


@get("/staff", staff="", sync_to_thread=True)
def queue(request: Request, db: Db, now: Now, who: Who) -> Response:
    if not may(who.role, "look"):
        return see("/staff/work")
    asked, wanted = dict(request.query_params), _wanted(request, who)
    waiting = desk.undecided(db)
    lines = (
        _undecided(desk.chosen(waiting, wanted, now), asked) if wanted.state in ("ours", "theirs") else None
    )
    if lines is None:
        lines = desk.decided(db, wanted, whole_number(asked.get("after", "")), ROOM + 1)
    shown, more = lines[:ROOM], len(lines) > ROOM
    look = Look("queue.look", people=[one.subscriber_id for one in shown], seldom=True)
    return page(
        request,
        "desk/queue/queue.html",
        look,
        wanted=wanted,
        titles=TITLES,
        kinds=KIND_WORDS,
        states=STATE_WORDS,
        lines=shown,
        due={one.number: rule.due_words(one.due, now) for one in shown},
        people=staff.names(db),
        older=_link(asked, after=_cursor(shown[-1], wanted)) if more else None,
        **_news(request, desk.counts(waiting, who.id, now), asked),
    )


@get("/staff/queue", staff=of("look"), opt={"poll": True})
def poll(request: Request, db: Db, now: Now, who: Who) -> Response:
    """The counts and «what came since», asked for every twenty seconds; 204 while nothing changed."""
    asked = dict(request.query_params)
    known = asked.pop("known", "")
    news = _news(request, desk.counts(desk.undecided(db), who.id, now), asked)
    if known == news["known"]:
        return Response(b"", status_code=204, headers=PRIVATE)
    return bare_page(request, "desk/queue/_news.html", wanted=_wanted(request, who), titles=TITLES, **news)


def _wanted(request: Request, who: Person) -> Wanted:
    asked = request.query_params
    state = asked.get("state") if asked.get("state") in desk.STATES else desk.OURS
    kind = asked.get("kind") if asked.get("kind") in KIND_WORDS else ""
    whose = asked.get("whose") if asked.get("whose") in ("mine", "nobody") else ""
    return Wanted(str(state), str(kind), str(whose), asked.get("late") == "1", who.id)


def _undecided(lines: list[Line], asked: dict[str, str]) -> list[Line]:
    """The page after the cursor «due:number», one line more than is shown."""
    at, _, number = asked.get("after", "").partition(":")
    try:
        start = (float(at), int(number))
    except ValueError:
        return lines[: ROOM + 1]
    return [line for line in lines if desk.place(line) > start][: ROOM + 1]


def _cursor(line: Line, wanted: Wanted) -> str:
    at, number = desk.place(line)
    return f"{at}:{number}" if wanted.state in ("ours", "theirs") else str(number)


def _news(request: Request, counts: dict[str, int], asked: dict[str, str]) -> dict:
    """What the live piece shows; `since` is the newest number when the page was opened."""
    since = whole_number(asked.get("since", ""))
    newest = counts["newest"] if since is None else since
    filters = {
        name: value for name, value in asked.items() if name in ("state", "kind", "whose", "late") and value
    }
    known = "-".join(str(count) for count in counts.values())
    return {
        "counts": counts,
        "fresh": counts["newest"] > newest,
        "known": known,
        "filters": filters,
        "poll": "/staff/queue?" + urlencode(filters | {"since": newest, "known": known}),
        "link": _link_of(filters),
    }


def _link_of(filters: dict[str, str]):  # type: ignore[no-untyped-def]
    """In templates: `link(state="ours", late="")` is this page with these filters changed."""
    return lambda **changed: _link(filters, **changed)


def _link(asked: dict[str, str], **changed: str) -> str:
    kept = {
        name: value
        for name, value in (asked | changed).items()
        if value and (name != "after" or name in changed)
    }
    return "/staff" + ("?" + urlencode(kept) if kept else "")


routes = [queue, poll]
