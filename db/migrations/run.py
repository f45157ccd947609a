"""Bring a database to the newest schema, or say whether it is there.

A new one begins with `versions/0024_initial.py`, the whole schema at once. One that is behind 0024 first goes
through `chain_to_0024/`, the migrations it was made of, which also convert its data; nothing is added to that
folder any more.

Alembic is imported only to change something: a worker that finds its database current does without its 10 MB.
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

FOLDER = Path(__file__).parent
SQUASHED = "0024"
_select_revision = text("SELECT version_num FROM alembic_version")


def config(engine: Engine, versions: str = "versions") -> "Config":
    """Alembic's settings for the revisions of one folder: `versions` or `chain_to_0024`."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", str(FOLDER / versions))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["engine"] = engine
    return settings


def migrate(engine: Engine) -> None:
    """Apply what is missing; a database at the newest revision is left untouched. Of several processes one
    does it.

    A file and its folder are created only here: what merely reads must not make an empty file of a wrong
    path.
    """
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if current(engine):
        return
    with lock_folder(engine):
        if not current(engine):
            from alembic import command

            if (revision(engine) or SQUASHED) < SQUASHED:
                command.upgrade(config(engine, "chain_to_0024"), "head")
            command.upgrade(config(engine), "head")


@contextmanager
def lock_folder(engine: Engine) -> Iterator[None]:
    """One process at a time, by a lock on the folder of the file; PostgreSQL locks in `migrating`."""
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
    """Whether the database is at the newest revision this program knows, or ahead of it: migrations only add,
    so the release before goes on serving a database that is already migrated.
    """
    found = revision(engine)
    return found is not None and found >= newest()


def revision(engine: Engine) -> str | None:
    """The revision of the database; None for one that was never migrated."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(_select_revision).scalar()


def newest() -> str:
    """The last revision: migrations are one straight chain, and their files begin with their numbers."""
    return max(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def revise(engine: Engine, message: str, revision: str) -> None:
    """Write a new migration from the difference between the file and the models."""
    from alembic import command

    command.revision(config(engine), message=message, rev_id=revision, autogenerate=True)


def check(engine: Engine) -> None:
    """Raise alembic's error when the models and the migrated file differ."""
    from alembic import command

    command.check(config(engine))
