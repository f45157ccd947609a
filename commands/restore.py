"""`litestar restore FILE`: replaces the cabinet's database by a backup; the old file is kept."""

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlmodel import Session

from commands import Context
from commands.backup import describe, the_file
from db import backups, writing
from db.migrations import run
from db.payments import restores
from rules.days import moment


@click.command("restore")
@click.argument("copy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Even over a file that is in use or newer than the copy.")
@click.pass_obj
def commands(context: Context, copy: Path, force: bool) -> None:
    """Check COPY and put it in the place of the file of CABINET_DATABASE."""
    file = the_file(context.file)
    if copy.resolve() == file.resolve():
        raise click.ClickException("Это сам рабочий файл, а не копия.")
    try:
        found = backups.inspect_file(copy)
    except backups.UnsoundFile as why:
        raise click.ClickException(f"{copy}: {why}. Возьмите другую копию.") from None
    if found.revision > run.newest():
        raise click.ClickException(
            f"Копия новее программы (версия {found.revision}): сначала обновите программу."
        )
    if not force and (why_not := refusal(file, found)):
        raise click.ClickException(why_not)
    # Real time: the demonstration's shift is stored in the very file that may be gone.
    now = datetime.now(UTC)
    context.file.dispose()
    aside = backups.restore(copy, file, now)
    click.echo(f"Восстановлено из {copy}: {describe(found)}.")
    if aside:
        click.echo(f"Прежний файл отложен: {aside}")
    mark(context, found.last or datetime.fromtimestamp(copy.stat().st_mtime, UTC), now)


def mark(context: Context, copied_at: datetime, now: datetime) -> None:
    """Record in the database that it is a copy made at that moment: payments wait until it is reconciled with
    the bank.
    """
    with Session(context.engine) as db, writing(db):
        restores.record_restore(db, copied_at, now)
        held = restores.count_held_messages(db)
    click.echo(
        f"Отмечено: копия на {moment(copied_at)}. Автоплатежи, возвраты и чеки ждут сверки с банком; "
        f"сообщений задержано: {held}. Дальше — docs/restore.md"
    )


def refusal(file: Path, copy: backups.FileFacts) -> str:
    """Return why this backup should not replace the present database; empty when it may."""
    if backups.is_in_use(file):
        return (
            f"С файлом {file} работает кабинет. Остановите его службы. Если они точно остановлены, "
            "добавьте --force."
        )
    if not file.exists():
        return ""
    try:
        there = backups.inspect_file(file)
    except backups.UnsoundFile:
        return ""
    if there.last and (not copy.last or there.last > copy.last):
        more = there.notes - copy.notes
        return (
            f"Рабочий файл новее копии: {describe(there)}; записей журнала больше на {more}. Вернуть копию "
            "всё равно: --force."
        )
    return ""
