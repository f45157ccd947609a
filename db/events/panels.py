"""Panels that speak to us themselves (DC-09): when each was last heard, and which of its frames we have
already kept.

A frame is the same one again when its sequence number and content are among the panel's last few within ten
minutes. A number that comes with other content means that the panel started counting anew: what went before
is forgotten.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Field, Session, SQLModel, col, func, select

from db import Instant, sealing
from db.engines import insert

AGAIN = timedelta(minutes=10)
REMEMBERED = 8


class Panel(SQLModel, table=True):
    number: str = Field(primary_key=True, description="the key number it speaks for")
    contact_at: datetime = Field(sa_type=Instant)
    frames: str = Field(default="", description="its last frames as sequence:checksum, oldest first")


class PanelKey(SQLModel, table=True):
    """A panel that speaks only under a cipher; its key lies sealed and is never shown again."""

    __tablename__ = "panel_key"

    number: str = Field(primary_key=True, description="the account it signs itself with")
    sealed: str = Field(description="db.sealing, under CABINET_ATTACHMENT_KEYS")
    bits: int
    set_by: str
    set_at: datetime = Field(sa_type=Instant)


PAST = select(Panel.number, Panel.frames).where(
    col(Panel.number).in_(bindparam("numbers", expanding=True)),
    Panel.contact_at > bindparam("since", type_=Instant()),
)
_seen = insert(Panel)
SEEN = _seen.on_conflict_do_update(
    index_elements=["number"], set_={name: _seen.excluded[name] for name in ("contact_at", "frames")}
)


def heard(db: Session, said: Sequence[tuple[str, int, int | None]], now: datetime) -> list[bool]:
    """Per (number, sequence, checksum) whether the frame is new; a checksum of None is a link test, nothing
    to keep.

    Notes that the panels are there and remembers their frames, all in two statements. Call inside `writing`.

    """
    if not said:
        return []
    past = {"numbers": list({number for number, *_ in said}), "since": now - AGAIN}
    recent = {number: frames.split() for number, frames in db.connection().execute(PAST, past)}
    new = [
        checksum is not None and _fresh(recent, number, f"{sequence}:{checksum:x}")
        for number, sequence, checksum in said
    ]
    rows = [
        {"number": n, "contact_at": now, "frames": " ".join(recent.get(n, []))}
        for n in sorted(past["numbers"])
    ]
    db.connection().execute(SEEN, rows)
    return new


def _fresh(recent: dict[str, list[str]], number: str, frame: str) -> bool:
    past = recent.get(number, [])
    if frame in past:
        return False
    if any(one.split(":")[0] == frame.split(":")[0] for one in past):
        past = []  # the same number with other words: the panel counts anew
    recent[number] = [*past, frame][-REMEMBERED:]
    return True


def silent(db: Session, since: datetime, limit: int = 50) -> list[Panel]:
    """Panels not heard since then, the longest silent first: for the desk."""
    found = select(Panel).where(Panel.contact_at < since).order_by(col(Panel.contact_at)).limit(limit)
    return list(db.exec(found))


def count(db: Session) -> int:
    return db.exec(select(func.count()).select_from(Panel)).one()


def register(db: Session, seals: list[str], number: str, digits: str, actor: str, now: datetime) -> bool:
    """Keep a panel's key in place of the one it had; whether it had one. Call inside `writing`."""
    had = db.get(PanelKey, number)
    row = had or PanelKey(number=number, sealed="", bits=0, set_by="", set_at=now)
    row.sealed, row.bits = sealing.seal(seals, digits, _about(number)), len(digits) * 4
    row.set_by, row.set_at = actor, now
    db.add(row)
    return had is not None


def registered(db: Session) -> list[PanelKey]:
    return list(db.exec(select(PanelKey).order_by(col(PanelKey.number))))


def keys(db: Session, seals: list[str]) -> dict[str, bytes]:
    """Every key registered at the desk, opened; one that no seal opens is empty, and nothing its panel says
    is taken.
    """
    return {row.number: _opened(row, seals) for row in registered(db)}


def changed(db: Session) -> tuple[int, datetime | None]:
    """What differs after any change of the keys: cheap enough to ask every other second."""
    return tuple(db.connection().execute(KEYS_NOW).one())  # type: ignore[return-value]


KEYS_NOW = select(func.count(), func.max(PanelKey.set_at))


def _opened(row: PanelKey, seals: list[str]) -> bytes:
    try:
        return bytes.fromhex(sealing.unseal(seals, row.sealed, _about(row.number)))
    except LookupError:
        return b""


def _about(number: str) -> str:
    return f"panel:{number}"
