"""Alembic's entry: the models are whatever `db` defines; locks and transactions are db.engines'."""

import importlib
import pkgutil
import re

from alembic import context
from sqlmodel import SQLModel

import db
from db import engines

for module in pkgutil.walk_packages(db.__path__, "db."):
    if not module.name.startswith("db.migrations"):
        importlib.import_module(module.name)


def include(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave out what is not in the models: tables of the full-text index, and the partitions of `event`."""
    return name is None or not (
        "_fts" in name or (kind == "table" and re.fullmatch(r"event_(rest|\d{4}_\d\d)", name))
    )


def run() -> None:
    engine = context.config.attributes["engine"]
    with engine.connect() as connection, engines.dialect_of(engine).migrating(connection):
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            include_object=include,
            render_as_batch=connection.dialect.name == "sqlite",
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
