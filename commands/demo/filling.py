"""Fills demonstration data for a believable operator through the product's own functions; the same for the
same seed.

Each part is a function `(context) -> None` in its own module; PARTS has their order and titles. `fill_once`
fills an empty database and says how to sign in.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import click
from sqlmodel import Session, select

from commands import Context
from commands.demo import chronicle, events, keys, notices, papers, people
from db import engines
from db.migrations.run import migrate
from db.people.contracts import Contract
from gateways import banks
from rules.people import contracts

logging.getLogger("httpx").setLevel(logging.WARNING)  # it would log each call to the sandbox bank
PARTS: list[tuple[str, Callable[[Context], None]]] = [
    ("договоры и ключи из реестра", papers.fill),
    ("абоненты и сотрудники", people.fill),
    ("ключи, добавленные абонентами", keys.fill),
    ("начисления, платежи и обращения за год", chronicle.fill),
    ("уведомления оператора", notices.fill),
    ("события за год", events.fill),
]


def is_empty(context: Context) -> bool:
    with Session(context.engine) as db:
        return db.exec(select(Contract.id).limit(1)).first() is None


def fill_once(context: Context) -> str:
    """Fill the database if it is empty, from the beginning if an earlier fill was interrupted; return how to
    sign in.
    """
    mark = unfinished_mark(context)
    if mark and mark.exists():
        click.echo("Прошлый раз демонстрация не досталась до конца, начинаем заново.")
        remove_unfinished(context)
    if is_empty(context):
        if mark:
            mark.touch()
        click.echo("Готовим демонстрацию, это один раз:")
        # Commits do not wait for the disk: after a power failure the invented data is simply made again.
        with engines.without_fsync(context.engine):
            for words, part in PARTS:
                began = time.monotonic()
                part(context)
                click.echo(f"  {words}: {time.monotonic() - began:.1f} с")
        if mark:
            mark.unlink()
    return login_words()


def unfinished_mark(context: Context) -> Path | None:
    """Return the marker file that exists while the database is being filled; an interrupted fill leaves it
    behind.
    """
    file = context.settings.database
    return None if "://" in file else Path(file + ".filling")


def remove_unfinished(context: Context) -> None:
    """Replace the half-filled database and the sandbox bank's by empty ones."""
    context.engine.dispose()
    for file in (context.settings.database, banks.sandbox_file(context.settings)):
        for part in ("", "-wal", "-shm", "-journal"):
            Path(file + part).unlink(missing_ok=True)
    migrate(context.engine)


def login_words() -> str:
    anna, boris, leto, vera = (
        contracts.format_number(n) for n in (papers.ANNA, papers.BORIS, papers.LETO, papers.VERA)
    )
    return (
        f"  Абоненты:    договор {anna} (Анна Соколова), {boris} (Борис Ким, долг),\n"
        f"               {leto} (ООО «Лето», два договора); пароль «{people.PASSWORD}»\n"
        f"               {vera} (Вера Новикова, телефон +7 921 555-00-55) ещё не регистрировалась\n"
        f"  Сотрудники:  {', '.join(people.STAFF)}; пароль тот же\n"
    )
