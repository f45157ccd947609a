"""From entities of whatever ORM to what the home page's template prints; no framework, no query in here."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment

from rules import amounts, days, home, phones
from rules.events.event_codes import event_words
from rules.events.events import EventKind
from rules.help import find_help
from rules.money import accrual
from rules.people import contracts
from rules.people.services import SERVICES

ICONS = {"arm": "arm", "disarm": "disarm", "alarm": "alarm"}
STATES = {"arm": "под охраной", "disarm": "снят с охраны"}


def hashed(token: str) -> bytes:
    return sha256(token.encode()).digest()


def alive(seen_at: int, created_at: int) -> bool:
    """Whether a session's stamps (milliseconds) say that it goes on."""
    now = datetime.now(UTC)
    return (
        min(seen_at - stamp(now - timedelta(minutes=30)), created_at - stamp(now - timedelta(hours=12))) > 0
    )


def stamp(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def furnish(environment: Environment) -> Environment:
    """The filters and words the templates use."""
    environment.filters.update(
        rubles=amounts.rubles,
        phone=phones.format_phone,
        number=contracts.format_number,
        day=days.short,
        day_words=days.day_words,
        month_words=days.month_words,
        clock=days.clock,
        moment=days.moment,
    )
    environment.globals.update(
        asset=lambda name: f"/assets/{name}",
        roles={},
        may=lambda *_: True,
        today_of=days.today,
        kept=lambda name, person, section: markup(environment, name, person, section),
    )
    environment.trim_blocks = environment.lstrip_blocks = True
    return environment


def markup(environment: Environment, name: str, person: Any, section: str) -> Any:
    from markupsafe import Markup

    return Markup(environment.get_template(name).render(person=person, staff=False, section=section))


def person(subscriber: Any, contract: Any) -> Any:
    return SimpleNamespace(
        kind="subscriber",
        name=subscriber.name,
        contract_number=contract.number,
        rights=None,
        role=None,
        owner="",
        opens=lambda _path: True,
        may=lambda _right: True,
        unread=contract.unread,
    )


def context(
    subscriber: Any,
    contract: Any,
    services: Iterable[tuple[Any, Iterable[Any], Iterable[Any]]],
    entries: int,
    closed: set[date],
    scheduled: Iterable[Any],
    sites: Iterable[tuple[str, list[Any]]],
    token: str,
) -> dict[str, Any]:
    """`services` come with their intervals and prices, `sites` with their newest events; `entries` is the
    ledger's sum.
    """
    now = datetime.now(UTC)
    today = days.today(now)
    charged = [
        (
            one,
            [accrual.Interval(each.state, each.first, each.last) for each in intervals],
            [accrual.Price(each.since, each.kopecks) for each in prices],
        )
        for one, intervals, prices in services
    ]
    billed = [(intervals, prices) for _, intervals, prices in charged]
    balance = entries - accrual.month_fees(today, billed, today)
    channel = next((intervals for one, intervals, _ in charged if one.kind == "channel"), [])
    kopecks, who = accrual.month_fees(today, billed), person(subscriber, contract)
    shown = {
        "number": contract.number,
        "signed_on": contract.signed_on,
        "address": contract.address,
        "name": subscriber.name,
        "welcome": subscriber.welcome,
    }
    return {
        "contract": SimpleNamespace(**shown),
        "balance": balance,
        "autopay": None,
        "notices": [],
        "services": [
            (
                SERVICES[one.kind],
                one.tariff,
                accrual.price_on(today, prices),
                home.STATES[accrual.state_on(today, intervals)],
            )
            for one, intervals, prices in charged
        ],
        "next_charge": (days.add_months(days.month_start(today), 1), kopecks) if kopecks else None,
        "lasts_until": accrual.lasts_until(balance, today, billed) if balance >= 0 else None,
        "channel": home.channel_state(channel, today, contract.ends_on),
        "scheduled": [{"words": one.kind, "when": days.short(one.effective_day)} for one in scheduled],
        "sites": [_site(name, events, now) for name, events in sites],
        "layout": "layout.html",
        "typed": {},
        "errors": {},
        "duplicate": None,
        "key": "k",
        "flash": "",
        "person": who,
        "section": "Главная",
        "unread": contract.unread,
        "contracts": [],
        "demo": False,
        "path": "/",
        "today": today,
        "shown": days.clock(now),
        "settings": SimpleNamespace(service_phone="+78123261720", company="ООО «Росохрана Телеком»"),
        "help": find_help("home"),
        "csrf_token": lambda: token,
    }


def _site(name: str, events: list[Any], now: datetime) -> tuple[str, str, str, list[Any]]:
    lines = [
        SimpleNamespace(
            clock=days.clock(datetime.fromtimestamp(one.at, UTC)),
            icon=ICONS.get(EventKind(one.kind).name, "new"),
            words=event_words(EventKind(one.kind), one.code),
            more=f"{name} · пользователь {one.who}",
            alarm="",
        )
        for one in events
    ]
    state = STATES.get(EventKind(events[0].kind).name, "") if events else "состояние неизвестно"
    return name, state, lines[0].clock if lines else "", lines
