"""`litestar migrate revise NAME`: write the migration between the newest one and the models (for those who
develop).
"""

import tempfile
from pathlib import Path

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
    versions = Path(run.__file__).parent / "versions"
    number = max((int(path.name[:4]) for path in versions.glob("[0-9]*.py")), default=0) + 1
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/fresh.sqlite")
        if number > 1:
            run.migrate(engine)
        run.revise(engine, name, f"{number:04}")
        engine.dispose()
