"""`litestar move [FROM] TO`: moves the SQLite file into PostgreSQL (docs/postgres.md)."""

import sys
import time
from pathlib import Path

import click
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from commands import Context
from commands.moving import Moved, Unlike, move
from db import open_engine, sealed_columns
from rules import amounts

MONEY = ("amount", "kopecks")


@click.command("move")
@click.argument("addresses", nargs=-1, required=True, metavar="[FROM] TO")
@click.pass_obj
def commands(context: Context, addresses: tuple[str, ...]) -> None:
    """Copy the SQLite file (FROM, or the settings' own) into the empty database TO and compare counts and
    sums.

    TO bears no password, for anybody on the machine may read a command line: give it in PGPASSWORD or
    ~/.pgpass, or give «-» as TO and the whole address as the first line of the input. Stop the cabinet, the
    jobs and the station's receiver first: the file takes no writes meanwhile.
    """
    if len(addresses) > 2:
        raise click.UsageError("назовите файл и адрес базы или только адрес базы")
    address = _address(addresses[-1])
    source = _opened(addresses[0]) if len(addresses) == 2 else context.engine
    target, began = open_engine(address), time.monotonic()
    try:
        moved = move(source, target, _tell)
        with Session(target) as db:
            lost = sealed_columns.count_unreadable(db, context.settings.attachment_keys)
    except Unlike as why:
        raise click.ClickException(str(why)) from None
    finally:
        target.dispose()
    rows = sum(one.rows for one in moved)
    if lost:
        sealed = ", ".join(f"{words} {count}" for words, count in lost.items())
        click.echo(
            f"Внимание: CABINET_ATTACHMENT_KEYS этого окружения не открывают: {sealed}. Возьмите ключи файла."
        )
    click.echo(f"Перенесено и сверено: таблиц {len(moved)}, строк {rows}, {time.monotonic() - began:.1f} с")


def _address(given: str) -> str:
    """Return the target URL without a password on the command line; a refusal says how to give it."""
    try:
        if given == "-":
            return make_url(sys.stdin.readline().strip()).render_as_string(hide_password=False)
        address = make_url(given)
        if address.password is None and "password" not in address.query:
            return given
    except ArgumentError:
        raise click.ClickException("Это не адрес базы: postgresql+psycopg://кто@узел/база") from None
    raise click.ClickException(
        "В командной строке пароль видят все на этой машине. Уберите его из адреса и задайте в PGPASSWORD "
        "или ~/.pgpass, "
        "или напишите вместо адреса «-» и подайте его первой строкой на вход."
    )


def _opened(file: str) -> Engine:
    if not Path(file).is_file():
        raise click.ClickException(f"Файла {file} нет.")
    return open_engine(f"sqlite:///{Path(file).absolute()}")


def _tell(one: Moved) -> None:
    if one.rows:
        sums = [f"{name} {amounts.rubles(one.sums[name])}" for name in MONEY if name in one.sums]
        click.echo(f"  {one.table}: {one.rows}" + "".join(f", {each}" for each in sums))
