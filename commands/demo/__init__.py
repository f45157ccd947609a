"""`litestar demo fill`: believable data for a demonstration, never for a real operator's file."""

import click

from commands import Context


@click.group("demo")
def commands() -> None:
    """Data for a demonstration."""


@commands.command("fill")
@click.pass_obj
def fill(context: Context) -> None:
    """Fill an empty file and print how to sign in."""
    from commands.demo import filling

    if not context.settings.demo:
        raise click.ClickException("CABINET_DEMO is off: this is not a demonstration's file.")
    click.echo(filling.fill_once(context))
