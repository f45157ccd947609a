"""`litestar check`: is everything as it should be. A line each; exit status 0 all good, 1 look into it, 2 act
now.

It changes nothing and opens nothing that it does not find. With a new program over the present environment
and file it tells before the switch what the new program will not start with (docs/upgrade.md).
"""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

import jobs
from commands import Context
from db import backups, exports, hash_seals, job_runs, sealed_columns
from db.desk import work
from db.desk.audit_log import LogFilter
from db.desk.audit_log import read as journal
from db.events import station
from db.migrations import run
from db.payments import restores
from db.requests import sealed_attachments
from rules import production_checks
from rules.days import moment
from settings import unknown_names

GOOD, LOOK, ACT = 0, 1, 2
MARKS = {GOOD: "в порядке ", LOOK: "внимание  ", ACT: "ПЛОХО     "}
GIGABYTE = 10**9
NEWEST = 20  # seals checked at each run
Found = Iterator[tuple[int, str]]


@click.command("check")
@click.pass_obj
def commands(context: Context) -> None:
    """Settings, the file, its shape, the clock, the disk, the outbox, the jobs, the station, the copies."""
    worst = GOOD
    for look in LOOKS if _has_data(context) else (settings, file):
        try:
            for level, words in look(context):
                click.echo(MARKS[level] + words)
                worst = max(worst, level)
        except Exception as wrong:
            click.echo(f"{MARKS[ACT]}проверка «{look.__name__}» не удалась: {type(wrong).__name__}")
            worst = ACT
    raise SystemExit(worst)


def settings(context: Context) -> Found:
    own = context.settings
    for name, why in unknown_names().items():
        yield LOOK, f"настройки: {name}: {why}"
    if own.demo:
        yield LOOK, "настройки: это демонстрация (CABINET_DEMO), настоящих людей сюда пускать нельзя"
        return
    wrong = list(production_checks.doubts(own))
    for words in wrong:
        yield LOOK, f"настройки: {words}"
    if not wrong:
        yield GOOD, "настройки: секреты свои, банк, SMS и почта подключены"


def file(context: Context) -> Found:
    path = _path(context)
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


def clock(context: Context) -> Found:
    now = context.clock.now()
    if ZoneInfo("Europe/Moscow").utcoffset(now.replace(tzinfo=None)) != timedelta(hours=3):
        yield ACT, "часы: пояс Europe/Moscow не +3 часа; обновите tzdata"
    with Session(context.file) as db:
        notes = journal(db, LogFilter(), limit=1)
        last_contact = station.last_contact(db)
    moments = [at for at in (notes[0].at if notes else None, last_contact) if at]
    ahead = max((at - now for at in moments), default=timedelta(0))
    if ahead > timedelta(minutes=1):
        yield ACT, f"часы: отстают от последней записи на {_long(ahead)}; проверьте службу времени"
    elif now < datetime(2026, 1, 1, tzinfo=UTC):
        yield ACT, f"часы: показывают {now:%d.%m.%Y}"
    else:
        yield GOOD, "часы: не отстают от записей, московское время на месте"


def disk(context: Context) -> Found:
    path = _path(context)
    if path is None or not path.parent.exists():
        return
    free, size = shutil.disk_usage(path.parent).free, path.stat().st_size if path.exists() else 0
    words = f"диск: свободно {free / GIGABYTE:.1f} ГБ, файл занимает {size / GIGABYTE:.2f} ГБ"
    yield (
        (ACT, words)
        if free < GIGABYTE / 5
        else (LOOK, words)
        if free < max(2 * size, 2 * GIGABYTE)
        else (GOOD, words)
    )


def outbox(context: Context) -> Found:
    now = context.clock.now()
    with Session(context.file) as db:
        found = work.outbox(db, now)
    waits = now - found.oldest if found.oldest else timedelta(0)
    level = ACT if waits > timedelta(minutes=30) else LOOK if waits > timedelta(minutes=5) else GOOD
    yield level, f"исходящие: ждут {found.waiting}, самое старое {_long(waits)}"
    if found.dead:
        yield LOOK, f"исходящие: не отправлены и брошены {found.dead}; их видно на рабочем месте, «Работа»"


def forms(context: Context) -> Found:
    words = {"strangers": "вход", "subscribers": "кабинет"}
    with Session(context.file) as db:
        for who, count, mark in work.forms(db, context.settings, context.clock.now()):
            level = {"good": GOOD, "warn": LOOK, "alarm": ACT}[mark]
            yield (
                level,
                f"SMS по формам: {words[who]}, за сутки {count} из {context.settings.sms_total_per_day}",
            )


def work_of_jobs(context: Context) -> Found:
    now, periods = context.clock.now(), jobs.periods()
    with Session(context.file) as db:
        rows = {row.name: row for row in job_runs.all_runs(db)}
    if not rows:
        yield ACT, "работы: ещё ни разу не выполнялись; запущена ли служба litestar jobs?"
        return
    late = [name for name, row in rows.items() if name in periods and now - row.at > _patience(periods[name])]
    broken = [name for name, row in rows.items() if row.error]
    if late:
        yield ACT, f"работы: давно не выполнялись {', '.join(sorted(late))}"
    if broken:
        yield LOOK, f"работы: последний раз не удались {', '.join(sorted(broken))}"
    if not late and not broken:
        yield GOOD, f"работы: все {len(rows)} выполняются вовремя"


def contact(context: Context) -> Found:
    with Session(context.file) as db:
        last_contact = station.last_contact(db)
    if last_contact:
        silent = context.clock.now() - last_contact
        late = silent > timedelta(minutes=context.settings.station_silent_minutes)
        yield LOOK if late else GOOD, f"пульт: слышали {_long(silent)} назад"


def secrets(context: Context) -> Found:
    if not run.current(context.file):
        return
    keys = context.settings.attachment_keys
    with Session(context.file) as db:
        lost = sealed_columns.unopened(db, keys) + Counter(
            {
                "файлов": sealed_attachments.count_unreadable(db, keys),
                "копий данных": exports.unopened(db, keys),
            }
        )
        left, cleaned = sealed_columns.count_clear(db), sealed_columns.cleaned(db)
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
    path = _path(context)
    if path is None:
        return
    found = backups.all_of(backups.folder_of(context.settings, path))
    if not found:
        yield LOOK, "копии: ни одной; litestar backup"
        return
    age = timedelta(seconds=max(0, context.clock.now().timestamp() - found[0].stat().st_mtime))
    yield LOOK if age > timedelta(hours=26) else GOOD, f"копии: {len(found)}, последней {_long(age)}"


def restored(context: Context) -> Found:
    with Session(context.file) as db:
        waiting, held, last = restores.unreconciled(db), restores.held_messages(db), restores.latest(db)
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
    """The newest seals alone, to be quick; all of them: `litestar journal verify`."""
    if not run.current(context.file):
        return
    with Session(context.file) as db:
        broken = [one.words for kind in hash_seals.SEALED for one in hash_seals.verify(db, kind, NEWEST)]
        late = sum(
            hash_seals.waiting(db, kind, context.clock.now() - timedelta(hours=1))
            for kind in hash_seals.SEALED
        )
        last = {kind: found.hash[:16] for kind in hash_seals.SEALED if (found := hash_seals.latest(db, kind))}
    for words in broken:
        yield ACT, f"печати: {words}"
    if late:
        yield LOOK, f"печати: ещё не запечатаны {late} строк старше часа"
    if not broken and not late:
        hashes = "; ".join(f"{hash_seals.NAMES[kind]} {hash_}" for kind, hash_ in last.items())
        yield GOOD, f"печати: журнал и счета не изменены{f' ({hashes})' if hashes else ''}"


LOOKS: list[Callable[[Context], Found]] = [
    settings,
    file,
    shape,
    clock,
    disk,
    outbox,
    forms,
    work_of_jobs,
    contact,
    secrets,
    copies,
    restored,
    chain,
]


def _has_data(context: Context) -> bool:
    """Whether there is anything to look into: a path without a file must stay so, a silent server is said
    once.
    """
    path = _path(context)
    if path is not None:
        return path.is_file() and path.stat().st_size > 0
    try:
        with context.file.connect():
            return True
    except SQLAlchemyError:
        return False


def _path(context: Context) -> Path | None:
    return Path(context.file.url.database or "") if context.file.dialect.name == "sqlite" else None


def _patience(
    period: float,
) -> timedelta:  # a run is noted at most every twenty seconds, and a long job holds the next one up
    return timedelta(seconds=max(180, 3 * period))


def _long(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return (
        f"{minutes // 1440} д"
        if minutes >= 2880
        else f"{minutes // 60} ч"
        if minutes >= 120
        else f"{minutes} мин"
    )
