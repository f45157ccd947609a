"""`litestar secrets …`: values encrypted with CABINET_ATTACHMENT_KEYS, as listed in db/sealed_columns.py."""

import click
from sqlmodel import Session

from commands import Context
from db import exports, journal, sealed_columns, writing
from db.payments.callbacks import BankCallback
from db.requests import sealed_attachments


@click.group("secrets")
def commands() -> None:
    """What lies sealed under CABINET_ATTACHMENT_KEYS: files, second factors, codes on their way, saved cards,
    keys of panels.
    """


@commands.command("reseal")
@click.pass_obj
def reseal(context: Context) -> None:
    """Put a new key last in CABINET_ATTACHMENT_KEYS, run this, then take the old ones out."""
    keys = context.settings.attachment_keys
    try:
        sealed_columns.seal_all(context.engine, keys)
        done = sealed_columns.reseal(context.engine, keys)
        done |= {
            "файлов": sealed_attachments.reseal(context.engine, keys),
            "копий данных": exports.reseal(context.engine, keys),
        }
    except LookupError as lost:
        raise click.ClickException(f"Ни один ключ списка не подходит, старые не убирайте: {lost}") from None
    counts = (
        ", ".join(f"{words} {count}" for words, count in done.items() if count)
        or "всё уже лежит под последним ключом"
    )
    click.echo(f"Перешифровано: {counts}. Теперь нужен только последний ключ списка.")


@commands.command("clean")
@click.pass_obj
def clean(context: Context) -> None:
    """Seal what still lies in clear and rewrite the file, so that nothing of it is left in free pages. Once,
    after an upgrade.

    On a large file it takes minutes, and whoever writes waits: do it when the cabinet is stopped or little
    used.
    """
    sealed = sealed_columns.seal_all(context.engine, context.settings.attachment_keys)
    for words, count in sealed.items():
        click.echo(f"  {words}: {count}")
    sealed_columns.clean_file(context.engine, context.clock.now())
    click.echo(
        "В открытом виде ничего нет, файл переписан. Прежние копии всё ещё хранят открытое: OPERATIONS.md, "
        "«Секреты»."
    )


@commands.command("show")
@click.argument("number", type=int)
@click.pass_obj
def show(context: Context, number: int) -> None:
    """Print the bank's callback NUMBER (bank_call.id) as it came. The look is journalled."""
    with Session(context.engine, expire_on_commit=False) as db, writing(db):
        call = db.get(BankCallback, number)
        if call is None:
            raise click.ClickException(f"Уведомления {number} нет.")
        body = sealed_columns.read(db, call, "body_sealed") or ""
        journal.note(
            db, "system:console", "secrets.show", context.clock.now(), call=number, payment=call.payment_id
        )
    click.echo(body)
