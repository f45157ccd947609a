"""The strip of one Moscow day: the periods when a site was armed, and its alarms.

Times are minutes of the day, 0–1440. The state after `until` (now, or the last contact with the station) is
unknown and is not drawn.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from rules.days import midnight

DAY = 24 * 60
Span = tuple[int, int]


@dataclass
class Strip:
    """`armed` spans and `alarms` in minutes of the day; `known` is how far the day has got; `certain_from` is
    where the first event tells the state, 0 when it was known at midnight.
    """

    armed: list[Span] = field(default_factory=list)
    alarms: list[int] = field(default_factory=list)
    until_minute: int = DAY
    known_from_minute: int = 0


def day_strip(
    day: date, events: Iterable[tuple[datetime, str]], before: str | None, until: datetime
) -> Strip:
    """Return the strip of one key or one site for one Moscow day.

    `events` are the (at, kind) of that day in any order; `before` is the last "arm" or "disarm" before
    midnight, None when there is none.
    """
    until_minute = max(0, min(DAY, minute_of_day(day, until)))
    ordered = sorted(
        (minute_of_day(day, at), kind) for at, kind in events if kind in {"arm", "disarm", "alarm"}
    )
    turns = [(at, kind) for at, kind in ordered if kind != "alarm"]
    found = Strip(alarms=[at for at, kind in ordered if kind == "alarm"], until_minute=until_minute)
    if before is None:
        found.known_from_minute = turns[0][0] if turns else until_minute
    found.armed = armed_spans(turns, before, until_minute)
    return found


def armed_spans(turns: list[tuple[int, str]], before: str | None, until_minute: int) -> list[Span]:
    """Return the armed spans from armings and disarmings in time order. A repeated arming does not split a
    span; empty spans are dropped.
    """
    found, since = [], 0 if before == "arm" else None
    for at, kind in turns:
        if kind == "arm" and since is None:
            since = at
        elif kind == "disarm" and since is not None:
            found.append((since, at))
            since = None
    if since is not None:
        found.append((since, max(since, until_minute)))
    return [(first, last) for first, last in found if last > first]


def minute_of_day(day: date, at: datetime) -> int:
    """Return the whole minutes between the Moscow midnight of `day` and `at`; negative before midnight."""
    return (at - midnight(day)) // timedelta(minutes=1)


def intersect(one: list[Span], other: list[Span]) -> list[Span]:
    """Return the spans when both are armed: a site with several keys is armed only while all of them are."""
    cuts = [(max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other]
    return sorted((first, last) for first, last in cuts if last > first)


def merge(strips: list[Strip]) -> Strip:
    """Return the strip of a site from the strips of its keys (at least one): armed while all keys are armed,
    with the alarms of every key.
    """
    whole = strips[0]
    for other in strips[1:]:
        whole = Strip(
            intersect(whole.armed, other.armed),
            sorted({*whole.alarms, *other.alarms}),
            min(whole.until_minute, other.until_minute),
            max(whole.known_from_minute, other.known_from_minute),
        )
    return whole


def strip_words(found: Strip) -> str:
    """Return the strip in words, for a screen reader and for printing: «под охраной 00:00–07:40, 19:02–24:00;
    тревога 03:12».
    """
    armed = ", ".join(f"{clock_words(first)}–{clock_words(last)}" for first, last in found.armed)
    words = f"под охраной {armed}" if armed else "без охраны"
    if found.known_from_minute and not armed:
        words = "неизвестно, был ли объект под охраной"
    alarms = ", ".join(dict.fromkeys(clock_words(at) for at in found.alarms))
    return f"{words}; {'тревоги' if len(found.alarms) > 1 else 'тревога'} {alarms}" if alarms else words


class Drawing(NamedTuple):
    """SVG paths to stroke, at 288 units a day: armed, unknown, alarms. An empty path is not drawn."""

    on: str
    ahead: str
    bells: str


FIVE = 5


def draw(found: Strip) -> Drawing:
    """Return the SVG paths of a strip. A span shorter than five minutes is drawn as five, so that it stays
    visible.
    """
    unknown = [(0, found.known_from_minute), (found.until_minute, DAY)]
    bells = dict.fromkeys(at // FIVE for at in found.alarms)
    return Drawing(
        _path(found.armed),
        _path(span for span in unknown if span[0] < span[1]),
        "".join(f"M{x} 0v20" for x in bells),
    )


def _path(spans: Iterable[Span]) -> str:
    return "".join(f"M{first // FIVE} 10H{max(-(-last // FIVE), first // FIVE + 1)}" for first, last in spans)


def clock_words(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def site_state(turns: Mapping[int, tuple[str, datetime]], keys: Iterable[int]) -> tuple[str, datetime] | None:
    """Return a site's ("arm" or "disarm", since), from the last switch of each of its keys.

    The site is armed when all keys are, since the last of them was armed. It is disarmed since the last
    disarming of any key. None when a key has no switch yet and no other key is disarmed.
    """
    last = [turns.get(key) for key in keys]
    if open_ := [turn[1] for turn in last if turn and turn[0] == "disarm"]:
        return "disarm", max(open_)
    if not last or None in last:
        return None
    return "arm", max(turn[1] for turn in last if turn)
