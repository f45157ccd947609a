"""The feed: when the site was armed and disarmed, and every alarm, by period, place and kind (manual §3.4,
SPEC §3.4).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response
from litestar.response import Stream
from sqlalchemy import Connection, Engine
from sqlmodel import Session

from db.events import events, feed, feed_days, key_claims, station
from db.events.events import Cursor
from db.prepared_reads import Reading, reading
from rules import Refused, csv_tables, days, periods
from rules.events.events import SHOWN, Kind
from rules.events.supervision import SILENCE
from rules.numbers import whole_number
from web import PRIVATE, Db, Now, Request, Who, get, page

KINDS: dict[str, tuple[str, tuple[Kind, ...]]] = {
    "": ("все события", SHOWN),
    "turns": ("постановка и снятие", (Kind.arm, Kind.disarm)),
    "alarms": ("тревоги", (Kind.alarm, Kind.restore)),
    "faults": ("неисправности", (Kind.fault,)),
    "other": ("прочее", (Kind.other,)),
}
ROWS, PRINTED = 50, 1000
# A panel's clock may run ahead of ours by so much and is still believed.
AHEAD = timedelta(minutes=10)


@dataclass
class Filter:
    """What the address bar asks for; unknown kinds and broken cursors mean none."""

    typed: dict[str, str]
    days: periods.Days
    refused: Refused | None = None
    kinds: tuple[Kind, ...] = SHOWN
    before: Cursor | None = None
    limit: int = ROWS
    kept: dict[str, str] = field(default_factory=dict)  # what other links of the page carry on

    @property
    def since(self) -> datetime:
        return days.midnight(self.days[0])

    @property
    def until(self) -> datetime:
        return days.midnight(self.days[1] + timedelta(days=1))

    def link(self, path: str = "/events", **more: str) -> str:
        query = urlencode({name: value for name, value in (self.kept | more).items() if value})
        return f"{path}?{query}" if query else path


def asked(request: Request, now: datetime) -> Filter:
    query = request.query_params
    typed = {
        name: query.get(name, "")[:40].replace("\0", "") for name in ("period", "from", "to", "site", "kind")
    }
    today, refused = days.today(now), None
    try:
        first_last = periods.period(typed, today)
    except Refused as wrong:
        first_last, refused = periods.preset(periods.WEEK, today), wrong
    preset = periods.chosen(typed)
    kept = {"period": preset if preset != periods.WEEK else "", "from": typed["from"], "to": typed["to"]}
    return Filter(
        typed | {"period": preset},
        first_last,
        refused,
        kinds=KINDS.get(typed["kind"], KINDS[""])[1],
        before=_cursor(query.get("before", "")),
        limit=PRINTED if query.get("print") else ROWS,
        kept=kept | {"site": typed["site"], "kind": typed["kind"]},
    )


def _cursor(text: str) -> Cursor | None:
    """`at-id-key` out of an address; anything that cannot be one is none."""
    parts = [whole_number(part, 10**15 - 1) for part in text.split("-")]
    return Cursor(*parts) if len(parts) == 3 and None not in parts else None  # type: ignore[arg-type]


def _text(cursor: Cursor) -> str:
    return "-".join(str(part) for part in cursor)


@get("/events")
def show(request: Request) -> Response:
    """Asks for no dependency, as the first page does, and reads as it does."""
    state, contract_id = request.app.state, request.scope["user"].contract_id
    now = state.clock.now()
    wish, waiting = asked(request, now), []
    with reading(state.engine) as reader:
        seen = feed.view(reader, contract_id)
        shown = _lists(reader, wish, seen, now) | {
            "states": feed.states(reader, seen, now),
            "silent": _silent(reader, now),
        }
    if not seen.places:
        with Session(state.engine) as db:
            waiting = key_claims.waiting(db, contract_id)
    return page(
        request,
        "events/events/show.html",
        typed=wish.typed,
        refused=wish.refused,
        headers={"HX-Push-Url": wish.link()} if request.headers.get("hx-source") == "form#filter" else None,
        **_about(request, wish, seen),
        **shown,
        waiting=waiting,
    )


def _about(request: Request, wish: Filter, seen: feed.View) -> dict[str, Any]:
    """What the filter itself shows: presets as links, choices, the period in words."""
    dates = {"from": "", "to": ""}
    presets = [
        (
            words,
            Filter(wish.typed, wish.days, kept=wish.kept | dates).link(period=name),
            name == wish.typed["period"],
        )
        for name, words in periods.PRESETS.items()
    ]
    return {
        "wish": wish,
        "presets": presets,
        "period_words": periods.words(*wish.days),
        "sites": [("", "все объекты")] + [(place.id, place.name) for place in seen.places],
        "kinds": [(name, words) for name, (words, _) in KINDS.items()],
        "places": seen.places,
        "narrowed": any(wish.typed[name] for name in ("from", "to", "site", "kind")),
    }


def _lists(reader: Connection | Reading, wish: Filter, seen: feed.View, now: datetime) -> dict[str, Any]:
    """One page of days; one row more is read to know whether there is a next page."""
    places = seen.chosen(wish.typed["site"])
    end = min(wish.until, now + AHEAD)
    if wish.refused:
        places = ()
    found = (
        feed.rows(reader, places, wish.since, end, wish.kinds, wish.before, wish.limit + 1) if places else []
    )
    more, found = found[wish.limit :], found[: wish.limit]
    last = None if found or not places else feed.rows(reader, places, feed.FIRST, end, limit=1)
    oldest = events.cursor(found[-1]) if found else Cursor(int(wish.since.timestamp()), 0, 0)
    return {
        "days": feed_days.grouped(reader, seen, places, found, wish.before, now),
        "older": wish.link(before=_text(events.cursor(found[-1]))) if more else "",
        "newer": wish.link() if wish.before else "",
        "last": feed.since(events.moment(last[0]), now) if last else "",
        # Nothing new can appear in a period that is over, or above a page that is not the first.
        "poll": ""
        if wish.before or wish.until <= now or not places
        else wish.link("/events/fresh", after=_text(oldest), shown=str(len(found))),
    }


def _silent(db: Any, now: datetime) -> str:
    """Since when the station has not been heard, in words; empty while it is, or before it ever was."""
    heard = station.last_contact(db)
    return feed.since(heard, now) if heard and heard < now - SILENCE else ""


@get("/events/fresh", opt={"poll": True})
def fresh(request: Request, db: Db, who: Who, now: Now) -> Response:
    """What came since the page was made; 204 while that is what the asker has already.

    The asker shows so many lines from `after` on; more of them now are new, wherever their own time puts
    them: a late one among the old lines too. The last to be heard is told.
    """
    wish, after = asked(request, now), _cursor(request.query_params.get("after", ""))
    shown, told = (_count(request.query_params.get(name, "")) for name in ("shown", "seen"))
    reader = db.connection()
    seen = feed.view(reader, who.contract_id)
    places = seen.chosen(wish.typed["site"])
    if after is None or not places:
        return Response(None, status_code=204, headers=PRIVATE)
    if wish.since > events.moment(after):  # a new day has begun: «today» is another period now
        after, shown = Cursor(int(wish.since.timestamp()), 0, 0), 0
    found = feed.rows(reader, places, events.moment(after), now + AHEAD, wish.kinds, limit=shown + 100)
    found = [row for row in found if events.cursor(row) >= after]
    if len(found) - shown <= told:
        return Response(None, status_code=204, headers=PRIVATE)
    newest = max(found, key=lambda row: (row.at + row.late, events.cursor(row)))
    count = len(found) - shown
    return page(
        request,
        "events/events/_fresh.html",
        line=feed.line(seen, newest),
        when=_day(newest, now),
        count=count,
        again=wish.link(),
        poll=wish.link("/events/fresh", after=_text(after), shown=str(shown), seen=str(count)),
        states=feed.states(reader, seen, now),
    )


def _count(text: str) -> int:
    return whole_number(text, 9999) or 0


def _day(row: Any, now: datetime) -> str:
    """The day of a line told apart from its list, empty for today's."""
    day = days.today(events.moment(row))
    return "" if day == days.today(now) else f"{day.day}\u00a0{days.MONTHS[day.month - 1]}"


@get("/events.csv")
def export(request: Request, db: Db, who: Who, now: Now) -> Response | Stream:
    """The same list as a table for Excel, made while it is sent: a year is not held in memory."""
    wish = asked(request, now)
    if wish.refused:
        return show.fn(request)
    first, last = wish.days
    seen = feed.view(db.connection(), who.contract_id)
    headers = PRIVATE | {"content-disposition": f'attachment; filename="events-{first}-{last}.csv"'}
    return Stream(
        _table(request.app.state.engine, wish, seen), media_type="text/csv; charset=utf-8", headers=headers
    )


def _table(engine: Engine, wish: Filter, seen: feed.View) -> Iterator[bytes]:
    """Semicolons and a byte order mark: what Excel opens in Russian without asking."""
    places = seen.chosen(wish.typed["site"])
    yield (csv_tables.BOM + csv_tables.line(["Дата", "Время", "Объект", "Событие", "Кто или где"])).encode()
    with engine.connect() as reader:
        for row in feed.every(reader, places, wish.since, wish.until, wish.kinds) if places else ():
            told = feed.line(seen, row)
            day = days.short(days.today(events.moment(row)))
            cells = [day, told.clock, seen.titles[row.key_id], told.words, feed.whose(seen.names, row)]
            yield csv_tables.line(cells).encode()


routes = [show, fresh, export]
