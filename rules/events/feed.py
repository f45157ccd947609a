"""The words of the event feed: places, lines and states as its pages print them."""

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
# For so long after an alarm the first page links to it, unless it was cancelled or the site disarmed since.
ALARM_OPEN_FOR = timedelta(hours=12)


class EventRow(Protocol):
    """The columns of an event that its line is made of."""

    key_id: int
    at: int
    id: int
    kind: int
    code: str
    who: str | None


@dataclass(frozen=True)
class FeedPlace:
    """A site with its keys, or one key without a site; `id` is the value of the filter in the URL."""

    id: str
    name: str
    keys: tuple[Any, ...]

    @property
    def key_ids(self) -> list[int]:
        return [key.key_id for key in self.keys]


class FeedLine(NamedTuple):
    """One event as the page prints it; `alarm` is the URL of its page, empty for other events."""

    clock: str
    icon: str
    words: str
    more: str
    alarm: str


class PlaceState(NamedTuple):
    """The present state of a place; `kind` is arm, disarm, or None when it is unknown."""

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
    """One contract's places and names, read once per page. `titles`: key_id → what a line calls the key."""

    places: tuple[FeedPlace, ...]
    names: Names
    titles: Mapping[int, str]

    def named_places(self, place_id: str) -> tuple[FeedPlace, ...]:
        """The place with this id, all when it is empty, none when it is not this contract's."""
        return self.places if not place_id else tuple(one for one in self.places if one.id == place_id)


def place_id(key: Any) -> str:
    return str(key.site_id) if key.site_id else f"k{key.id}"


def place_name(key: Any) -> str:
    """The name of the site of this key, or of the key itself when it has none."""
    return key.site or key.name or f"Ключ {mask(key.number)}"


def key_title(place: FeedPlace, key: Any) -> str:
    if len(place.keys) == 1:
        return key.name if key.name and not key.site else place.name
    return f"{place.name}, {key.name or 'ключ ' + mask(key.number)}"


def alarm_id(row: EventRow) -> str:
    """`key-at-id`, as db.events.alarms.parse_alarm_id reads it."""
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
    """The user who armed, or the zone of the event; by the subscriber's own name where there is one."""
    if whole_number(row.who or "") is None:
        return row.who or ""
    what, number = number_kind(row), strip_zeros(row.who or "")
    if name := names.get((row.key_id, what, number)):
        return name
    return "" if number == "0" else f"{'пользователь' if what == 'user' else 'зона'}\u00a0{number}"


def number_kind(row: EventRow) -> str:
    """Whether the number of an event is a user's or a zone's."""
    return "user" if row.kind in SWITCH_KINDS or row.code in CANCEL else "zone"


def ends_alarm(row: EventRow, age: timedelta) -> bool:
    """Whether alarms at or before this event need no attention any more."""
    return row.kind == EventKind.disarm or row.code in CANCEL or age > ALARM_OPEN_FOR


def place_state(name: str, switch: tuple[str, datetime] | None, now: datetime) -> PlaceState:
    """The state from the last (arm or disarm, at) of the place."""
    if switch is None:
        return PlaceState(name, None, "состояние неизвестно", "", None)
    kind, at = switch
    return PlaceState(name, kind, STATES[kind], since_words(at, now), at)


def since_words(at: datetime, now: datetime) -> str:
    """«22:14» today, «21.11, 22:14» earlier this year, «21.11.2025, 22:14» before that. Short, so that a
    state that refreshes itself stays one line on the narrowest phone.
    """
    day, today = days.today(at), days.today(now)
    if day == today:
        return days.clock(at)
    return f"{days.short(day) if day.year != today.year else days.short(day)[:5]}, {days.clock(at)}"


def day_title(day: date, today: date) -> str:
    """«Сегодня, 22 ноября, воскресенье»"""
    near = {today: "Сегодня, ", today - timedelta(days=1): "Вчера, "}.get(day, "")
    year = "" if day.year == today.year else f" {day.year}"
    return f"{near}{short_day(day)}{year}, {days.WEEKDAYS[day.weekday()]}"


def short_day(day: date) -> str:
    """«22 ноября», with a no-break space."""
    return f"{day.day}\u00a0{days.MONTHS[day.month - 1]}"
