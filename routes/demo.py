"""Demonstration only: the phone that shows outgoing SMS, the movable clock, the live page of the design
system.
"""

from datetime import timedelta

from litestar import Response

from db import clock, outbox, writing
from rules.days import moment
from web import Db, Now, Request, Typed, get, page, post, redirect

demo_only = True

STEPS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=31),
}


@get("/demo/phone", public=True)
def show_phone(request: Request, db: Db, now: Now) -> Response:
    messages = [(one, outbox.open_message(db, one).text or "") for one in outbox.latest_messages(db)]
    return page(request, "demo/phone.html", messages=messages, now=now)


@post("/demo/clock", public=True)
def move_clock(request: Request, db: Db, typed: Typed) -> Response:
    """Move the clock forward by a step, or back to real time."""
    shift = timedelta()
    if step := STEPS.get(typed.get("step", "")):
        shift = request.app.state.clock.shift() + step
    with writing(db):
        clock.set_shift(db, int(shift.total_seconds()))
    return redirect("/demo/phone", f"Часы кабинета: {moment(request.app.state.clock.now())}.")


@get("/style", public=True)
def show_style(request: Request) -> Response:
    return page(request, "style.html")


routes = [show_phone, move_clock, show_style]
