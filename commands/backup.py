"""`litestar backup`: makes a checked backup while the cabinet runs, and removes old backups."""

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from commands import Context
from db import backups
from rules.days import moment

ELSEWHERE = (
    "Данные в PostgreSQL: копии делает сам PostgreSQL (pg_basebackup, архив WAL, pg_dump); здесь "
    "нечего делать."
)


@click.command("backup")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Another folder than the settings'.",
)
@click.pass_obj
def commands(context: Context, into: Path | None) -> None:
    """Make a copy: VACUUM INTO, checked, brought to the disk, 0600; keep as many as the settings say."""
    file = the_file(context.file)
    folder = into or backups.backup_folder(context.settings, file)
    if not file.exists():
        raise click.ClickException(f"Копировать нечего: файла {file} нет.")
    try:
        made = backups.make_backup(file, folder, datetime.now(UTC))
    except backups.UnsoundFile as why:
        raise click.ClickException(f"Копия не прошла проверку и отброшена: {why}.") from None
    gone = backups.rotate(
        folder, datetime.now(UTC), context.settings.backup_keep, context.settings.backup_days
    )
    click.echo(
        f"Копия {made}, {made.stat().st_size / 1e6:.1f} МБ, проверена. Всего копий: "
        f"{len(backups.list_backups(folder))}" + (f", убрано старых: {len(gone)}" if gone else "")
    )


def the_file(engine: Engine) -> Path:
    """Return the cabinet's database file; refuses in plain words when there is none."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        raise click.ClickException(ELSEWHERE)
    return Path(engine.url.database)


def describe(about: backups.FileFacts) -> str:
    return f"версия {about.revision}, последняя запись журнала {moment(about.last) if about.last else '—'}"
