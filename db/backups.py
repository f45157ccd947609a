"""Copies of the file, and a copy put back. SQLite only: another engine's copies are its own tools' work.

A copy is made whole under a temporary name, checked, brought to the disk and only then given its name, so
whatever bears a copy's name is a sound copy.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from settings import Settings

PATTERN = "cabinet-*.sqlite"
ENDS = ("", "-wal", "-shm")


def folder_of(settings: Settings, file: Path) -> Path:
    """Where copies of this file lie."""
    return Path(settings.backup_folder) if settings.backup_folder else file.parent / "backups"


class Unsound(Exception):
    """The file is not one that may be trusted; the words say why."""


@dataclass(frozen=True)
class About:
    """What a file tells of itself: its revision and its last journal line."""

    revision: str
    last: datetime | None
    notes: int


def make(file: Path, folder: Path, now: datetime) -> Path:
    """A checked copy of the file as it stands, while others go on writing; only its owner may read it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(".cabinet-*.part"):
        left.unlink()
    name = f"cabinet-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.sqlite"
    part = folder / f".{name}.part"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as db:
        db.execute("VACUUM INTO ?", (str(part),))
    about(part)
    _settle(part, folder / name)
    return folder / name


def about(file: Path) -> About:
    """What the file tells of itself; Unsound when it is damaged or not a cabinet's. Nothing is written to
    it.
    """
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            wrong = [row[0] for row in db.execute("PRAGMA integrity_check(5)")]
            if wrong != ["ok"]:
                raise Unsound(f"файл повреждён: {wrong[0]}")
            if db.execute("PRAGMA foreign_key_check").fetchone():
                raise Unsound("в файле есть строки, потерявшие свои главные строки")
            revision = db.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            last, notes = db.execute("SELECT max(at), count(*) FROM journal").fetchone()
    except (sqlite3.Error, TypeError) as why:
        raise Unsound(f"это не файл кабинета или он повреждён ({type(why).__name__})") from None
    return About(revision, datetime.fromtimestamp(last / 1000, UTC) if last else None, notes)


def rotate(folder: Path, now: datetime, keep: int, days: int) -> list[Path]:
    """Remove copies beyond so many, or older than so many days; the newest always stays. Those removed."""
    copies = all_of(folder)
    old = (now - timedelta(days=days)).timestamp()
    gone = [path for n, path in enumerate(copies) if n and (n >= keep or path.stat().st_mtime < old)]
    for path in gone:
        path.unlink()
    return gone


def all_of(folder: Path) -> list[Path]:
    """Copies, the newest first."""
    return sorted(folder.glob(PATTERN), reverse=True)


def in_use(file: Path) -> bool:
    """Whether another process has the file open: leaving the write-ahead log needs it for oneself alone."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file, timeout=0.2)) as db:
            return db.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete"
    except sqlite3.OperationalError as why:
        return "locked" in str(why)
    except sqlite3.DatabaseError:
        return False  # so damaged that nobody can be working with it


def restore(copy: Path, file: Path, now: datetime) -> Path | None:
    """Put the copy in the file's place; what was there is set aside under the name returned."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copyfile(copy, part)
    owner = file.parent.stat()
    if os.geteuid() == 0:  # restored by root, served by the cabinet's own user
        os.chown(part, owner.st_uid, owner.st_gid)
    aside = set_aside(file, now)
    _settle(part, file)
    return aside


def set_aside(file: Path, now: datetime) -> Path | None:
    """Rename the file with its log, so that it can still be opened; its new name."""
    if not file.exists():
        return None
    aside = file.with_name(f"{file.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    for end in ENDS:
        if (old := file.with_name(file.name + end)).exists():
            old.rename(aside.with_name(aside.name + end))
    return aside


def _settle(part: Path, name: Path) -> None:
    """Give it its name once its bytes are on the disk, and bring the name there too."""
    for path, flags in ((part, os.O_RDONLY), (name.parent, os.O_RDONLY)):
        if path == name.parent:
            part.rename(name)
        handle = os.open(path, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
