"""Reads a contract's feed through the keys that the contract has added (db.events.keys.visible_keys).

Events from before the present holder got the key are left out. The words are made in rules.events.feed.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from db.events import events, key_names, keys
from db.events.events import Cursor
from rules import days
from rules.events import armed
from rules.events import feed as rule
from rules.events.events import VISIBLE_KINDS, EventKind, epoch_seconds
from rules.events.feed import FeedLine, FeedPlace, FeedView, PlaceState
from rules.events.keys import strip_zeros
from rules.numbers import whole_number

AHEAD = timedelta(minutes=10)  # events are shown if the panel's clock is at most this far ahead
FIRST = datetime(2000, 1, 1, tzinfo=UTC)


def read_view(db: Connection, contract_id: int) -> FeedView:
    places = []
    for id_, group in groupby(keys.visible_keys(db, contract_id), rule.place_id):
        own = tuple(group)
        places.append(FeedPlace(id_, rule.place_name(own[0]), own))
    titles = {key.key_id: rule.key_title(place, key) for place in places for key in place.keys}
    return FeedView(tuple(places), key_names.names_of(db, contract_id), titles)


def event_rows(
    db: Connection,
    places: Sequence[FeedPlace],
    since: datetime,
    until: datetime,
    kinds: Sequence[int] = VISIBLE_KINDS,
    before: Cursor | None = None,
    limit: int = 50,
) -> list[Any]:
    """Return rows of db.events.events, newest first; for each key only from the time its present holder got
    it.
    """
    groups: dict[datetime, list[int]] = {}
    for key in (key for place in places for key in place.keys):
        groups.setdefault(max(since, key.held_since or since), []).append(key.key_id)
    found = [
        row
        for start, ids in groups.items()
        for row in events.event_page(db, ids, start, until, kinds, before, limit)
    ]
    return found if len(groups) == 1 else sorted(found, key=events.cursor_of, reverse=True)[:limit]


def iterate_rows(
    db: Connection, places: Sequence[FeedPlace], since: datetime, until: datetime, kinds: Sequence[int]
) -> Iterator[Any]:
    """Yield all rows of the period, a thousand in memory at a time."""
    before = None
    while found := event_rows(db, places, since, until, kinds, before, 1000):
        yield from found
        before = events.cursor_of(found[-1])


def last_switches(
    db: Connection, places: Sequence[FeedPlace], before: datetime | None = None
) -> dict[int, tuple[str, datetime]]:
    """Return the last arming or disarming of each key before an instant, from the time its present holder got
    it.
    """
    held = {key.key_id: key.held_since for place in places for key in place.keys}
    return {
        key: (EventKind(row.kind).name, events.instant_of(row))
        for key, row in events.last_switches(db, list(held), before).items()
        if not (since := held[key]) or row.at >= epoch_seconds(since)
    }


def place_states(db: Connection, view: FeedView, now: datetime) -> list[PlaceState]:
    """Return the state of each place, from the last armings and disarmings of its keys."""
    last = last_switches(db, view.places)
    return [rule.place_state(place.name, armed.site_state(last, place.key_ids), now) for place in view.places]


def home_places(
    db: Connection, contract_id: int, now: datetime
) -> list[tuple[str, str, str, list[FeedLine]]]:
    """Return (place, state in words, since, last three events) for the first page; empty when no keys are
    added.
    """
    view = read_view(db, contract_id)
    recent = now - timedelta(days=30)
    return [
        (
            place.name,
            state.words,
            state.since,
            _recent_lines(view, place, event_rows(db, [place], recent, now + AHEAD, limit=3), now),
        )
        for place, state in zip(view.places, place_states(db, view, now), strict=True)
    ]


def _recent_lines(view: FeedView, place: FeedPlace, found: Sequence[Any], now: datetime) -> list[FeedLine]:
    """Return the lines of one place, to be printed under its name. So they omit the name and give the day
    (unless today) and the user. Only an alarm that needs attention keeps its link.
    """
    lines, ended = [], False
    for row in found:
        at, line = events.instant_of(row), rule.feed_line(view, row)
        day = days.today(at)
        when = "" if day == days.today(now) else rule.short_day(day)
        who = line.more if len(place.keys) > 1 else rule.who_words(view.names, row)
        ended = ended or rule.ends_alarm(row, now - at)
        more = " · ".join(filter(None, (when, who)))
        lines.append(line._replace(more=more, alarm="" if ended else line.alarm))
    return lines


def users_and_zones(db: Connection, key: Any, now: datetime) -> dict[str, list[str]]:
    """Return {"user": …, "zone": …}: the numbers in the last thousand events of a key, in numeric order."""
    found: dict[str, set[str]] = {"user": set(), "zone": set()}
    place = FeedPlace("", "", (key,))
    for row in event_rows(db, [place], now - timedelta(days=90), now + AHEAD, limit=1000):
        if whole_number(row.who or ""):
            found[rule.number_kind(row)].add(strip_zeros(row.who))
    return {what: sorted(numbers, key=int) for what, numbers in found.items()}
