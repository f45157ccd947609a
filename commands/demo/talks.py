"""Requests of the year in every state, with the messages of both sides; their data is in `scenes.py`."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw
from sqlmodel import Session, select

from commands import Context
from commands.demo.scenes import SCENES, TOPICS, Scene
from commands.demo.year import Year
from db import writing
from db.access.staff import Staff
from db.journal import Person
from db.people import contracts
from db.requests import attachments, decisions, dialogues, drafts, inbox_badge, request_facts, requests
from db.requests.requests import Request
from rules import working_hours
from rules.requests import kinds, sanitized_files
from rules.requests.attachments import Upload

# Steps a scene can name.
STEPS: dict[str, Callable[..., Any]] = {
    "take": decisions.assign,
    "ask_more": decisions.ask_more,
    "approve": decisions.approve,
    "refuse": decisions.refuse,
    "withdraw": decisions.withdraw,
    "close": decisions.close,
    "say": dialogues.add_staff_message,
    "reply": dialogues.reply,
}


@dataclass
class Talk:
    """A scene being played; it has its request once that was sent."""

    scene: Scene
    number: int = 0

    def ask(self, context: Context, at: datetime) -> None:
        scene, today = self.scene, at.date()
        with Session(context.engine, expire_on_commit=False) as db, writing(db):
            who = subscriber(db, scene.contract)
            form = {name: _day(today, value) for name, value in scene.form.items()}
            draft = drafts.save(db, who, scene.kind, form, at)
            if scene.kind in ("refund", "surname"):
                photo = picture()
                file = sanitized_files.clean(Upload("pasport.jpg", len(photo), io.BytesIO(photo)))
                attachments.add(
                    db,
                    context.settings.attachment_keys,
                    file,
                    at,
                    draft_id=draft.id,
                    subscriber_id=who.id,
                    personal=True,
                )
            files = attachments.list_of_draft(db, draft.id)
            plan = kinds.plan(scene.kind, form, request_facts.read_facts(db, who, at, len(files)))
            row = decisions.send(
                db,
                who,
                plan,
                at,
                address="127.0.0.1",
                text=kinds.KINDS[scene.kind].text,
                moved=working_hours.parse_changed_days(context.settings.office_days),
                settings=context.settings,
            )
            if files or "text" in plan.facts:
                text = str(plan.facts.get("text") or "Документы к заявке.")
                attachments.attach_to_message(
                    db, draft.id, dialogues.add_first_message(db, row, who, at, text)
                )
            draft.number, self.number = row.number, row.number

    def then(self, verb: str, who: str, words: str) -> Any:
        """Do a later step, by staff or, when `who` is empty, by the subscriber."""

        def step(context: Context, at: datetime) -> None:
            with Session(context.engine, expire_on_commit=False) as db, writing(db):
                request = requests.find_by_number(db, self.number)
                person = staff(db, who) if who else subscriber(db, self.scene.contract)
                act = STEPS[verb]
                if verb in ("take", "withdraw"):
                    act(db, request, person, at)
                elif verb == "approve":
                    act(db, request, person, at, words=words)
                else:
                    act(db, request, person, at, words)

        return step


def scenes(context: Context, year: Year) -> Iterator[tuple[datetime, Any]]:
    """Yield steps of every scene with their instants; steps in the future are left out."""
    for scene in [*SCENES, *letters(year)]:
        talk = Talk(scene)
        first = year.today - timedelta(days=scene.ago)
        yield _at(year, scene.ago, scene.hour), talk.ask
        for ago, hour, verb, who, words in scene.then:
            yield _at(year, ago, hour), talk.then(verb, who, words)
        assert first >= year.begin, scene


def _at(year: Year, ago: int, hour: float) -> datetime:
    """Return the instant of a step; today's steps are before now, however early the
    demonstration is filled.
    """
    at = year.at(year.today - timedelta(days=ago), hour)
    return min(at, year.now - timedelta(minutes=30 - hour)) if ago == 0 else at


def letters(year: Year) -> Iterator[Scene]:
    """Yield messages of subscribers through the year, each answered the next day."""
    for n in range(48):
        text, answer = TOPICS[n % len(TOPICS)]
        ago, number = 6 + n * 7, 78_000_101 + (n * 37) % 180
        manager = ("maria", "semyon")[n % 2]
        yield Scene(
            number,
            "letter",
            {"text": text},
            ago,
            9 + n % 11,
            [
                (ago - 1, 10.2, "take", manager, ""),
                (ago - 1, 10.5, "close", manager, answer),
            ],
        )


def read_old(context: Context, year: Year) -> None:
    """Mark messages older than a few days as read; the newest answers stay unread."""
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        old = select(Request).where(Request.unread == 1, Request.moved_at < year.now - timedelta(days=5))
        for request in db.exec(old).all():
            inbox_badge.mark_read(db, request)


def subscriber(db: Session, number: int) -> Person:
    contract, who = contracts.find_by_number(db, number) or (None, None)
    assert contract and who, number
    return Person(0, "subscriber", who.id, who.name, contract_id=contract.id, contract_number=number)


def staff(db: Session, login: str) -> Person:
    row = db.exec(select(Staff).where(Staff.login == login)).one()
    return Person(0, "staff", row.id, row.name, role=row.role)


def _day(today: date, value: str | int) -> str:
    """Return the form's value for a number: a day that many days after the sending."""
    return (today + timedelta(days=value)).isoformat() if isinstance(value, int) else value


def picture() -> bytes:
    """Return an image that says it is a sample, nobody's document."""
    sheet, raw = Image.new("RGB", (900, 620), "#dfe7ea"), io.BytesIO()
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((40, 60, 860, 560), outline="#0b3f4c", width=6)
    draw.text((330, 290), "DEMO PASSPORT", fill="#0b3f4c", font_size=32)
    sheet.save(raw, "JPEG")
    return raw.getvalue()
