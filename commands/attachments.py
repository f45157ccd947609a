"""`litestar attachments redraw`: retries PDFs that an earlier release could not redraw.

`litestar attachments reseal`: the old name of `litestar secrets reseal`, from when only files were encrypted.
"""

import click
from sqlmodel import Session

from commands import Context
from commands.secrets import reseal
from db import writing
from db.requests import attachments


@click.group("attachments")
def commands() -> None:
    """Files attached to requests and messages."""


commands.add_command(reseal)


@commands.command("redraw")
@click.pass_obj
def redraw(context: Context) -> None:
    """Let the jobs try once more to redraw what an earlier program kept and they could not."""
    with Session(context.engine) as db, writing(db):
        count = attachments.retry_redrawing(db)
    click.echo(f"Будут перерисованы работами заново: {count}.")
