"""The feed: armings, disarmings, alarms and faults, filtered by period, place and kind (manual §3.4)."""

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
from db.prepared_reads import ReadConnection, reading
from rules import Refused, csv_tables, days, periods
from rules.events import feed as feed_words
from rules.events.events import VISIBLE_KINDS, EventKind
from rules.events.supervision import SILENCE
from rules.numbers import whole_number
from web import PRIVATE, Db, Now, Request, Who, get, page

KINDS: dict[str, tuple[str, tuple[EventKind, ...]]] = {
    "": ("все события", VISIBLE_KINDS),
    "turns": ("постановка и снятие", (EventKind.arm, EventKind.disarm)),
    "alarms": ("тревоги", (EventKind.alarm, EventKind.restore)),
    "faults": ("неисправности", (EventKind.fault,)),
    "other": ("прочее", (EventKind.other,)),
}
ROWS, PRINTED = 50, 1000
# A panel's clock may be this far ahead of the server's.
AHEAD = timedelta(minutes=10)


@dataclass
class Filter:
    """The filter in the URL; an unknown kind or a malformed cursor is ignored."""

    typed: dict[str, str]
    days: periods.Days
    refused: Refused | None = None
    kinds: tuple[EventKind, ...] = VISIBLE_KINDS
    before: Cursor | None = None
    limit: int = ROWS
    carried: dict[str, str] = field(default_factory=dict)  # query parameters kept in the page's links

    @property
    def since(self) -> datetime:
        return days.midnight(self.days[0])

    @property
    def until(self) -> datetime:
        return days.midnight(self.days[1] + timedelta(days=1))

    def link(self, path: str = "/events", **more: str) -> str:
        query = urlencode({name: value for name, value in (self.carried | more).items() if value})
        return f"{path}?{query}" if query else path


def parse_filter(request: Request, now: datetime) -> Filter:
    query = request.query_params
    typed = {
        name: query.get(name, "")[:40].replace("\0", "") for name in ("period", "from", "to", "site", "kind")
    }
    today, refused = days.today(now), None
    try:
        first_last = periods.parse_period(typed, today)
    except Refused as wrong:
        first_last, refused = periods.preset_period(periods.WEEK, today), wrong
    preset = periods.chosen_preset(typed)
    carried = {"period": preset if preset != periods.WEEK else "", "from": typed["from"], "to": typed["to"]}
    return Filter(
        typed | {"period": preset},
        first_last,
        refused,
        kinds=KINDS.get(typed["kind"], KINDS[""])[1],
        before=_parse_cursor(query.get("before", "")),
        limit=PRINTED if query.get("print") else ROWS,
        carried=carried | {"site": typed["site"], "kind": typed["kind"]},
    )


def _parse_cursor(text: str) -> Cursor | None:
    """Return the cursor from the `at-id-key` of a URL; None when it is malformed."""
    parts = [whole_number(part, 10**15 - 1) for part in text.split("-")]
    return Cursor(*parts) if len(parts) == 3 and None not in parts else None  # type: ignore[arg-type]


def _cursor_text(cursor: Cursor) -> str:
    return "-".join(str(part) for part in cursor)


@get("/events")
def show(request: Request) -> Response:
    """Show the feed. No dependencies are injected and reads are prepared, because this is a hot path."""
    state, contract_id = request.app.state, request.scope["user"].contract_id
    now = state.clock.now()
    wish, waiting = parse_filter(request, now), []
    with reading(state.engine) as reader:
        seen = feed.read_view(reader, contract_id)
        lists = _lists(reader, wish, seen, now) | {
            "states": feed.place_states(reader, seen, now),
            "silent": _silence_words(reader, now),
        }
    if not seen.places:
        with Session(state.engine) as db:
            waiting = key_claims.waiting_tries(db, contract_id)
    return page(
        request,
        "events/events/show.html",
        typed=wish.typed,
        refused=wish.refused,
        headers={"HX-Push-Url": wish.link()} if request.headers.get("hx-source") == "form#filter" else None,
        **_filter_context(request, wish, seen),
        **lists,
        waiting=waiting,
    )


def _filter_context(request: Request, wish: Filter, seen: feed_words.FeedView) -> dict[str, Any]:
    """Return the context of the filter form: presets as links, choices, and the period in words."""
    dates = {"from": "", "to": ""}
    presets = [
        (
            words,
            Filter(wish.typed, wish.days, carried=wish.carried | dates).link(period=name),
            name == wish.typed["period"],
        )
        for name, words in periods.PRESETS.items()
    ]
    return {
        "wish": wish,
        "presets": presets,
        "period_words": periods.period_words(*wish.days),
        "sites": [("", "все объекты")] + [(place.id, place.name) for place in seen.places],
        "kinds": [(name, words) for name, (words, _) in KINDS.items()],
        "places": seen.places,
        "narrowed": any(wish.typed[name] for name in ("from", "to", "site", "kind")),
    }


def _lists(
    reader: Connection | ReadConnection, wish: Filter, seen: feed_words.FeedView, now: datetime
) -> dict[str, Any]:
    """Return the context of one page of days. One row more than shown is read, to know whether there is a
    next page.
    """
    places = seen.named_places(wish.typed["site"])
    end = min(wish.until, now + AHEAD)
    if wish.refused:
        places = ()
    found = (
        feed.event_rows(reader, places, wish.since, end, wish.kinds, wish.before, wish.limit + 1)
        if places
        else []
    )
    more, found = found[wish.limit :], found[: wish.limit]
    last = None if found or not places else feed.event_rows(reader, places, feed.FIRST, end, limit=1)
    oldest = events.cursor_of(found[-1]) if found else Cursor(int(wish.since.timestamp()), 0, 0)
    return {
        "days": feed_days.group_by_day(reader, seen, places, found, wish.before, now),
        "older": wish.link(before=_cursor_text(events.cursor_of(found[-1]))) if more else "",
        "newer": wish.link() if wish.before else "",
        "last": feed_words.since_words(events.instant_of(last[0]), now) if last else "",
        # Only the first page polls, and only for a period that is not over: nothing new can appear elsewhere.
        "poll": ""
        if wish.before or wish.until <= now or not places
        else wish.link("/events/fresh", after=_cursor_text(oldest), shown=str(len(found))),
    }


def _silence_words(db: Any, now: datetime) -> str:
    """Return since when the station is silent, in words; empty when it is in contact or has never been."""
    contact = station.last_contact(db)
    return feed_words.since_words(contact, now) if contact and contact < now - SILENCE else ""


@get("/events/fresh", opt={"poll": True})
def poll(request: Request, db: Db, who: Who, now: Now) -> Response:
    """Poll for events that arrived since the page was rendered; 204 when there is nothing new.

    The page shows `shown` lines, the oldest at the cursor `after`, and has announced `seen` more. A greater
    number of events means new ones, even when a late event belongs among older lines. The event that arrived
    last is shown.
    """
    wish, after = parse_filter(request, now), _parse_cursor(request.query_params.get("after", ""))
    lists, line = (_count(request.query_params.get(name, "")) for name in ("shown", "seen"))
    reader = db.connection()
    seen = feed.read_view(reader, who.contract_id)
    places = seen.named_places(wish.typed["site"])
    if after is None or not places:
        return Response(None, status_code=204, headers=PRIVATE)
    if wish.since > events.instant_of(after):  # a new day began, so the preset period moved
        after, lists = Cursor(int(wish.since.timestamp()), 0, 0), 0
    found = feed.event_rows(
        reader, places, events.instant_of(after), now + AHEAD, wish.kinds, limit=lists + 100
    )
    found = [row for row in found if events.cursor_of(row) >= after]
    if len(found) - lists <= line:
        return Response(None, status_code=204, headers=PRIVATE)
    newest = max(found, key=lambda row: (row.at + row.late, events.cursor_of(row)))
    count = len(found) - lists
    return page(
        request,
        "events/events/_fresh.html",
        line=feed_words.feed_line(seen, newest),
        when=_day(newest, now),
        count=count,
        again=wish.link(),
        poll=wish.link("/events/fresh", after=_cursor_text(after), shown=str(lists), seen=str(count)),
        states=feed.place_states(reader, seen, now),
    )


def _count(text: str) -> int:
    return whole_number(text, 9999) or 0


def _day(row: feed_words.EventRow, now: datetime) -> str:
    """Return the day of an event in words, empty for today."""
    day = days.today(events.instant_of(row))
    return "" if day == days.today(now) else f"{day.day}\u00a0{days.MONTHS[day.month - 1]}"


@get("/events.csv")
def export(request: Request, db: Db, who: Who, now: Now) -> Response | Stream:
    """Return the filtered list as CSV, streamed so that a year is not held in memory."""
    wish = parse_filter(request, now)
    if wish.refused:
        return show.fn(request)
    first, last = wish.days
    seen = feed.read_view(db.connection(), who.contract_id)
    headers = PRIVATE | {"content-disposition": f'attachment; filename="events-{first}-{last}.csv"'}
    return Stream(_table(request.app.state.engine, wish, seen), media_type="text/csv", headers=headers)


def _table(engine: Engine, wish: Filter, seen: feed_words.FeedView) -> Iterator[bytes]:
    """Yield the CSV with semicolons and a byte order mark, which the Russian Excel opens correctly."""
    places = seen.named_places(wish.typed["site"])
    yield (csv_tables.BOM + csv_tables.line(["Дата", "Время", "Объект", "Событие", "Кто или где"])).encode()
    with engine.connect() as reader:
        for row in feed.iterate_rows(reader, places, wish.since, wish.until, wish.kinds) if places else ():
            line = feed_words.feed_line(seen, row)
            day = days.short(days.today(events.instant_of(row)))
            cells = [
                day,
                line.clock,
                seen.titles[row.key_id],
                line.words,
                feed_words.who_words(seen.names, row),
            ]
            yield csv_tables.line(cells).encode()


routes = [show, poll, export]
