"""`litestar <capability> <verb>`: every module here with a click group `commands` is one (`litestar registry
import`…).

A command gets `(engine, settings, clock)` by `@click.pass_obj` as `Context`.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cached_property

import click
from litestar.plugins import CLIPlugin
from sqlalchemy import Engine

from db.clock import Clock
from db.migrations import run as migrations
from settings import Settings


@dataclass(frozen=True)
class Context:
    """The objects a command uses, passed by `@click.pass_obj`. `file`: the engine as is; `engine`: migrated
    before use.
    """

    file: Engine
    settings: Settings
    clock: Clock

    @cached_property
    def engine(self) -> Engine:
        migrations.migrate(self.file)
        return self.file


class Commands(CLIPlugin):
    def __init__(self, settings: Settings, engine: Engine, clock: Clock) -> None:
        self.context = Context(engine, settings, clock)

    def on_cli_init(self, cli: click.Group) -> None:
        for module in pkgutil.iter_modules(__path__):
            group = getattr(importlib.import_module(f"commands.{module.name}"), "commands", None)
            if group is not None:
                _set_context(group, self.context)
                cli.add_command(group)


def _set_context(command: click.Command, context: Context) -> None:
    """Replace Litestar's own object in click's context by ours."""
    command.context_settings["obj"] = context
    for inner in getattr(command, "commands", {}).values():
        _set_context(inner, context)
