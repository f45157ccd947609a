"""The floor: the same pages by bare ASGI. The same SQL through `sqlite3` on one kept connection, the same
rules, the same compiled templates; no framework, no pool, no middleware, no guards. Everything but / is the
feed; a form sent keeps telephones.

`granian --interface asgi checks.bench.floor:floor` with CABINET_DATABASE.
"""

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from db import home, stamp
from db.access import sessions
from db.events import feed
from db.people import announcements
from db.prepared_reads import ReadConnection
from routes.events.events import _filter_context, _lists, parse_filter
from rules import days
from rules.help import find_help
from rules.people.contact_phones import parse_contacts
from settings import Settings
from web.navigation import find_item
from web.templates import build_environment

SETTINGS = Settings(demo=True)  # only for what the templates print of it
TEMPLATES = build_environment(False)
IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)

NOTE = "INSERT INTO journal (at, actor, verb, contract_id, subscriber_id, facts) VALUES (?, ?, ?, ?, ?, ?)"

_raw = sqlite3.connect(os.environ["CABINET_DATABASE"], isolation_level=None)
for _said in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
    _raw.execute(f"PRAGMA {_said}")
_reading = ReadConnection(_raw, SQLiteDialect_pysqlite(paramstyle="qmark"))


async def floor(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    now = datetime.now(UTC)
    if scope["method"] == "POST":
        await _form(scope, receive, send, now)
        return
    _raw.execute("BEGIN")
    try:
        person, _ = sessions.find_person(_reading, _token(scope), now, IDLE, LONGEST) or (None, None)  # type: ignore[arg-type]
        shown = (
            _home(person, now) if scope["path"] == "/" else _feed(person, now, scope["query_string"].decode())
        )
    finally:
        _raw.execute("ROLLBACK")
    body = shown.encode()
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _form(scope: Any, receive: Any, send: Any, now: datetime) -> None:
    """The form of telephones: the session, the rule, two statements and one durable commit, 303."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message["body"], message["more_body"]
    typed = dict(parse_qsl(body.decode(), keep_blank_values=True))
    mobile, landline = parse_contacts(typed["contact_mobile"], typed["landline"])
    _raw.execute("BEGIN IMMEDIATE")
    try:
        person, _ = sessions.find_person(_reading, _token(scope), now, IDLE, LONGEST) or (None, None)  # type: ignore[arg-type]
        _raw.execute(
            "UPDATE subscriber SET contact_mobile=?, landline=? WHERE id=?", (mobile, landline, person.id)
        )  # type: ignore[union-attr]
        _raw.execute(
            NOTE, (stamp(now), person.actor, "settings.contacts", person.contract_id, person.id, "{}")
        )  # type: ignore[union-attr]
    except BaseException:
        _raw.execute("ROLLBACK")
        raise
    _raw.execute("COMMIT")
    headers = [(b"location", b"/settings"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _token(scope: Any) -> str:
    cookies = dict(scope["headers"]).get(b"cookie", b"").decode()
    return dict(part.split("=", 1) for part in cookies.split("; ") if "=" in part).get("cabinet", "")


def _home(person: Any, now: datetime) -> str:
    told = announcements.current_announcements(_reading, person.contract_id, person.actor, days.today(now))
    facts = home.page_context(_reading, person.contract_id, now)
    return _page("home/show.html", "/", person, now, autopay=None, notices=told, **facts)


def _feed(person: Any, now: datetime, query: str) -> str:
    """The feed as htmx asks for it: fifty rows of the newest, days and states."""
    wish = parse_filter(SimpleNamespace(query_params=dict(parse_qsl(query))), now)  # type: ignore[arg-type]
    seen = feed.read_view(_reading, person.contract_id)
    context = {**_filter_context(None, wish, seen), **_lists(_reading, wish, seen, now)}  # type: ignore[arg-type]
    states = feed.place_states(_reading, seen, now)
    context |= {"layout": "fragment.html", "typed": wish.typed, "states": states, "silent": "", "waiting": []}
    return _page("events/events/show.html", "/events", person, now, **context)


def _page(template: str, path: str, person: Any, now: datetime, **context: Any) -> str:
    usual = {"layout": "layout.html", "typed": {}}
    return TEMPLATES.get_template(template).render(
        errors={},
        duplicate=None,
        key="k",
        flash="",
        csrf_token=lambda: "t" * 80,
        person=person,
        section=find_item(path).title,
        unread=person.unread,
        contracts=[],
        demo=False,
        path=path,
        shown=days.clock(now),
        settings=SETTINGS,
        today=days.today(now),
        help=find_help(find_item(path).help),
        **usual | context,
    )
