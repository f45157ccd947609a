"""The contents of an export of a subscriber's own data: every table that refers to the subscriber, without
secrets and internal notes.

A new table is exported as soon as it refers to a subscriber, to a contract, or to a row that does. Tables and
columns that must not be exported are listed below.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import ColumnElement, Table, func, or_, select
from sqlmodel import Session, SQLModel, col

from db import sealed_columns
from db.events import keys
from db.events.events import Event
from db.money.ledger import LedgerEntry
from db.people import contracts, ownership
from db.people.contracts import Contract
from db.people.services import Service
from db.requests import sealed_attachments
from db.requests.attachments import Attachment
from rules import csv_tables, days
from rules.money.statement import BALANCE_AT_TRANSFER

PIECE = 1 << 20
# Internal tables, and sealed bytes that the archive contains as files.
EXCLUDED_TABLES = {
    "session",
    "code",
    "sending",
    "attempt",
    "registration",
    "export",
    "export_piece",
    "attachment_piece",
    "delivery",
    "event",
    "staff",
    "device_token",
    "canned_answer",
    "fresh",
    "key_try",
    "key_challenge",
    "outbox",
    "notice",
    "notice_contract",
    "search",
    "debt",
    "journal_subject",
    "unsent_form",  # text of an unsent form: sealed, kept for a day
}
SECRET_WORDS = (
    "hash",
    "digest",
    "secret",
    "token",
    "seal",
    "key_id",
    "fingerprint",
    "initial",
    "payload_raw",
)
READ_ME = """Это копия всего, что личный кабинет хранит о вас.

Файлы .json открываются любым текстовым редактором: по одному на каждый вид записей. События лежат в
sobytiya.csv, приложенные к обращениям файлы в папке files. Время московское, деньги в копейках.
Пароля здесь нет: от него мы храним только необратимый отпечаток, и в копию он не входит, как и коды из SMS.
"""


def write(db: Session, subscriber_id: int, sealing_keys: Sequence[str], now: datetime) -> IO[bytes]:
    """Write the zip to a temporary file and return it, rewound to the beginning. A large archive is kept on
    disk, not in memory.
    """
    starts = _ownership_starts(db, subscriber_id)
    packed_into: IO[bytes] = SpooledTemporaryFile(max_size=8 * PIECE)  # noqa: SIM115 - closed by the caller
    with ZipFile(packed_into, "w", ZIP_DEFLATED) as packed:
        packed.writestr("README.txt", READ_ME)
        for table in SQLModel.metadata.sorted_tables:
            if (mine := _owned_rows(table, subscriber_id)) is not None:
                found = db.connection().execute(select(table).where(mine)).all()
                rows = [
                    _public_columns(table, row)
                    for row in found
                    if table.name != "service_interval"
                    or row.last is None
                    or row.last >= starts.get(row.service_id, row.last)
                ]
                if table.name == "ledger_entry":
                    rows = _balance_at_transfer(db, subscriber_id) + rows
                if rows:
                    packed.writestr(f"{table.name}.json", json.dumps(rows, ensure_ascii=False, indent=1))
        packed.writestr("sobytiya.csv", _events(db, subscriber_id))
        for name, pieces in _files(db, subscriber_id, sealing_keys):
            with packed.open(name, "w") as file:
                for piece in pieces:
                    file.write(piece)
    packed_into.seek(0)
    return packed_into


def _owned_rows(table: Table, subscriber_id: int, depth: int = 3) -> ColumnElement[bool] | None:
    """The condition for this subscriber's rows of a table; None when it does not refer to subscribers."""
    if table.name in EXCLUDED_TABLES or depth == 0:
        return None
    if table.name == "subscriber":
        return table.c.id == subscriber_id
    owned = None if table.name in ownership.OWNED_THROUGH else ownership.owner_clause(table, subscriber_id)
    ways = [] if owned is None else [owned]
    for link in () if ways else table.foreign_keys:
        other = link.column.table
        if ownership.OWNED_THROUGH.get(table.name, other.name) == other.name:
            theirs = _owned_rows(other, subscriber_id, depth - 1)
            if theirs is not None:
                ways.append(link.parent.in_(select(link.column).where(theirs)))
    if not ways:
        return None
    return or_(*ways) if "internal" not in table.c else or_(*ways) & (table.c.internal == 0)


def _public_columns(table: Table, row: Any) -> dict[str, Any]:
    """Return one row without secret columns, with days and instants formatted for people."""
    return {
        column.name: _json_value(value)
        for column, value in zip(table.c, row, strict=True)
        if not any(word in column.name for word in SECRET_WORDS)
        and not isinstance(value, bytes)
        and (table.name, column.name) not in sealed_columns.NAMES
    }


def _ownership_starts(db: Session, subscriber_id: int) -> dict[int, date]:
    """Return the first day of each service under its present owner. Suspensions that ended earlier belong to
    the former owner.
    """
    handed = select(Service.id, Contract.owned_since).join(Contract, col(Contract.id) == Service.contract_id)  # type: ignore[call-overload]
    handed = handed.where(
        col(Contract.subscriber_id) == subscriber_id, col(Contract.owned_since).is_not(None)
    )
    return {int(id_): days.today(since) for id_, since in db.connection().execute(handed)}


def _balance_at_transfer(db: Session, subscriber_id: int) -> list[dict[str, Any]]:
    """Return the balance at the transfer of a contract as one line: the entries it was made of belong to the
    former owner.
    """
    entries = LedgerEntry.__table__.c  # type: ignore[attr-defined]
    sums = (
        select(Contract.id, Contract.owned_since, func.sum(entries.amount))  # type: ignore[call-overload]
        .join(LedgerEntry, entries.contract_id == Contract.id)
        .where(col(Contract.subscriber_id) == subscriber_id, entries.at <= Contract.owned_since)
        .group_by(col(Contract.id), col(Contract.owned_since))
    )
    return [
        {
            "contract_id": id_,
            "day": _json_value(days.today(since)),
            "amount": int(left),
            "kind": "opening",
            "note": BALANCE_AT_TRANSFER,
        }
        for id_, since, left in db.connection().execute(sums)
    ]


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(days.MOSCOW).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _events(db: Session, subscriber_id: int) -> str:
    """Return all events the subscriber may see: only of keys they have added, and only since the keys are
    theirs.
    """
    lines = []
    for contract_id in [one.id for one in contracts.list_contracts(db, subscriber_id)]:
        for key in keys.visible_keys(db, contract_id):
            since = key.held_since.timestamp() if key.held_since else 0
            mine = select(Event.at, Event.kind, Event.code, Event.who).where(  # type: ignore[call-overload]
                Event.key_id == key.key_id, Event.at >= since
            )  # type: ignore[call-overload]
            for at, kind, code, who in db.connection().execute(mine.order_by(col(Event.at))):
                lines.append(
                    [_json_value(datetime.fromtimestamp(at, UTC)), key.number, kind, code, who or ""]
                )
    return csv_tables.BOM + csv_tables.text(["когда", "ключ", "вид", "код", "кто"], lines)


def _files(
    db: Session, subscriber_id: int, sealing_keys: Sequence[str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    mine = select(Attachment).where(
        col(Attachment.subscriber_id) == subscriber_id, col(Attachment.erased_at).is_(None)
    )
    for row in db.execute(mine.order_by(col(Attachment.id))).scalars():
        name = row.name.replace("/", "_").replace("\\", "_")
        yield f"files/{row.id}-{name}", sealed_attachments.read(db, sealing_keys, row)
