"""The words of the event feed: places, lines and states as the pages print them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Protocol

from rules import days
from rules.events.alarms import CANCEL
from rules.events.event_codes import event_words
from rules.events.events import EventKind, from_epoch
from rules.events.keys import mask, strip_zeros
from rules.numbers import whole_number

ICONS = {
    EventKind.arm: "arm",
    EventKind.disarm: "disarm",
    EventKind.alarm: "alarm",
    EventKind.fault: "warn",
    EventKind.restore: "good",
}
STATES = {"arm": "под охраной", "disarm": "не под охраной"}
SWITCH_KINDS = (EventKind.arm, EventKind.disarm)
# The first page links to an alarm for this long, unless it was cancelled or the site was disarmed since.
ALARM_OPEN_FOR = timedelta(hours=12)


class EventRow(Protocol):
    """The columns of an event that a line of the feed needs."""

    key_id: int
    at: int
    id: int
    kind: int
    code: str
    who: str | None


@dataclass(frozen=True)
class FeedPlace:
    """A site with its keys, or one key that has no site. `id` is the value of the place filter in the URL."""

    id: str
    name: str
    keys: tuple[Any, ...]

    @property
    def key_ids(self) -> list[int]:
        return [key.key_id for key in self.keys]


class FeedLine(NamedTuple):
    """One event as the page prints it. `alarm` is the URL of the alarm's page, empty for other events."""

    clock: str
    icon: str
    words: str
    more: str
    alarm: str


class PlaceState(NamedTuple):
    """The present state of a place. `kind` is "arm", "disarm", or None when the state is unknown."""

    name: str
    kind: str | None
    words: str
    since: str
    at: datetime | None


Names = Mapping[
    tuple[int, str, str], str
]  # (key_id, "user" or "zone", number) → the subscriber's name for it


@dataclass(frozen=True)
class FeedView:
    """One contract's places and names, read once per page. `titles` maps a key_id to the key's title in a
    line.
    """

    places: tuple[FeedPlace, ...]
    names: Names
    titles: Mapping[int, str]

    def named_places(self, place_id: str) -> tuple[FeedPlace, ...]:
        """Return the place with this id. An empty id means all places; an id of another contract gives an
        empty tuple.
        """
        return self.places if not place_id else tuple(one for one in self.places if one.id == place_id)


def place_id(key: Any) -> str:
    return str(key.site_id) if key.site_id else f"k{key.id}"


def place_name(key: Any) -> str:
    """Return the name of the key's site, or the name of the key itself when it has no site."""
    return key.site or key.name or f"Ключ {mask(key.number)}"


def key_title(place: FeedPlace, key: Any) -> str:
    if len(place.keys) == 1:
        return key.name if key.name and not key.site else place.name
    return f"{place.name}, {key.name or 'ключ ' + mask(key.number)}"


def alarm_id(row: EventRow) -> str:
    """Return `key-at-id`, the form that db.events.alarms.parse_alarm_id reads."""
    return f"{row.key_id}-{row.at}-{row.id}"


def feed_line(view: FeedView, row: EventRow) -> FeedLine:
    kind = EventKind(row.kind)
    who = who_words(view.names, row)
    title = view.titles[row.key_id]
    return FeedLine(
        days.clock(from_epoch(row.at)),
        ICONS.get(kind, "new"),
        event_words(kind, row.code),
        f"{title} · {who}" if who else title,
        f"/alarms/{alarm_id(row)}" if kind is EventKind.alarm else "",
    )


def who_words(names: Names, row: EventRow) -> str:
    """Return the user who armed, or the zone of the event; the subscriber's own name for it when there is
    one.
    """
    if whole_number(row.who or "") is None:
        return row.who or ""
    what, number = number_kind(row), strip_zeros(row.who or "")
    if name := names.get((row.key_id, what, number)):
        return name
    return "" if number == "0" else f"{'пользователь' if what == 'user' else 'зона'}\u00a0{number}"


def number_kind(row: EventRow) -> str:
    """Return whether the number in the event is a user's ("user") or a zone's ("zone")."""
    return "user" if row.kind in SWITCH_KINDS or row.code in CANCEL else "zone"


def ends_alarm(row: EventRow, age: timedelta) -> bool:
    """Return whether this event means that alarms at or before it need no more attention."""
    return row.kind == EventKind.disarm or row.code in CANCEL or age > ALARM_OPEN_FOR


def place_state(name: str, switch: tuple[str, datetime] | None, now: datetime) -> PlaceState:
    """Return the state of a place from its last (arm or disarm, at)."""
    if switch is None:
        return PlaceState(name, None, "состояние неизвестно", "", None)
    kind, at = switch
    return PlaceState(name, kind, STATES[kind], since_words(at, now), at)


def since_words(at: datetime, now: datetime) -> str:
    """Return «22:14» for today, «21.11, 22:14» for this year, «21.11.2025, 22:14» before that.

    The text is short, so that a state that is refreshed by htmx stays on one line on the narrowest phone.
    """
    day, today = days.today(at), days.today(now)
    if day == today:
        return days.clock(at)
    return f"{days.short(day) if day.year != today.year else days.short(day)[:5]}, {days.clock(at)}"


def day_title(day: date, today: date) -> str:
    """Return «Сегодня, 22 ноября, воскресенье»."""
    near = {today: "Сегодня, ", today - timedelta(days=1): "Вчера, "}.get(day, "")
    year = "" if day.year == today.year else f" {day.year}"
    return f"{near}{short_day(day)}{year}, {days.WEEKDAYS[day.weekday()]}"


def short_day(day: date) -> str:
    """Return «22 ноября» with a no-break space."""
    return f"{day.day}\u00a0{days.MONTHS[day.month - 1]}"
