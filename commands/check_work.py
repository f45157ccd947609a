"""Checks of the running system: the clock, the disk, the outbox, SMS limits, jobs, the station."""

import shutil
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

import jobs
from commands import Context
from commands.check_results import ACT, GOOD, LOOK, Found, database_path, length
from db import job_runs
from db.desk import work
from db.desk.audit_log import LogFilter
from db.desk.audit_log import read as journal
from db.events import station

GIGABYTE = 10**9


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
        yield ACT, f"часы: отстают от последней записи на {length(ahead)}; проверьте службу времени"
    elif now < datetime(2026, 1, 1, tzinfo=UTC):
        yield ACT, f"часы: показывают {now:%d.%m.%Y}"
    else:
        yield GOOD, "часы: не отстают от записей, московское время на месте"


def disk(context: Context) -> Found:
    path = database_path(context)
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
    yield level, f"исходящие: ждут {found.waiting}, самое старое {length(waits)}"
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
        yield LOOK if late else GOOD, f"пульт: слышали {length(silent)} назад"


def _patience(
    period: float,
) -> timedelta:  # a run is recorded at most every twenty seconds, and a long job delays the next one
    return timedelta(seconds=max(180, 3 * period))
