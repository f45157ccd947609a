"""A page of the feed by Moscow days, each with the strips of its places: when they were armed and where
alarms fell.
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
from rules.events.events import Kind

MOST_STRIPS = 4  # places on one page that get a strip each
DRAWN = 2000  # events a page's strips are drawn from at most


class Day(NamedTuple):
    """A day's lines; `strips` are (place, words, drawing), empty where the day began on the page before."""

    title: str
    lines: list[feed.Line]
    strips: list[tuple[str, str, armed.Drawing]]


def grouped(
    db: Connection,
    view: feed.View,
    places: Sequence[feed.Place],
    found: Sequence[Any],
    before: Cursor | None,
    until: datetime,
) -> list[Day]:
    """A page's rows by Moscow days, with strips where the whole day's beginning is on this page."""
    dated = [(days.today(events.moment(row)), row) for row in found]
    cut = days.today(datetime.fromtimestamp(before.at, UTC)) if before else None
    drawn = strips(db, places, sorted({day for day, _ in dated} - {cut}), until)
    return [
        Day(title(day, days.today(until)), [feed.line(view, row) for _, row in group], drawn.get(day, []))
        for day, group in groupby(dated, lambda pair: pair[0])
    ]


def title(day: date, today: date) -> str:
    """«Сегодня, 22 ноября, воскресенье»"""
    near = {today: "Сегодня, ", today - timedelta(days=1): "Вчера, "}.get(day, "")
    year = "" if day.year == today.year else f" {day.year}"
    return f"{near}{day.day}\u00a0{days.MONTHS[day.month - 1]}{year}, {days.WEEKDAYS[day.weekday()]}"


def strips(
    db: Connection, places: Sequence[feed.Place], shown: Sequence[date], until: datetime
) -> dict[date, list[tuple[str, str, armed.Drawing]]]:
    """For each day (earliest first) each place's strip; nothing when the places are too many to tell
    apart.
    """
    if not shown or len(places) > MOST_STRIPS:
        return {}
    start, end = days.midnight(shown[0]), days.midnight(shown[-1] + timedelta(days=1))
    found = feed.rows(db, places, start, end, (*feed.TURNS, Kind.alarm), limit=DRAWN)
    if len(found) == DRAWN:
        return {}
    told: dict[int, list[tuple[datetime, str]]] = {}
    for row in reversed(found):
        told.setdefault(row.key_id, []).append((events.moment(row), Kind(row.kind).name))
    turns = feed.turns(db, places, start)
    each = {
        key: _by_day(told.get(key, []), shown, turns.get(key, (None,))[0])
        for place in places
        for key in place.key_ids
    }
    return {day: [_strip(place, day, each, until) for place in places] for day in shown}


Told = list[tuple[datetime, str]]


def _by_day(told: Told, shown: Sequence[date], turn: str | None) -> dict[date, tuple[str | None, Told]]:
    """What one key said on each day, and its last turn before that day's midnight; one walk over all of
    it.
    """
    said = {day: list(group) for day, group in groupby(told, lambda one: days.today(one[0]))}
    found = {}
    for day in sorted({*said, *shown}):
        found[day] = (turn, said.get(day, []))
        turn = next((kind for _, kind in reversed(found[day][1]) if kind != "alarm"), turn)
    return found


def _strip(
    place: feed.Place, day: date, each: Mapping[int, Mapping[date, tuple[str | None, Told]]], until: datetime
) -> tuple[str, str, armed.Drawing]:
    spoken = [each[key][day] for key in place.key_ids]
    whole = armed.together([armed.strip(day, told, turn, until) for turn, told in spoken])
    return place.name, armed.words(whole), armed.drawing(whole)
