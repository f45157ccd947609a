"""Panels that connect directly (DC-09): their last contact, their AES keys, and the detection of repeated
frames.

A frame is a repeat when its sequence number and content are among the panel's last eight frames of the last
ten minutes. A known number with other content means that the panel restarted its numbering, so the earlier
frames are dropped.
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
    """The AES key of a panel, stored encrypted and never shown again."""

    __tablename__ = "panel_key"

    number: str = Field(primary_key=True, description="the account in its frames")
    sealed: str = Field(description="db.sealing, under CABINET_ATTACHMENT_KEYS")
    bits: int
    set_by: str
    set_at: datetime = Field(sa_type=Instant)


RECENT_FRAMES = select(Panel.number, Panel.frames).where(
    col(Panel.number).in_(bindparam("numbers", expanding=True)),
    Panel.contact_at > bindparam("since", type_=Instant()),
)
_seen = insert(Panel)
FRAMES_UPSERT = _seen.on_conflict_do_update(
    index_elements=["number"], set_={name: _seen.excluded[name] for name in ("contact_at", "frames")}
)


def record_frames(db: Session, frames: Sequence[tuple[str, int, int | None]], now: datetime) -> list[bool]:
    """Return for each (number, sequence, checksum) whether the frame is new; checksum None means a link test.

    Stores the contact and the frames of all panels in two statements. Call inside `writing`.
    """
    if not frames:
        return []
    past = {"numbers": list({number for number, *_ in frames}), "since": now - AGAIN}
    recent = {number: frames.split() for number, frames in db.connection().execute(RECENT_FRAMES, past)}
    new = [
        checksum is not None and _is_new(recent, number, f"{sequence}:{checksum:x}")
        for number, sequence, checksum in frames
    ]
    rows = [
        {"number": n, "contact_at": now, "frames": " ".join(recent.get(n, []))}
        for n in sorted(past["numbers"])  # type: ignore[call-overload]
    ]
    db.connection().execute(FRAMES_UPSERT, rows)
    return new


def _is_new(recent: dict[str, list[str]], number: str, frame: str) -> bool:
    past = recent.get(number, [])
    if frame in past:
        return False
    if any(one.split(":")[0] == frame.split(":")[0] for one in past):
        past = []  # same number with other content: the panel restarted its numbering
    recent[number] = [*past, frame][-REMEMBERED:]
    return True


def panel_count(db: Session) -> int:
    return db.exec(select(func.count()).select_from(Panel)).one()


def register(db: Session, seals: list[str], number: str, digits: str, actor: str, now: datetime) -> bool:
    """Store a panel's key; return whether it replaced another. Call inside `writing`."""
    previous = db.get(PanelKey, number)
    row = previous or PanelKey(number=number, sealed="", bits=0, set_by="", set_at=now)
    row.sealed, row.bits = sealing.seal(seals, digits, _seal_context(number)), len(digits) * 4
    row.set_by, row.set_at = actor, now
    db.add(row)
    return previous is not None


def panel_keys(db: Session) -> list[PanelKey]:
    return list(db.exec(select(PanelKey).order_by(col(PanelKey.number))))


def open_keys(db: Session, seals: list[str]) -> dict[str, bytes]:
    """Return all registered keys, decrypted. A key that cannot be decrypted is empty, so its panel is
    refused.
    """
    return {row.number: _open_key(row, seals) for row in panel_keys(db)}


def keys_version(db: Session) -> tuple[int, datetime | None]:
    """Return a value that changes with every change of the keys; the query is cheap."""
    return tuple(db.connection().execute(KEYS_NOW).one())  # type: ignore[return-value]


KEYS_NOW = select(func.count(), func.max(PanelKey.set_at))


def _open_key(row: PanelKey, seals: list[str]) -> bytes:
    try:
        return bytes.fromhex(sealing.unseal(seals, row.sealed, _seal_context(row.number)))
    except LookupError:
        return b""


def _seal_context(number: str) -> str:
    return f"panel:{number}"
