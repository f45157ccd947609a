"""What a contract's feed shows: its places (a site, or a key without one), lines ready for the page, states,
strips.

Everything here is read through the keys the contract has opened (db.events.keys.shown); events from before it
held a key are left out. Lines are plain strings made once, for the page prints fifty of them at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection

from db.events import events, key_names, keys
from db.events.events import Cursor
from rules import days
from rules.events import armed
from rules.events.alarms import CANCEL
from rules.events.event_codes import say
from rules.events.events import SHOWN, Kind, seconds
from rules.events.keys import masked, plain
from rules.numbers import whole_number

ICONS = {
    Kind.arm: "arm",
    Kind.disarm: "disarm",
    Kind.alarm: "alarm",
    Kind.fault: "warn",
    Kind.restore: "good",
}
STATES = {"arm": "под охраной", "disarm": "не под охраной"}
TURNS = (Kind.arm, Kind.disarm)
STILL = timedelta(hours=12)  # an alarm nobody has answered at the panel stands above all on the first page
AHEAD = timedelta(minutes=10)  # a panel's clock may be fast, and what came this second is wanted too
FIRST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A site with its keys, or one key that belongs to no site; `id` stands in the filter's address."""

    id: str
    name: str
    keys: tuple[Any, ...]

    @property
    def key_ids(self) -> list[int]:
        return [key.key_id for key in self.keys]


class Line(NamedTuple):
    """One event as the page prints it; `alarm` is the address of its page, empty for the rest."""

    clock: str
    icon: str
    words: str
    more: str
    alarm: str


@dataclass(frozen=True)
class View:
    """One contract's keys and names, read once for a page."""

    places: tuple[Place, ...]
    names: Mapping[tuple[int, str, str], str]
    titles: Mapping[int, str]  # what a line says of its key

    def chosen(self, place: str) -> tuple[Place, ...]:
        """The places in view: one, or all when none is named; a stranger's names nothing."""
        return self.places if not place else tuple(one for one in self.places if one.id == place)


def view(db: Connection, contract_id: int) -> View:
    shown = keys.shown(db, contract_id)
    places = tuple(
        Place(id_, _place_name(group := list(rows)), tuple(group)) for id_, rows in groupby(shown, _place_id)
    )
    titles = {key.key_id: _title(place, key) for place in places for key in place.keys}
    return View(places, key_names.of(db, contract_id), titles)


def _place_id(key: Any) -> str:
    return str(key.site_id) if key.site_id else f"k{key.id}"


def _place_name(group: Sequence[Any]) -> str:
    return group[0].site or group[0].name or f"Ключ {masked(group[0].number)}"


def _title(place: Place, key: Any) -> str:
    if len(place.keys) == 1:
        return key.name if key.name and not key.site else place.name
    return f"{place.name}, {key.name or 'ключ ' + masked(key.number)}"


def rows(
    db: Connection,
    places: Sequence[Place],
    since: datetime,
    until: datetime,
    kinds: Sequence[int] = SHOWN,
    before: Cursor | None = None,
    limit: int = 50,
) -> list[Any]:
    """Rows of db.events.events, newest first; of each key only since its present holder holds it."""
    groups: dict[datetime, list[int]] = {}
    for key in (key for place in places for key in place.keys):
        groups.setdefault(max(since, key.held_since or since), []).append(key.key_id)
    if len(groups) == 1:
        ((start, ids),) = groups.items()
        return list(events.page(db, ids, start, until, kinds, before, limit))
    found = [
        row
        for start, ids in groups.items()
        for row in events.page(db, ids, start, until, kinds, before, limit)
    ]
    return sorted(found, key=events.cursor, reverse=True)[:limit]


def every(
    db: Connection, places: Sequence[Place], since: datetime, until: datetime, kinds: Sequence[int]
) -> Iterator[Any]:
    """The whole period, a thousand rows in memory at a time."""
    before = None
    while found := rows(db, places, since, until, kinds, before, 1000):
        yield from found
        before = events.cursor(found[-1])


def line(view: View, row: Any) -> Line:
    kind = Kind(row.kind)
    who = whose(view.names, row)
    title = view.titles[row.key_id]
    return Line(
        days.clock(events.moment(row)),
        ICONS.get(kind, "new"),
        say(kind, row.code),
        f"{title} · {who}" if who else title,
        f"/alarms/{row.key_id}-{row.at}-{row.id}" if kind is Kind.alarm else "",
    )


def whose(names: Mapping[tuple[int, str, str], str], row: Any) -> str:
    """Who armed, or which zone spoke: the subscriber's own name for it when there is one."""
    if whole_number(row.who or "") is None:
        return row.who or ""
    what, number = _what(row), plain(row.who)
    if name := names.get((row.key_id, what, number)):
        return name
    return "" if number == "0" else f"{'пользователь' if what == 'user' else 'зона'}\u00a0{number}"


def _what(row: Any) -> str:
    return "user" if row.kind in TURNS or row.code in CANCEL else "zone"


def turns(
    db: Connection, places: Sequence[Place], before: datetime | None = None
) -> dict[int, tuple[str, datetime]]:
    """The last arming or disarming of each key while its present holder holds it, of those before an
    instant.
    """
    held = {key.key_id: key.held_since for place in places for key in place.keys}
    return {
        key: (Kind(row.kind).name, events.moment(row))
        for key, row in events.guarded(db, list(held), before).items()
        if not (since := held[key]) or row.at >= seconds(since)
    }


class State(NamedTuple):
    """A place now: `kind` arm or disarm, None when no event has told; `since` in words."""

    name: str
    kind: str | None
    words: str
    since: str
    at: datetime | None


def states(db: Connection, view: View, now: datetime) -> list[State]:
    """The state of each place, as its keys' last armings and disarmings tell it."""
    last = turns(db, view.places)
    return [_state(place, armed.state(last, place.key_ids), now) for place in view.places]


def _state(place: Place, found: tuple[str, datetime] | None, now: datetime) -> State:
    if found is None:
        return State(place.name, None, "состояние неизвестно", "", None)
    kind, at = found
    return State(place.name, kind, STATES[kind], since(at, now), at)


def since(at: datetime, now: datetime) -> str:
    """«22:14» today, «21.11, 22:14» before, with the year when it was another one: one line on the narrowest
    phone, so that a state that changes by itself moves nothing below it.
    """
    day, today = days.today(at), days.today(now)
    if day == today:
        return days.clock(at)
    return f"{days.short(day) if day.year != today.year else days.short(day)[:5]}, {days.clock(at)}"


def home(db: Connection, contract_id: int, now: datetime) -> list[tuple[str, str, str, list[Line]]]:
    """For the first page: (place, state in words, since, its last three events); empty when no key is
    opened.
    """
    seen = view(db, contract_id)
    recent = now - timedelta(days=30)
    return [
        (
            place.name,
            state.words,
            state.since,
            _lately(seen, place, rows(db, [place], recent, now + AHEAD, limit=3), now),
        )
        for place, state in zip(seen.places, states(db, seen, now), strict=True)
    ]


def _lately(view: View, place: Place, found: Sequence[Any], now: datetime) -> list[Line]:
    """Lines under their place's own name: the day unless it is today, who. The alarm that needs a look keeps
    its address.
    """
    told, calm = [], False
    for row in found:
        at, one = events.moment(row), line(view, row)
        day = days.today(at)
        when = "" if day == days.today(now) else f"{day.day}\u00a0{days.MONTHS[day.month - 1]}"
        which = one.more if len(place.keys) > 1 else whose(view.names, row)
        calm = calm or row.kind == Kind.disarm or row.code in CANCEL or now - at > STILL
        told.append(
            one._replace(more=" · ".join(filter(None, (when, which))), alarm="" if calm else one.alarm)
        )
    return told


def heard(db: Connection, key: Any, now: datetime) -> dict[str, list[str]]:
    """The users and zones a key has named in its last thousand events, in the order of their numbers."""
    found: dict[str, set[str]] = {"user": set(), "zone": set()}
    one = Place("", "", (key,))
    for row in rows(db, [one], now - timedelta(days=90), now + AHEAD, limit=1000):
        if whole_number(row.who or ""):
            found[_what(row)].add(plain(row.who))
    return {what: sorted(numbers, key=int) for what, numbers in found.items()}
