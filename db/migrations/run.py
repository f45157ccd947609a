"""Bring a file to the newest shape, or say whether it is there.

Alembic is imported only to change something: a worker that finds its file in shape does without its 10 MB.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_shape = text("SELECT version_num FROM alembic_version")


def config(engine: Engine) -> "Config":
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["engine"] = engine
    return settings


def migrate(engine: Engine) -> None:
    """Apply what is missing; a file already at the newest revision is left untouched. Of several processes
    one does it.

    Only here a file comes to be, and its folder: what merely looks at a cabinet must not make an empty one of
    a wrong path.
    """
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if current(engine):
        return
    with alone(engine):
        if not current(engine):
            from alembic import command

            command.upgrade(config(engine), "head")


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """One process at a time, by a lock on the folder of the file; another engine locks by itself."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        yield
        return
    folder = os.open(Path(engine.url.database).parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def current(engine: Engine) -> bool:
    """Whether the file is at the newest revision this program knows, or ahead of it: migrations only add, so
    a program of the day before goes on serving a file already migrated.
    """
    found = revision(engine)
    return found is not None and found >= newest()


def revision(engine: Engine) -> str | None:
    """Where the file is; None for one that was never migrated."""
    with engine.connect() as connection:
        return (
            connection.execute(_shape).scalar() if inspect(connection).has_table("alembic_version") else None
        )


def newest() -> str:
    """The last revision: migrations are one straight chain, and their files begin with their numbers."""
    return max(path.name.partition("_")[0] for path in Path(__file__).with_name("versions").glob("[0-9]*.py"))


def revise(engine: Engine, message: str, revision: str) -> None:
    """Write a new migration from the difference between the file and the models."""
    from alembic import command

    command.revision(config(engine), message=message, rev_id=revision, autogenerate=True)


def check(engine: Engine) -> None:
    """Raise alembic's error when the models and the migrated file differ."""
    from alembic import command

    command.check(config(engine))
