"""`litestar migrate revise NAME`: writes a migration from the newest revision to the models
(for developers).
"""

import tempfile

import click

from db import open_engine
from db.migrations import run


@click.group("migrate")
def commands() -> None:
    """Changes of the file's shape."""


@commands.command("revise")
@click.argument("name")
def revise(name: str) -> None:
    """Compare a fresh file, migrated, with the models and write db/migrations/versions/<next>_<name>.py."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/fresh.sqlite")
        run.migrate(engine)
        run.revise(engine, name, f"{int(run.newest()) + 1:04}")
        engine.dispose()
