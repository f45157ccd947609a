"""`litestar <capability> <verb>`: every module here that has a click group `commands` is one (`litestar
registry import`…).

A command gets `(engine, settings, clock)` by `@click.pass_obj` as `House`.
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
class House:
    """What a command works on; `@click.pass_obj` hands it over. `file` is it as found, `engine` migrated
    first.
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
        self.house = House(engine, settings, clock)

    def on_cli_init(self, cli: click.Group) -> None:
        for module in pkgutil.iter_modules(__path__):
            group = getattr(importlib.import_module(f"commands.{module.name}"), "commands", None)
            if group is not None:
                _give(group, self.house)
                cli.add_command(group)


def _give(command: click.Command, house: House) -> None:
    """Litestar's own CLI keeps its object in the context; ours get the house instead."""
    command.context_settings["obj"] = house
    for inner in getattr(command, "commands", {}).values():
        _give(inner, house)
