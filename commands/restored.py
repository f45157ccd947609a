"""`litestar restored`: after a restore, shows what was done since and handles the held messages."""

from datetime import UTC, datetime

import click
from sqlmodel import Session

from commands import Context
from commands.restore import mark
from db import writing
from db.payments import restores
from rules.days import moment


@click.group("restored")
def commands() -> None:
    """After a restore from a copy: docs/restore.md."""


@commands.command("status")
@click.pass_obj
def status(context: Context) -> None:
    """Whether the bank's lists were compared, and how many messages are held."""
    with Session(context.engine) as db:
        last, held = restores.latest_restore(db), restores.count_held_messages(db)
    if last is None:
        click.echo("База из копий не возвращалась.")
        return
    state = (
        "сверена с банком " + moment(last.reconciled_at) if last.reconciled_at else "с банком ещё не сверена"
    )
    click.echo(f"Возвращена {moment(last.restored_at)} из копии на {moment(last.copied_at)}; {state}.")
    click.echo(
        f"Найдено у банка: {last.recovered}, разбирает бухгалтер: {last.unknown}. Задержано сообщений: "
        f"{held}."
    )


@commands.command("mark")
@click.argument("copied", metavar="МОМЕНТ")
@click.pass_obj
def mark_by_hand(context: Context, copied: str) -> None:
    """Say that this database is a copy of МОМЕНТ (2026-11-29T13:00:00+03:00): for PostgreSQL, whose copies
    are its own tools'.
    """
    try:
        at = datetime.fromisoformat(copied)
    except ValueError:
        raise click.UsageError("момент пишут так: 2026-11-29T13:00:00+03:00") from None
    if at.tzinfo is None:
        raise click.UsageError("в моменте нужен часовой пояс, например +03:00")
    if at > datetime.now(UTC):
        raise click.UsageError("этот момент ещё не наступил")
    mark(context, at, datetime.now(UTC))


@commands.command("messages")
@click.option(
    "--send/--drop", default=None, required=True, help="Отправить задержанные или оставить неотправленными."
)
@click.pass_obj
def messages(context: Context, send: bool) -> None:
    """Decide about messages that waited in the copy: they may have gone out before the machine was lost."""
    with Session(context.engine) as db, writing(db):
        count = restores.release_messages(db, context.clock.now(), send=send)
    click.echo(f"{'Отправляются' if send else 'Оставлены неотправленными'}: {count}.")
