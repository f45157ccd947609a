"""Groups a page of the feed by Moscow days, each day with a strip per place: when it was armed, and its
alarms.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection

from db.events import events, feed
from db.events.events import Cursor
from rules import days
from rules.events import armed
from rules.events import feed as feed_words
from rules.events.events import EventKind

MOST_STRIPS = 4  # no strips are drawn when a page has more places
DRAWN = 2000  # no strips are drawn when a page has this many events


class FeedDay(NamedTuple):
    """The lines of one day. `strips` are (place, words, drawing), empty when the day began on the previous
    page.
    """

    title: str
    lines: list[feed_words.FeedLine]
    strips: list[tuple[str, str, armed.Drawing]]


def group_by_day(
    db: Connection,
    view: feed_words.FeedView,
    places: Sequence[feed_words.FeedPlace],
    found: Sequence[Any],
    before: Cursor | None,
    until: datetime,
) -> list[FeedDay]:
    """Return the rows of a page grouped by Moscow days."""
    dated = [(days.today(events.instant_of(row)), row) for row in found]
    cut = days.today(datetime.fromtimestamp(before.at, UTC)) if before else None
    drawn = day_strips(db, places, sorted({day for day, _ in dated} - {cut}), until)
    return [
        FeedDay(
            feed_words.day_title(day, days.today(until)),
            [feed_words.feed_line(view, row) for _, row in group],
            drawn.get(day, []),
        )
        for day, group in groupby(dated, lambda pair: pair[0])
    ]


def day_strips(
    db: Connection, places: Sequence[feed_words.FeedPlace], dates: Sequence[date], until: datetime
) -> dict[date, list[tuple[str, str, armed.Drawing]]]:
    """Return the strip of each place for each day; `dates` are earliest first. Empty when there are too many
    places or events.
    """
    if not dates or len(places) > MOST_STRIPS:
        return {}
    start, end = days.midnight(dates[0]), days.midnight(dates[-1] + timedelta(days=1))
    found = feed.event_rows(db, places, start, end, (*feed_words.SWITCH_KINDS, EventKind.alarm), limit=DRAWN)
    if len(found) == DRAWN:
        return {}
    key_events: dict[int, list[tuple[datetime, str]]] = {}
    for row in reversed(found):
        key_events.setdefault(row.key_id, []).append((events.instant_of(row), EventKind(row.kind).name))
    switches = feed.last_switches(db, places, start)
    each = {
        key: _by_day(key_events.get(key, []), dates, switches.get(key, (None,))[0])
        for place in places
        for key in place.key_ids
    }
    return {day: [_strip(place, day, each, until) for place in places] for day in dates}


KeyEvents = list[tuple[datetime, str]]


def _by_day(
    key_events: KeyEvents, dates: Sequence[date], switch: str | None
) -> dict[date, tuple[str | None, KeyEvents]]:
    """Return for each day the key's last switch before midnight and the key's events of that day."""
    by_day = {day: list(group) for day, group in groupby(key_events, lambda one: days.today(one[0]))}
    found = {}
    for day in sorted({*by_day, *dates}):
        found[day] = (switch, by_day.get(day, []))
        switch = next((kind for _, kind in reversed(found[day][1]) if kind != "alarm"), switch)
    return found


def _strip(
    place: feed_words.FeedPlace,
    day: date,
    each: Mapping[int, Mapping[date, tuple[str | None, KeyEvents]]],
    until: datetime,
) -> tuple[str, str, armed.Drawing]:
    key_days = [each[key][day] for key in place.key_ids]
    whole = armed.merge([armed.day_strip(day, key_events, switch, until) for switch, key_events in key_days])
    return place.name, armed.strip_words(whole), armed.draw(whole)
