"""Each column that may hold a secret is listed as sealed, hashed or deliberately open."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import LargeBinary
from sqlmodel import SQLModel

from db import sealed_columns
from db.payments.callbacks import BankCallback
from db.sealed_columns import EMPTIED, SEALED
from tests.kit import engines

# Every column decided


WORDS = (
    "hash",
    "digest",
    "secret",
    "token",
    "seal",
    "password",
    "key",
    "code",
    "sign",
    "body",
    "raw",
    "page",
    "print",
    "text",
    "initial",
    "bound",
    "sha",
    "totp",
    "facts",
    "payload",
    "data",
)


# Digests of random values of 144 bits and more, argon2, and sealed pieces.
SAFE = {
    "subscriber.password_hash",
    "subscriber.initial_hash",
    "staff.password_hash",
    "staff.invite_hash",
    "session.token_hash",
    "registration.token_hash",
    "attachment_piece.data",
    "export_piece.data",
    "attachment.seal",
    "sending.digest",
    "sending.key",
    "code.digest",
    "code.bound_to",
    "device_token.token_hash",
    "device_token.session_hash",
}


# Not secrets: they open nothing. Names of things, public texts, what a person wrote to the desk, what lies
# beside its digest.
OPEN = {
    "acceptance.sha256",
    "attachment.key_id",
    "attachment.sha256",
    "export.key_id",
    "event.code",
    "event.raw",
    "journal.facts",
    "key_name.number",
    "payment.key",
    "payment.page",
    "receipt.sign",
    "refund.key",
    "request.fingerprint",
    "request.payload",
    "request_message.text",
    "subscriber.code",
    "waiting_event.code",
    "waiting_event.raw",
    "canned_answer.text",
    "notice.text",
}


def test_every_column_that_may_hold_a_secret_is_decided(engine):
    """A new column so named is put into `db.sealed_columns`, or said here to be safe or open."""
    kept = {f"{table}.{name}" for table, name in sealed_columns.NAMES}
    there = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if any(word in column.name for word in WORDS)
        and not column.foreign_keys
        and (isinstance(column.type, LargeBinary) or column.type.python_type in (str, dict, bytes))
    }
    assert there - kept - SAFE - OPEN == set()


@engines.sqlite_only
def test_freed_bytes_are_zeroed(engine, write, clock):
    with engine.connect() as db:
        assert db.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
    with write() as own:
        own.add(BankCallback(at=clock.now(), address="", body="слово, которого не станет"))
    with write() as own:
        own.connection().exec_driver_sql("DELETE FROM bank_call")
    with closing(sqlite3.connect(engine.url.database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "слово, которого не станет".encode() not in Path(engine.url.database).read_bytes()


def test_the_list_names_columns_that_are_there():
    for one in (*SEALED, *EMPTIED):
        assert {name for name in (one.column, one.clear, *one.marks) if name} <= set(
            one.rows.columns.keys()
        ) | {column.name for column in one.rows.columns}
