"""Backups of a SQLite file and their restore; PostgreSQL has tools of its own.

A backup is written under a temporary name, checked, flushed to the disk and then renamed, so every file with
a backup's name is complete.
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


def backup_folder(settings: Settings, file: Path) -> Path:
    """The folder for backups of this file."""
    return Path(settings.backup_folder) if settings.backup_folder else file.parent / "backups"


class UnsoundFile(Exception):
    """The file is damaged or not a cabinet's database; the message says why."""


@dataclass(frozen=True)
class FileFacts:
    """The revision of a file, and the last instant and number of its journal entries."""

    revision: str
    last: datetime | None
    notes: int


def make_backup(file: Path, folder: Path, now: datetime) -> Path:
    """Make a checked backup while others write to the file; only its owner may read it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(".cabinet-*.part"):
        left.unlink()
    name = f"cabinet-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.sqlite"
    part = folder / f".{name}.part"
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as db:
        db.execute("VACUUM INTO ?", (str(part),))
    inspect_file(part)
    _publish(part, folder / name)
    return folder / name


def inspect_file(file: Path) -> FileFacts:
    """Check a file, read-only; UnsoundFile when it is damaged or not a cabinet's database."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            wrong = [row[0] for row in db.execute("PRAGMA integrity_check(5)")]
            if wrong != ["ok"]:
                raise UnsoundFile(f"файл повреждён: {wrong[0]}")
            if db.execute("PRAGMA foreign_key_check").fetchone():
                raise UnsoundFile("в файле есть строки, потерявшие свои главные строки")
            revision = db.execute("SELECT version_num FROM alembic_version").fetchone()[0]
            last, notes = db.execute("SELECT max(at), count(*) FROM journal").fetchone()
    except (sqlite3.Error, TypeError) as why:
        raise UnsoundFile(f"это не файл кабинета или он повреждён ({type(why).__name__})") from None
    return FileFacts(revision, datetime.fromtimestamp(last / 1000, UTC) if last else None, notes)


def rotate(folder: Path, now: datetime, keep: int, days: int) -> list[Path]:
    """Delete backups beyond `keep` or older than `days`, never the newest; the deleted paths."""
    copies = list_backups(folder)
    old = (now - timedelta(days=days)).timestamp()
    gone = [path for n, path in enumerate(copies) if n and (n >= keep or path.stat().st_mtime < old)]
    for path in gone:
        path.unlink()
    return gone


def list_backups(folder: Path) -> list[Path]:
    """Backups, the newest first."""
    return sorted(folder.glob(PATTERN), reverse=True)


def is_in_use(file: Path) -> bool:
    """Whether another process has the file open: leaving WAL mode needs exclusive access."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file, timeout=0.2)) as db:
            return db.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete"
    except sqlite3.OperationalError as why:
        return "locked" in str(why)
    except sqlite3.DatabaseError:
        return False  # too damaged to be in use


def restore(copy: Path, file: Path, now: datetime) -> Path | None:
    """Replace the file by a backup; the old file is renamed to the returned path."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copyfile(copy, part)
    owner = file.parent.stat()
    if os.geteuid() == 0:  # restored by root, served by the user of the service
        os.chown(part, owner.st_uid, owner.st_gid)
    aside = set_aside(file, now)
    _publish(part, file)
    return aside


def set_aside(file: Path, now: datetime) -> Path | None:
    """Rename the file together with its write-ahead log, so that it can still be opened; the new path."""
    if not file.exists():
        return None
    aside = file.with_name(f"{file.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    for end in ENDS:
        if (old := file.with_name(file.name + end)).exists():
            old.rename(aside.with_name(aside.name + end))
    return aside


def _publish(part: Path, name: Path) -> None:
    """Flush the file, rename it, and flush the folder."""
    for path, flags in ((part, os.O_RDONLY), (name.parent, os.O_RDONLY)):
        if path == name.parent:
            part.rename(name)
        handle = os.open(path, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
