"""`litestar attachments reseal`: the name `litestar secrets reseal` had while only files were sealed."""

import click

from commands.secrets import reseal


@click.group("attachments", hidden=True)
def commands() -> None:
    """The former name of `litestar secrets reseal`."""


commands.add_command(reseal)
