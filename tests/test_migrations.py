"""A database made by the old chain of migrations and one made at once are the same."""

import re

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from db import open_engine
from db.migrations import run
from tests.kit import engines


@pytest.fixture
def empty(tmp_path):
    opened = []

    def create():
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(open_engine(engines.fresh(folder)))
        return opened[-1]

    yield create
    for engine in opened:
        engine.dispose()


SQLITE = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('trigger', 'index')"
POSTGRES = """
SELECT tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT c.relname, coalesce(pg_get_partkeydef(c.oid), '') || c.relispartition
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""


def schema(engine) -> dict[str, object]:
    """Everything a database says of its tables, whatever the order of columns."""
    with engine.connect() as db:
        found = inspect(db)
        tables = {
            name: {
                "columns": {
                    column["name"]: (str(column["type"]), column["nullable"], column["default"])
                    for column in found.get_columns(name)
                },
                "key": found.get_pk_constraint(name)["constrained_columns"],
                "unique": sorted(map(repr, found.get_unique_constraints(name))),
                "foreign": sorted(map(repr, found.get_foreign_keys(name))),
                "checks": sorted(map(repr, found.get_check_constraints(name))),
            }
            for name in found.get_table_names()
        }
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            made = db.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
            for name, sql in made:
                options = re.findall(r"\bAUTOINCREMENT\b|\bWITHOUT ROWID\b", sql)
                tables.setdefault(name, {"sql": sql})["options"] = options
        others = dict(map(tuple, db.execute(text(SQLITE if sqlite else POSTGRES))))
        return {"tables": tables, "others": others}


def test_a_database_of_the_old_chain_is_accepted_and_equal(empty):
    old, new = empty(), empty()
    command.upgrade(run.config(old, "chain_to_0024"), "head")
    assert run.revision(old) == run.SQUASHED
    run.migrate(old)
    run.migrate(new)
    ours, theirs = schema(new), schema(old)
    assert ours["others"] == theirs["others"]
    assert ours["tables"].keys() == theirs["tables"].keys()
    for name, table in ours["tables"].items():
        assert table == theirs["tables"][name], name
    run.check(old)
    run.check(new)


def test_a_database_behind_the_whole_schema_goes_through_the_chain(empty):
    engine = empty()
    command.upgrade(run.config(engine, "chain_to_0024"), "0016")
    assert not run.current(engine)
    run.migrate(engine)
    assert run.current(engine)


def test_the_chain_is_closed():
    assert max(path.name[:4] for path in (run.FOLDER / "chain_to_0024").glob("[0-9]*.py")) == run.SQUASHED
    assert min(path.name[:4] for path in (run.FOLDER / "versions").glob("[0-9]*.py")) == run.SQUASHED


def test_the_newest_revision_is_the_only_head(engine):
    assert ScriptDirectory.from_config(run.config(engine)).get_heads() == [run.newest()]


def test_models_and_migrations_agree(engine):
    run.check(engine)
