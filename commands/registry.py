"""`litestar registry import FILE`: imports contracts.csv or keys.csv, shows progress, prints a report.

Exit status 0: every line was imported, 1: some were rejected (the others are imported), 2: not a registry
file.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from sqlmodel import Session

from commands import Context
from db.registry import ImportReport, contracts, keys, run
from gateways import registry
from rules import Refused, days
from rules.requests.owner_alerts import Office

REJECTED_LINES = 40
READERS: dict[str, Any] = {"contracts": registry.contracts, "keys": registry.keys}
WRITERS = {"contracts": contracts.apply, "keys": keys.apply}


@click.group("registry")
def commands() -> None:
    """Contracts and keys from the billing system or 1С."""


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--keys", "kind", flag_value="keys", help="FILE is keys.csv; without it, contracts.csv.")
@click.option(
    "--all", "everything", is_flag=True, help=f"Print every rejected line, not the first {REJECTED_LINES}."
)
@click.pass_obj
def take(context: Context, file: Path, kind: str | None, everything: bool) -> None:
    """Take in FILE; the same file again changes nothing. See docs/registry.md."""
    try:
        report = import_file(context, file, kind or "contracts")
    except Refused as refused:
        click.echo(refused.problems["file"], err=True)
        raise SystemExit(2) from None
    _print(report, None if everything else REJECTED_LINES)
    raise SystemExit(1 if report.rejected else 0)


def import_file(
    context: Context, file: Path, kind: str, *, quiet: bool = False, now: datetime | None = None
) -> ImportReport:
    """Import a file, with a progress bar on a terminal. Refused(file=…) before anything is written."""
    now, settings = now or context.clock.now(), context.settings
    office = Office(settings.brand, settings.service_phone)
    with _bar(quiet) as bar, Session(context.engine, expire_on_commit=False) as db:
        task = bar.add_task(file.name, total=file.stat().st_size)
        lines = READERS[kind](file, days.today(now), _every(lambda byte: bar.update(task, completed=byte)))
        return run(db, lines, WRITERS[kind], ImportReport(kind, file.name, now, office))


def _bar(quiet: bool) -> Progress:
    """Return a progress bar on a terminal only: cron's log needs none."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=quiet or not console.is_terminal)


def _every(moved: Any, step: int = 1 << 16) -> Any:
    """Report progress every 64 KiB, because lines are many and the bar is slow."""
    last = [-step]

    def tell(byte: int) -> None:
        if byte - last[0] >= step:
            last[0] = byte
            moved(byte)

    return tell


def _print(report: ImportReport, most: int | None) -> None:
    found = report.counts()
    click.echo(
        f"{report.file}: создано {found['created']}, изменено {found['changed']}, "
        f"без изменений {found['unchanged']}, отклонено строк {found['rejected']}"
    )
    _lines("Отклонено", report.rejected, report.rejections, most)
    _lines("Взято с оговоркой", len(report.remarks), report.remarks, most)
    _lines("Пропущено: не строки данных", len(report.skipped), report.skipped, most)


def _lines(title: str, count: int, lines: list[tuple[int, str]], most: int | None) -> None:
    if not lines:
        return
    click.echo(f"\n{title}:")
    for line, words in sorted(lines)[:most]:
        click.echo(f"  строка {line}: {words}")
    if most and count > most:
        click.echo(f"  … и ещё {count - most}; все: --all")
