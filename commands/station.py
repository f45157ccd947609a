"""`litestar station listen | import FILE | simulate`: ways for the station to send events, besides HTTP."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from sqlmodel import Session

import monitor
import station as receiving
from commands import Context
from commands.demo import wire
from db import writing
from db.events import panels, station
from gateways.station import files
from rules import Refused, days
from rules.events.events import EARLIEST, StationReport

BATCH = 1000
REJECTED_LINES = 40


@click.group("station")
def commands() -> None:
    """Events of the monitoring station."""


@commands.command("listen")
@click.pass_obj
def listen(context: Context) -> None:
    """Hear panels (SIA DC-09, TCP and UDP) and receivers (Sur-Gard MLR2, TCP) on the ports of the
    settings.
    """
    settings = context.settings
    ports = receiving.Ports(settings.station_host, settings.station_port, settings.surgard_port)
    try:
        keys = {account.upper(): bytes.fromhex(key) for account, key in settings.station_keys.items()}
    except ValueError:
        raise click.ClickException(
            "CABINET_STATION_KEYS: ключи AES пишутся шестнадцатеричными цифрами"
        ) from None
    if wrong := [account for account, key in keys.items() if len(key) not in (16, 24, 32)]:
        raise click.ClickException(f"CABINET_STATION_KEYS: у {wrong[0]} ключ не в 16, 24 или 32 байта")
    monitor.serve_metrics(settings, context.engine, context.clock.now, "station")
    monitor.freeze_startup_objects()
    click.echo(f"Слушаем {ports.host}: DC-09 на {ports.dc09} (TCP и UDP), Sur-Gard на {ports.surgard}")
    asyncio.run(
        _run_until_stopped(
            receiving.PanelListener(context.engine, context.clock, keys, settings.attachment_keys), ports
        )
    )


async def _run_until_stopped(desk: receiving.PanelListener, ports: receiving.Ports) -> None:
    task = asyncio.create_task(receiving.listen(desk, ports))
    for stop_signal in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(stop_signal, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


@commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def take(context: Context, file: Path) -> None:
    """Take in events from FILE (CSV); the same file again adds nothing. See docs/station.md."""
    try:
        counts, rejected = import_file(context, file)
    except Refused as refused:
        click.echo(refused.problems["file"], err=True)
        raise SystemExit(2) from None
    click.echo(
        f"{file.name}: принято {counts[station.TAKEN]}, уже было {counts[station.DUPLICATE]}, "
        f"ждут ключа {counts[station.WAITING]}, отклонено строк {len(rejected)}"
    )
    for number, why in rejected[:REJECTED_LINES]:
        click.echo(f"  строка {number}: {why}")
    raise SystemExit(1 if rejected else 0)


def import_file(
    context: Context, file: Path, *, quiet: bool = False
) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """Return how many events had each result, and the lines that could not be parsed or are dated in the
    future.
    """
    counts = dict.fromkeys((station.TAKEN, station.DUPLICATE, station.WAITING), 0)
    rejected: list[tuple[int, str]] = []
    with _bar(quiet) as bar, Session(context.engine, expire_on_commit=False) as db:
        task = bar.add_task(file.name, total=file.stat().st_size)
        now = context.clock.now()
        lines = files.read(file, lambda byte: bar.update(task, completed=byte))
        while batch := list(islice(lines, BATCH)):
            reports = list(_good(batch, rejected, now))
            with writing(db):
                answers = station.ingest(db, f"csv:{file.name}"[:64], reports, now) if reports else []
            for answer in answers:
                counts[answer] += 1
    return counts, rejected


def _good(
    batch: list[tuple[int, StationReport | str]], rejected: list[tuple[int, str]], now: datetime
) -> Iterator[StationReport]:
    """Yield the valid reports: a future time is an error in a file, while from a panel it is a
    wrong clock.
    """
    for number, found in batch:
        if isinstance(found, str):
            rejected.append((number, found))
        elif found.at and not EARLIEST <= found.at <= now + timedelta(minutes=10):
            rejected.append((number, f"время {days.moment(found.at)} не могло быть"))
        else:
            yield found


@contextmanager
def _bar(quiet: bool) -> Iterator[Progress]:
    """Return a progress bar on a terminal only: cron's log needs none."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bar:
        yield bar


@commands.command("simulate")
@click.option("--host", default=None, help="Where the receiver listens; the settings' address by default.")
@click.option("--port", type=int, default=None, help="Its DC-09 port.")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Which Moscow day; today by default."
)
@click.option(
    "--days", "count", type=click.IntRange(1, 400), default=1, help="How many days, that one the last."
)
@click.option("--live", is_flag=True, help="After that go on: each event at its own minute, until stopped.")
@click.option(
    "--faster", type=click.FloatRange(1, 100_000), default=1.0, help="With --live: so many times faster."
)
@click.pass_obj
def simulate(
    context: Context,
    host: str | None,
    port: int | None,
    day: datetime | None,
    count: int,
    live: bool,
    faster: float,
) -> None:
    """Send believable days over the real DC-09 wire (demonstration only); `station listen` must be
    running.
    """
    if not context.settings.demo:
        raise click.ClickException("Имитатор работает только в демонстрации (CABINET_DEMO=1).")
    last: date = day.date() if day else days.today(context.clock.now())
    where = (host or context.settings.station_host, port or context.settings.station_port)
    keys = {account: bytes.fromhex(key) for account, key in context.settings.station_keys.items()}
    with Session(context.engine) as db:
        keys |= panels.open_keys(db, context.settings.attachment_keys)
    sender, sent = wire.Sender(where, keys), 0
    try:
        sent = wire.past(context, sender, days.each_day(last - timedelta(days=count - 1), last))
        click.echo(f"Отправлено событий: {sent}")
        if live:
            click.echo(
                f"Дальше вживую{f', быстрее в {faster:g} раз' if faster != 1 else ''}. Остановить: Ctrl+C"
            )
            for words in wire.live(context, sender, faster):
                sent += 1
                click.echo(words)
    except KeyboardInterrupt:
        click.echo(f"\nОстановлено, отправлено событий: {sent}")
    except OSError as wrong:
        raise click.ClickException(
            f"Приёмник {where[0]}:{where[1]} не отвечает ({type(wrong).__name__}). "
            "Запустите: litestar station listen"
        ) from None
