"""`litestar attachments reseal`: everything that lies sealed, under the newest key, so that older keys may leave the list.

`litestar attachments redraw`: PDFs of an earlier program that could not be redrawn are tried again.
"""

import click
from sqlmodel import Session

from commands import House
from db import attachments, panels, staff, writing


@click.group("attachments")
def commands() -> None:
    """What lies sealed under CABINET_ATTACHMENT_KEYS: attached files, second factors of staff, keys of panels."""


@commands.command("reseal")
@click.pass_obj
def reseal(house: House) -> None:
    """Put a new key last in CABINET_ATTACHMENT_KEYS, run this, then take the old ones out."""
    keys = house.settings.attachment_keys
    try:
        with Session(house.engine) as db, writing(db):
            second, panel = staff.reseal(db, keys), panels.reseal(db, keys)
        files = attachments.reseal(house.engine, keys)
    except LookupError as lost:
        raise click.ClickException(f"Ни один ключ списка не подходит, старые не убирайте: {lost}") from None
    click.echo(f"Перешифровано: файлов {files}, вторых факторов {second}, ключей приборов {panel}. "
               "Теперь нужен только последний ключ списка.")  # fmt: skip


@commands.command("redraw")
@click.pass_obj
def redraw(house: House) -> None:
    """Let the jobs try once more to redraw what an earlier program kept and they could not."""
    with Session(house.engine) as db, writing(db):
        count = attachments.retry_redrawing(db)
    click.echo(f"Будут перерисованы работами заново: {count}.")
