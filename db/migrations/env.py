"""Alembic's entry: models are whatever `db` defines; foreign keys are off while tables are rebuilt and checked after."""

import importlib
import pkgutil

from alembic import context
from sqlmodel import SQLModel

import db

for module in pkgutil.iter_modules(db.__path__):
    if module.name != "migrations":
        importlib.import_module(f"db.{module.name}")


def include(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Full-text tables belong to sqlite-utils and their triggers, not to the models."""
    return not (kind == "table" and name is not None and "_fts" in name)


def run() -> None:
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(
            connection=connection, target_metadata=SQLModel.metadata, render_as_batch=sqlite, include_object=include,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
            connection.rollback()
            raise RuntimeError(f"the migration left rows without their parents: {broken[:5]}")
        connection.commit()
        if sqlite:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
