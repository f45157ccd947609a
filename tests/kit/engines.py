"""The database engine of the tests: SQLite, or the server whose address `tests.kit.server` put into the
environment.

A SQLite file is copied for each test. Creating or dropping a PostgreSQL database takes a tenth of a second,
so each worker has few of them: `keep` remembers the initial rows, `again` restores them, and recreates the
database where a test has changed its schema.
"""

import os
import sqlite3
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from db.engines.postgres import WRITER
from tests.kit.server import ADDRESS

SERVER = os.environ.get(ADDRESS, "")
WORKER = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
_numbers = count(1)

sqlite_only = pytest.mark.skipif(bool(SERVER), reason="о самом файле SQLite")
postgres_only = pytest.mark.skipif(not SERVER, reason="нужен PostgreSQL: make test-postgres")


def fresh(folder: Path) -> str:
    """Return the address of a new empty database; it is removed with the folder, or with the server."""
    if not SERVER:
        return f"sqlite:///{folder / 'cabinet.sqlite'}"
    name = f"test_{WORKER}_{next(_numbers)}"
    with _admin(SERVER).connect() as db:
        db.execute(text(f"CREATE DATABASE {name}"))
    return SERVER.replace("/postgres?", f"/{name}?")


def keep(url: str) -> str:
    """Remember the present contents of this database."""
    if SERVER:
        with _admin(url).connect() as db:
            db.connection.driver_connection.execute(KEEP)
        name = make_url(url).database
        _made(f"{name}_kept", name)
    return url


def again(url: str, folder: Path) -> str:
    """Return the address of a database with the remembered contents and no connections."""
    if SERVER:
        with _admin(url).connect() as db:
            same = db.exec_driver_sql("SELECT kept.restore()").scalar()
        if not same:
            name = make_url(url).database
            _made(name, f"{name}_kept")
        return url
    path = folder / "cabinet.sqlite"
    path.write_bytes(Path(make_url(url).database).read_bytes())
    return f"sqlite:///{path}"


def locked(settings):
    """Hold the write lock until `rollback()`."""
    if not SERVER:
        lock = sqlite3.connect(settings.database, isolation_level=None, check_same_thread=False)
        lock.execute("BEGIN IMMEDIATE")
        return lock
    url = make_url(settings.database)
    lock = psycopg.connect(dbname=url.database, user=url.username, **url.query)
    lock.execute("SELECT pg_advisory_xact_lock(%s)", (WRITER,))
    return lock


def _made(name: str, template: str) -> None:
    """Create this database as a copy of the template, with no connections to either."""
    with _admin(SERVER).connect() as db:
        db.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        db.execute(text(LEAVE), {"name": template})
        db.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))


@cache
def _admin(url: str):
    return create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)


LEAVE = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"
KEEP = """
CREATE SCHEMA kept;
DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT relname FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition LOOP
    EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', one, one);
  END LOOP;
END $$;
CREATE TABLE kept."#last" AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
CREATE FUNCTION kept.shape() RETURNS text LANGUAGE sql AS $$
  SELECT md5(string_agg(relname || '.' || attname, ',' ORDER BY relname, attnum))
  FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
  WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'i', 'I') AND attnum > 0 $$;
CREATE TABLE kept."#shape" AS SELECT kept.shape() AS shape;
CREATE FUNCTION kept.restore() RETURNS boolean LANGUAGE plpgsql AS $$ DECLARE one text; last bigint; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  IF kept.shape() <> (SELECT shape FROM kept."#shape") THEN RETURN false; END IF;
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'kept'::regnamespace AND relkind = 'r'
             AND relname !~ '^#' LOOP
    EXECUTE format('DELETE FROM public.%I', one);
    EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', one, one);
  END LOOP;
  FOR one, last IN SELECT * FROM kept."#last" LOOP
    PERFORM setval(format('public.%I', one)::regclass, coalesce(last, 1), last IS NOT NULL);
  END LOOP;
  RETURN true;
END $$;
"""
