"""The daily routine at a site: when people leave and return, open and close, and the occasional incidents.

`day(key, life, date)` is deterministic, so the year imported from CSV and a day sent over DC-09 fit together.
Instants are Moscow times; codes are canonical (rules.events.event_codes).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

import holidays

from rules.days import MOSCOW

HOME, COUNTRY, SHOP, OFFICE = "home", "country", "shop", "office"
_COUNTRY = ("дач", "дом", "гараж", "кладов")
_OFFICE = ("офис", "склад", "подсобн", "мастерск")
_SHOP = ("магазин", "кафе", "салон", "касса", "зал", "аптека", "лавка")
_calendar = holidays.country_holidays("RU")


@dataclass(frozen=True)
class Happening:
    """One event a panel would report."""

    at: datetime
    code: str
    who: str | None = None


def way(site: str) -> str:
    """Return the kind of routine for a site with this name."""
    name = site.lower()
    for words, life in ((_SHOP, SHOP), (_OFFICE, OFFICE), (_COUNTRY, COUNTRY)):
        if any(word in name for word in words):
            return life
    return HOME


def rest(day: date) -> bool:
    return day.weekday() >= 5 or day in _calendar


def day(key: str, life: str, on: date) -> list[Happening]:
    """Return every event of this key on this Moscow day, in order."""
    dice = Random(f"{key}:{on}")  # noqa: S311 - invented days, not secrets
    lives = {HOME: _home, COUNTRY: _country, SHOP: _shop, OFFICE: _office}
    found = lives[life](dice, on)
    found += _troubles(dice, on, found)
    return sorted(found, key=lambda happening: happening.at)


def _home(dice: Random, on: date) -> list[Happening]:
    user = str(dice.randint(1, 3))
    if rest(on):
        if dice.random() < 0.35:
            return []
        gone = _about(dice, on, 12, 90)
        return [
            Happening(gone, "R401", user),
            Happening(gone + timedelta(minutes=dice.randint(50, 300)), "E401", user),
        ]
    gone, back = _about(dice, on, 8, 40), _about(dice, on, 18.7, 70)
    days = [Happening(gone, "R401", user), Happening(back, "E401", str(dice.randint(1, 3)))]
    if dice.random() < 0.15:  # an evening out, for those who are home by then
        out, late = _about(dice, on, 20.5, 25), _about(dice, on, 22.8, 30)
        days += [Happening(out, "R401", user), Happening(late, "E401", user)] if back < out < late else []
    return days


def _country(dice: Random, on: date) -> list[Happening]:
    warm = 5 <= on.month <= 9
    if dice.random() > (0.55 if warm and rest(on) else 0.12 if rest(on) else 0.04):
        return []
    come = _about(dice, on, 11, 80)
    return [
        Happening(come, "E401", str(dice.randint(1, 2))),
        Happening(come + timedelta(minutes=dice.randint(120, 520)), "R401", "1"),
    ]


def _shop(dice: Random, on: date) -> list[Happening]:
    if (on.month, on.day) in ((1, 1), (1, 2)):
        return []
    opened, closed = (
        _about(dice, on, 8.8 if not rest(on) else 9.8, 12),
        _about(dice, on, 21.1 if not rest(on) else 20.1, 15),
    )
    code = "R403" if dice.random() < 0.03 else "R401"
    return [
        Happening(opened, "E401", str(dice.randint(1, 4))),
        Happening(closed, code, None if code == "R403" else str(dice.randint(1, 4))),
    ]


def _office(dice: Random, on: date) -> list[Happening]:
    if rest(on) and dice.random() > 0.05:
        return []
    opened, closed = _about(dice, on, 8.9, 20), _about(dice, on, 18.6, 40)
    return [
        Happening(opened, "E401", str(dice.randint(1, 5))),
        Happening(closed, "R401", str(dice.randint(1, 5))),
    ]


def _troubles(dice: Random, on: date, before: list[Happening]) -> list[Happening]:
    """Return incidents, once in months: a burglary or a clumsy entry while armed, a mains failure, a low
    battery.
    """
    found: list[Happening] = []
    if dice.random() < 1 / 160 and (homecoming := next((h for h in before if h.code == "E401"), None)):
        at = homecoming.at - timedelta(seconds=dice.randint(20, 70))
        found += [Happening(at, "E134", "1"), Happening(at + timedelta(minutes=2), "E406", homecoming.who)]
        found.append(Happening(at + timedelta(minutes=2, seconds=10), "R134", "1"))
    elif dice.random() < 1 / 500:
        at, zone = _while_armed(dice, on, before), str(dice.randint(2, 6))
        found += [
            Happening(at, "E131", zone),
            Happening(at + timedelta(seconds=25), "E130", str(dice.randint(2, 6))),
        ]
        found.append(Happening(at + timedelta(minutes=dice.randint(9, 25)), "R131", zone))
    if dice.random() < 1 / 120:
        at = _about(dice, on, 14, 240)
        found += [Happening(at, "E301"), Happening(at + timedelta(minutes=dice.randint(5, 200)), "R301")]
    if dice.random() < 1 / 400:
        found.append(Happening(_about(dice, on, 4, 60), "E302"))
    return found


def _while_armed(dice: Random, on: date, before: list[Happening]) -> datetime:
    """Return a moment when the site is armed: between leaving and returning, or deep in the night."""
    if len(before) > 1 and before[0].code.startswith("R"):
        return before[0].at + (before[1].at - before[0].at) * dice.uniform(0.2, 0.8)
    return _about(dice, on, 3.5, 80)


def _about(dice: Random, on: date, hour: float, minutes: float) -> datetime:
    """Return a moment around an hour of that day, sometimes far off, never outside the day."""
    off = max(-2.5 * minutes, min(2.5 * minutes, dice.gauss(0, minutes)))
    spot = max(60, min(86_340, int(hour * 3600 + off * 60 + dice.randint(0, 59))))
    return datetime.combine(on, time(), MOSCOW) + timedelta(seconds=spot)
