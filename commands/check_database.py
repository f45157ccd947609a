"""Checks of the database: the file, its schema, encrypted values, backups, a restore, the hash seals."""

import os
from collections import Counter
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from commands import Context
from commands.check_results import ACT, GOOD, LOOK, Found, database_path, length
from db import backups, exports, hash_seals, sealed_columns
from db.migrations import run
from db.payments import restores
from db.requests import sealed_attachments
from rules.days import moment
from rules.hash_seals import CHAINS

NEWEST = 20  # seals checked at each run


def file(context: Context) -> Found:
    path = database_path(context)
    if path is None:
        try:
            with context.file.connect() as db:
                db.execute(text("SELECT 1"))
        except SQLAlchemyError:
            yield ACT, "база: PostgreSQL не отвечает по адресу CABINET_DATABASE"
            return
        yield GOOD, "база: PostgreSQL отвечает; целостность, права и место на диске проверяются на её сервере"
        return
    if not path.is_file() or not path.stat().st_size:
        what = "пуст" if path.is_file() else "нет" if not path.exists() else "это не файл"
        yield (
            ACT,
            f"файл: {path}: {what}; верен ли CABINET_DATABASE? Новый появится при первом запуске, "
            "пропавший возвращает "
            "litestar restore",
        )
        return
    open_to = path.stat().st_mode & 0o077 | path.parent.stat().st_mode & 0o007
    yield (
        (LOOK, f"файл: {path} или его папку могут читать другие (chmod 600, 700)")
        if open_to
        else (GOOD, "файл: права 0600")
    )
    if not os.access(path, os.W_OK):
        yield ACT, f"файл: {path} нельзя писать пользователю {os.geteuid()}"
    with context.file.connect() as db:
        result = db.execute(text("PRAGMA quick_check(3)")).scalars().all()
    yield (
        (GOOD, "файл: цел")
        if result == ["ok"]
        else (ACT, f"файл: повреждён ({result[0]}); вернуть копию: litestar restore")
    )


def shape(context: Context) -> Found:
    found, newest = run.revision(context.file), run.newest()
    if found == newest:
        yield GOOD, f"миграции: последняя, {newest}"
    elif found is None or found < newest:
        yield ACT, f"миграции: файл на {found or 'нуле'}, программе нужна {newest}; применятся при запуске"
    else:
        yield (
            LOOK,
            f"миграции: файл новее программы ({found} против {newest}); работать можно, программу пора "
            "обновить",
        )


def secrets(context: Context) -> Found:
    if not run.current(context.file):
        return
    keys = context.settings.attachment_keys
    with Session(context.file) as db:
        lost = sealed_columns.count_unreadable(db, keys) + Counter(
            {
                "файлов": sealed_attachments.count_unreadable(db, keys),
                "копий данных": exports.count_unreadable(db, keys),
            }
        )
        left, cleaned = sealed_columns.count_clear(db), sealed_columns.last_cleaned_at(db)
    if lost:
        counts = ", ".join(f"{words} {count}" for words, count in lost.items())
        yield (
            ACT,
            f"секреты: не открываются ключами CABINET_ATTACHMENT_KEYS: {counts}; "
            "верните в список прежний ключ",
        )
    if left:
        yield (
            LOOK,
            f"секреты: ещё лежат открыто {left}; их запечатают работы (litestar jobs) или litestar "
            "secrets clean",
        )
    elif not cleaned:
        yield (
            LOOK,
            "секреты: запечатаны, но прежние могли остаться в свободных страницах; один раз: litestar "
            "secrets clean",
        )
    elif not lost:
        yield GOOD, "секреты: всё запечатано и открывается"


def copies(context: Context) -> Found:
    path = database_path(context)
    if path is None:
        return
    found = backups.list_backups(backups.backup_folder(context.settings, path))
    if not found:
        yield LOOK, "копии: ни одной; litestar backup"
        return
    age = timedelta(seconds=max(0, context.clock.now().timestamp() - found[0].stat().st_mtime))
    yield LOOK if age > timedelta(hours=26) else GOOD, f"копии: {len(found)}, последней {length(age)}"


def restored(context: Context) -> Found:
    with Session(context.file) as db:
        waiting, held, last = (
            restores.unreconciled_restores(db),
            restores.count_held_messages(db),
            restores.latest_restore(db),
        )
    if waiting:
        why = f"; банк не отвечает ({waiting[0].error})" if waiting[0].error else ""
        yield (
            ACT,
            f"восстановление: файл — копия на {moment(waiting[0].copied_at)}, с банком ещё не сверен{why}; "
            "docs/restore.md",
        )
    elif last and last.unknown:
        yield (
            LOOK,
            f"восстановление {moment(last.restored_at)}: {last.unknown} операций банка разбирает бухгалтер "
            "(«Деньги»)",
        )
    if held:
        yield (
            LOOK,
            f"восстановление: задержано сообщений {held}; litestar restored messages --send или --drop",
        )


def chain(context: Context) -> Found:
    """Verify only the newest seals, to be quick; `litestar journal verify` verifies all."""
    if not run.current(context.file):
        return
    with Session(context.file) as db:
        broken = [one.words for kind in hash_seals.SEALED for one in hash_seals.verify(db, kind, NEWEST)]
        late = sum(
            hash_seals.count_unsealed(db, kind, context.clock.now() - timedelta(hours=1))
            for kind in hash_seals.SEALED
        )
        last = {
            kind: found.hash[:16] for kind in hash_seals.SEALED if (found := hash_seals.latest_seal(db, kind))
        }
    for words in broken:
        yield ACT, f"печати: {words}"
    if late:
        yield LOOK, f"печати: ещё не запечатаны {late} строк старше часа"
    if not broken and not late:
        hashes = "; ".join(f"{CHAINS[kind]} {hash_}" for kind, hash_ in last.items())
        yield GOOD, f"печати: журнал и счета не изменены{f' ({hashes})' if hashes else ''}"


def has_data(context: Context) -> bool:
    """Return whether there is a database to check: a missing file must not be created, and an unreachable
    server is reported once.
    """
    path = database_path(context)
    if path is not None:
        return path.is_file() and path.stat().st_size > 0
    try:
        with context.file.connect():
            return True
    except SQLAlchemyError:
        return False
