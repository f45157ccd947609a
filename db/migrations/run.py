"""Bring a file to the newest shape, or say whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


def config(engine: Engine) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["engine"] = engine
    return settings


def migrate(engine: Engine) -> None:
    """Apply what is missing; a file already at the newest revision is left untouched."""
    if not current(engine):
        command.upgrade(config(engine), "head")


def current(engine: Engine) -> bool:
    """Whether the file is at the newest revision."""
    with engine.connect() as connection:
        heads = set(MigrationContext.configure(connection).get_current_heads())
    return heads == set(ScriptDirectory.from_config(config(engine)).get_heads())


def revise(engine: Engine, message: str, revision: str) -> None:
    """Write a new migration from the difference between the file and the models."""
    command.revision(config(engine), message=message, rev_id=revision, autogenerate=True)


def check(engine: Engine) -> None:
    """Raise alembic's error when the models and the migrated file differ."""
    command.check(config(engine))
