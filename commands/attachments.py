"""`litestar attachments reseal`: seal every attached file under the newest key, so that older keys may leave the list."""

import click

from commands import House
from db import attachments


@click.group("attachments")
def commands() -> None:
    """Attached files at rest."""


@commands.command("reseal")
@click.pass_obj
def reseal(house: House) -> None:
    """Put a new key last in CABINET_ATTACHMENT_KEYS, run this, then take the old ones out."""
    done = attachments.reseal(house.engine, house.settings.attachment_keys)
    click.echo(f"Перешифровано файлов: {done}. Теперь нужен только последний ключ списка.")
