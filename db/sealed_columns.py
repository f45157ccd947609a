"""The list of encrypted text columns; encryption, decryption, key rotation and checks all use it.

A value is bound to its table, column and row: copied to another place, it does not decrypt. Values that an
earlier release stored as plain text are in a second column (`clear`), which is read until `seal_clear` has
emptied it. An earlier release that is put back for a while finds that column empty and works without it.
Attached files and exports are encrypted in chunks by their own modules.
"""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Engine,
    Row,
    Table,
    bindparam,
    func,
    inspect,
    literal_column,
    select,
    text,
    update,
)
from sqlmodel import Field, Session, SQLModel

from db import Instant, engines, sealing, writing

# An earlier release that is put back for a while would send the column `text` as it is.
STAND_IN = "Кабинет обновлялся, и это сообщение не дошло. Запросите его ещё раз."


class Sealed(NamedTuple):
    """`about` is the context a value is bound to, with {} for the row's primary key; `counted` names such
    values in a report.

    `clear` is the column of the old plain text. `left` selects rows that still have it, `emptied` replaces it
    after encryption and `marks` are set at the same time; `spent` selects rows whose value is deleted instead
    of encrypted.
    """

    table: str
    column: str
    about: str
    counted: str
    clear: str = ""
    left: str = ""
    emptied: str | None = None
    spent: str = "1 = 0"
    marks: dict[str, int] = {}  # noqa: RUF012 - never changed

    @property
    def rows(self) -> Table:
        return SQLModel.metadata.tables[self.table]

    @property
    def key(self) -> Column[Any]:
        return next(iter(self.rows.primary_key.columns))


# Kinds that earlier releases stored as plain text, written as in the index. Kinds that became secret later
# were never stored so.
UNSEALED_MESSAGES = "secret = 0 AND kind IN ('code', 'password', 'confirm-email')"
SEALED = (
    Sealed(
        "subscriber",
        "totp_sealed",
        "subscriber.totp:{}",
        "вторых факторов абонентов",
        "totp_secret",
        "totp_secret IS NOT NULL",
    ),
    Sealed("autopay", "token_sealed", "autopay.token:{}", "привязанных карт", "token", "token IS NOT NULL"),
    Sealed(
        "outbox",
        "sealed",
        "outbox.text:{}",
        "сообщений с кодами",
        "text",
        UNSEALED_MESSAGES,
        STAND_IN,
        "state IN ('sent', 'dead')",
        {"secret": 1},
    ),
    Sealed("bank_call", "body_sealed", "bank_call.body:{}", "уведомлений банка", "body", "body <> ''", ""),
    Sealed(
        "staff_recovery_code",
        "code_sealed",
        "recovery_code:{}",
        "кодов восстановления",
        "code_hash",
        "code_hash <> ''",
        "",
    ),
    Sealed("unsent_form", "fields_sealed", "unsent_form:{}", "неотправленных форм"),
    # The context predates this list and must not change: an earlier release has to decrypt these values.
    Sealed("staff", "totp_secret", "staff:{}", "вторых факторов сотрудников"),
    Sealed("staff", "invite_secret", "staff:{}", "вторых факторов приглашённых"),
    Sealed("panel_key", "sealed", "panel:{}", "ключей приборов"),
)
# The card to charge is found through the autopay; a payment keeps no copy of it.
EMPTIED = (Sealed("payment", "", "", "", "token", "token IS NOT NULL", spent="1 = 1"),)
# Columns with secrets, now or in the past: (table, column).
NAMES = {(one.table, name) for one in (*SEALED, *EMPTIED) for name in (one.column, one.clear) if name}
BATCH = 500
PATIENCE = 20.0


class Cleaning(SQLModel, table=True):
    """Records that the file was rewritten after all values were encrypted, so that free pages hold no plain
    text.
    """

    __tablename__ = "secrets_cleaned"

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)


def write(db: Session, row: Any, column: str, value: str | None) -> None:
    """Encrypt a value into this row's column, or empty it. Inside `writing`; a new row is flushed to get its
    id.
    """
    one = _find_sealed(row, column)
    if value is not None:
        if getattr(row, one.key.name) is None:
            db.add(row)
            db.flush()
        value = sealing.seal(sealing.session_keys(db), value, _seal_context(one, row))
    setattr(row, column, value)
    if one.clear:
        setattr(row, _attribute(row, one.clear), one.emptied)
    db.add(row)


def read(db: Session, row: Any, column: str) -> str | None:
    """Return the decrypted value, None when there is none. LookupError when no key fits."""
    one = _find_sealed(row, column)
    clear = getattr(row, _attribute(row, one.clear)) if one.clear else None
    if clear and clear != one.emptied:
        return str(clear)  # not encrypted yet, or written since by an earlier release
    sealed = getattr(row, column)
    return sealing.unseal(sealing.session_keys(db), sealed, _seal_context(one, row)) if sealed else None


def _find_sealed(row: Any, column: str) -> Sealed:
    return next(one for one in SEALED if (one.table, one.column) == (row.__tablename__, column))


def _seal_context(one: Sealed, row: Any) -> str:
    return one.about.format(getattr(row, one.key.name))


def _attribute(row: Any, column: str) -> str:
    """Return the model's attribute for a column; a column that must not be used by mistake has another name
    in its model.
    """
    mapper = inspect(type(row))
    return str(mapper.get_property_by_column(mapper.local_table.c[column]).key)


def seal_clear(engine: Engine, settings: Any, now: datetime) -> None:
    """Job: encrypt values stored as plain text, a few rows at a time, for at most twenty seconds; the next
    run continues.
    """
    began = time.monotonic()
    for one in (*SEALED, *EMPTIED):
        while one.clear and _seal_some(engine, settings.attachment_keys, one) == BATCH:
            if time.monotonic() - began > PATIENCE:
                return


def seal_all(engine: Engine, keys: list[str]) -> Counter[str]:
    """Encrypt all values stored as plain text and return how many there were of each kind."""
    found: Counter[str] = Counter()
    for one in (*SEALED, *EMPTIED):
        while one.clear and (count := _seal_some(engine, keys, one)):
            found[one.counted or one.table] += count
    return found


def _seal_some(engine: Engine, keys: list[str], one: Sealed) -> int:
    some = select(one.key, one.rows.c[one.clear], literal_column(f"CASE WHEN {one.spent} THEN 1 ELSE 0 END"))
    some = some.where(text(one.left)).order_by(one.key).limit(BATCH)
    with Session(engine) as db:
        if db.connection().execute(some.limit(1)).first() is None:
            return 0
        with writing(db):
            rows = db.connection().execute(some).all()
            values: dict[str, Any] = {one.clear: one.emptied} | one.marks
            if one.column:
                values[one.column] = bindparam("sealed_value")
            changed = update(one.rows).where(one.key == bindparam("row_key")).values(values)
            db.connection().execute(changed, [_sealed_values(keys, one, *row) for row in rows])
    return len(rows)


def _sealed_values(keys: list[str], one: Sealed, key: object, clear: str, spent: int) -> dict[str, object]:
    return {"row_key": key} | (
        {"sealed_value": None if spent else sealing.seal(keys, clear, one.about.format(key))}
        if one.column
        else {}
    )


def count_clear(db: Session) -> int:
    """Return how many values are still stored as plain text."""
    left = [
        select(func.count()).select_from(one.rows).where(text(one.left))
        for one in (*SEALED, *EMPTIED)
        if one.clear
    ]
    return sum(db.connection().execute(each).scalar_one() for each in left)


def reseal(engine: Engine, keys: list[str]) -> Counter[str]:
    """Re-encrypt everything with the newest key, a few rows at a time, so that older keys can be removed;
    return how many values were changed.

    LookupError names a value that no configured key decrypts.
    """
    found: Counter[str] = Counter()
    for one in SEALED:
        last = None
        with Session(engine) as db:
            while rows := _page(db, one, last):
                with writing(db):
                    moved = [
                        new
                        for row in _page(db, one, last)
                        if (new := _resealed_values(keys, one, row[0], row[1]))  # type: ignore[misc]
                    ]
                    if moved:
                        put = update(one.rows).where(
                            one.key == bindparam("row_key"), one.rows.c[one.column] == bindparam("was")
                        )
                        db.connection().execute(put.values({one.column: bindparam("sealed_value")}), moved)
                last, found[one.counted] = rows[-1][0], found[one.counted] + len(moved)
    return found


def _page(db: Session, one: Sealed, last: Any) -> list[Row[Any]]:
    some = select(one.key, one.rows.c[one.column]).where(
        one.rows.c[one.column].is_not(None), one.rows.c[one.column] != ""
    )
    some = some if last is None else some.where(one.key > last)
    return list(db.connection().execute(some.order_by(one.key).limit(BATCH)))


def _resealed_values(keys: list[str], one: Sealed, key: object, sealed: str) -> dict[str, object] | None:
    about = one.about.format(key)
    if _can_unseal(keys[-1:], sealed, about):
        return None
    return {
        "row_key": key,
        "was": sealed,
        "sealed_value": sealing.seal(keys, sealing.unseal(keys, sealed, about), about),
    }


def count_unreadable(db: Session, keys: list[str]) -> Counter[str]:
    """Return how many values no configured key decrypts, by kind."""
    found: Counter[str] = Counter()
    for one in SEALED:
        for key, sealed in _all_rows(db, one):  # type: ignore[misc]
            found[one.counted] += not _can_unseal(keys, sealed, one.about.format(key))
    return +found


def _all_rows(db: Session, one: Sealed) -> Iterator[Row[Any]]:
    last = None
    while rows := _page(db, one, last):
        yield from rows
        last = rows[-1][0]


def _can_unseal(keys: list[str], sealed: str, about: str) -> bool:
    try:
        sealing.unseal(keys, sealed, about)
    except (LookupError, ValueError):
        return False
    return True


def clean_file(engine: Engine, now: datetime) -> None:
    """Rewrite the file, so that free pages and the log hold no plain text. Other writers wait meanwhile."""
    engines.dialect_of(engine).rewrite(engine, sorted({one.table for one in (*SEALED, *EMPTIED)}))
    with Session(engine) as db, writing(db):
        db.add(Cleaning(at=now))


def last_cleaned_at(db: Session) -> datetime | None:
    """Return when the file was last rewritten; None if it never was since secrets were stored
    as plain text.
    """
    return db.connection().execute(select(func.max(Cleaning.at))).scalar()
