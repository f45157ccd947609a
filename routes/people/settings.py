"""Settings: the subscriber's details from the contract, contact phones, and notification channels (manual
§3.5).
"""

from typing import Any

from litestar import Response

from db import exports, journal, writing
from db.access import representatives
from db.events import deliveries
from db.people import notification_preferences, subscribers
from rules import Refused
from rules.events import deliveries as quiet_rule
from rules.people import contact_phones
from rules.people import notification_preferences as rule
from web import Db, Now, Request, Typed, Who, get, page, post, redirect


@get("/settings")
def show(request: Request, db: Db, who: Who, now: Now) -> Response:
    return page(
        request,
        "people/settings/show.html",
        subscriber=subscribers.get_subscriber(db, who.id),
        chosen=_describe_choices(db, who, now),
        acting=[one for one in representatives.list_representatives(db, who.id) if one.taken_at is None],
        export=exports.latest_export(db, who.id),
        now=now,
    )


def _describe_choices(db: Db, who: Who, now: Now) -> list[tuple[str, str]]:
    """Return [(message, «SMS и почта»)] as currently chosen."""
    ways = (
        (kind.title, notification_preferences.wanted_channels(db, who.id, name, now))
        for name, kind in rule.KINDS.items()
        if len(kind.ways) > 1
    )
    return [
        (title, " и ".join(rule.CHANNELS[way] for way in found) or "не присылать") for title, found in ways
    ]


@get("/settings/contacts")
def edit_contacts(request: Request, db: Db, who: Who) -> Response:
    return page(request, "people/settings/contacts.html", subscriber=subscribers.get_subscriber(db, who.id))


@post("/settings/contacts")
def save_contacts(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    subscriber = subscribers.get_subscriber(db, who.id)
    try:
        mobile, landline = contact_phones.parse_contacts(
            typed.get("contact_mobile", ""), typed.get("landline", ""), subscriber.contact_mobile
        )
    except Refused as refused:
        return page(
            request, "people/settings/contacts.html", typed=typed, refused=refused, subscriber=subscriber
        )
    with writing(db):
        subscribers.save_contacts(db, who.id, mobile, landline)
        journal.note(db, who, "settings.contacts", now)
    return redirect("/settings", "Телефоны для связи сохранены.")


@get("/settings/choices")
def edit_choices(request: Request, db: Db, who: Who, now: Now) -> Response:
    return _choices_page(request, db, who, now)


def _choices_page(request: Request, db: Db, who: Who, now: Now, **answer: Any) -> Response:
    subscriber, chosen = (
        subscribers.get_subscriber(db, who.id),
        notification_preferences.load_choices(db, who.id),
    )
    paid = notification_preferences.has_sms_service(db, who.id, now)
    quiet = deliveries.quiet_hours(db, who.contract_id)
    hours = (quiet_rule.clock_words(quiet.since), quiet_rule.clock_words(quiet.until)) if quiet else ("", "")
    rows = [
        (name, kind.title, kind.hint, [_cell(name, way, chosen, paid) for way in rule.CHANNELS])
        for name, kind in rule.KINDS.items()
    ]
    return page(
        request,
        "people/settings/choices.html",
        rows=rows,
        paid=paid,
        subscriber=subscriber,
        hours=hours,
        channels=rule.CHANNELS.values(),
        **answer,
    )  # type: ignore[arg-type]


def _cell(name: str, way: str, chosen: rule.Choices, paid: bool) -> tuple[str, str, bool, bool] | None:
    """Return (channel, its words, on, locked); None where this message is never sent by that channel."""
    kind = rule.KINDS[name]
    if way not in kind.ways:
        return None
    locked = rule.is_locked(name, way, paid)
    return way, rule.CHANNELS[way], locked or chosen.get((name, way), way in kind.default), locked


@post("/settings/choices")
def save_choices(request: Request, db: Db, who: Who, now: Now, typed: Typed) -> Response:
    try:
        quiet = quiet_rule.parse_quiet_hours(typed.get("since", ""), typed.get("until", ""))
    except Refused as refused:
        return _choices_page(request, db, who, now, typed=typed, refused=refused)
    with writing(db):
        notification_preferences.save_choices(
            db, who.id, rule.plan(typed.keys(), notification_preferences.has_sms_service(db, who.id, now))
        )
        deliveries.set_quiet_hours(db, who.contract_id, quiet)
        journal.note(db, who, "settings.choices", now)
    return redirect("/settings", "Выбор сохранён.")


routes = [show, edit_contacts, save_contacts, edit_choices, save_choices]
