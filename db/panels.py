"""Panels that speak to us themselves (DC-09): when each was last heard, and which of its frames we have already kept.

A frame is the same one again when its sequence number and content are among the panel's last few within ten minutes. A
number that comes with other content means that the panel started counting anew: what went before is forgotten.
"""

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, func, select

from db import Instant

AGAIN = timedelta(minutes=10)
REMEMBERED = 8


class Panel(SQLModel, table=True):
    number: str = Field(primary_key=True, description="the key number it speaks for")
    contact_at: datetime = Field(sa_type=Instant)
    frames: str = Field(default="", description="its last frames as sequence:checksum, oldest first")


def heard(db: Session, number: str, now: datetime) -> Panel:
    """Note that the panel is there. Call inside `writing`."""
    panel = db.get(Panel, number) or Panel(number=number, contact_at=now)
    panel.contact_at = now
    db.add(panel)
    return panel


def fresh(db: Session, number: str, sequence: int, mark: int, now: datetime) -> bool:
    """Whether this frame is new; remembers it. Call inside `writing`."""
    before = db.get(Panel, number)
    recent = before.frames.split() if before and before.contact_at > now - AGAIN else []
    frame = f"{sequence}:{mark:x}"
    panel = heard(db, number, now)
    if frame in recent:
        return False
    if any(past.startswith(f"{sequence}:") for past in recent):
        recent = []
    panel.frames = " ".join([*recent, frame][-REMEMBERED:])
    return True


def silent(db: Session, since: datetime, limit: int = 50) -> list[Panel]:
    """Panels not heard since then, the longest silent first: for the desk."""
    found = select(Panel).where(Panel.contact_at < since).order_by(col(Panel.contact_at)).limit(limit)
    return list(db.exec(found))


def count(db: Session) -> int:
    return db.exec(select(func.count()).select_from(Panel)).one()
