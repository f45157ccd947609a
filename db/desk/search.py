"""Full-text search for staff: contracts, requests and messages, by any Russian word form
(rules/desk/search.py).

Triggers record every change in `search_stale`, bulk imports included; `refresh` stems the changed rows, and
`find` queries the engine's own index (db.engines). Names of the index contain «_fts», which migrations
ignore.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, select

from db import engines, writing
from db.events.keys import SiteKey
from db.people.contracts import Contract, Site
from db.people.subscribers import Subscriber
from db.requests.requests import Request, RequestMessage
from rules.desk import search
from rules.requests.kinds import KIND_WORDS

EVER = "insert update delete"
# (table, its searched columns or "" for any, SQL operations, the query for what to stem again after a change
# of `{row}`)
WATCHED = [
    ("contract", "number, subscriber_id, address", EVER, "SELECT 'contract', {row}.id"),
    ("site", "name, address, contract_id", EVER, "SELECT 'contract', {row}.contract_id"),
    ("key", "number, contract_id", EVER, "SELECT 'contract', {row}.contract_id"),
    ("request", "", EVER, "SELECT 'request', {row}.id"),
    ("request_message", "", EVER, "SELECT 'message', {row}.id"),
    ("subscriber", "name, inn, mobile, contact_mobile, landline, email, code", "update",
     "SELECT 'contract', id FROM contract WHERE subscriber_id = {row}.id"),
]  # fmt: skip


class SearchDocument(SQLModel, table=True):
    __tablename__ = "search"
    __table_args__ = (UniqueConstraint("kind", "ref_id"),)

    id: int = Field(default=None, primary_key=True)
    kind: str = Field(description="contract, request or message")
    ref_id: int
    contract_id: int | None = None
    words: str = Field(description="lower case, ё as е")
    stems: str = Field(description="the same without endings")


class SearchStale(SQLModel, table=True):
    """A row that changed since it was last stemmed."""

    __tablename__ = "search_stale"

    kind: str = Field(primary_key=True)
    ref_id: int = Field(primary_key=True)


@dataclass(frozen=True)
class SearchHit:
    kind: str
    ref_id: int
    contract_id: int | None


def triggers(where: Any = "sqlite") -> list[str]:
    """SQL that records every change of what is searched; each statement may run again."""
    engine = engines.dialect_of(where)
    return [statement for watch in WATCHED for statement in engine.search_triggers(*watch)]


def install_statements(where: Any) -> list[str]:
    """SQL for a database never stemmed: the index, the triggers, and every row marked as changed."""
    return [*engines.dialect_of(where).search_index(), *triggers(where), *NOTE_ALL]


NOTE_ALL = [
    f"INSERT INTO search_stale(kind, ref_id) SELECT '{kind}', id FROM {table}"  # noqa: S608 - our own names
    for kind, table in (("contract", "contract"), ("request", "request"), ("message", "request_message"))
]


def find(db: Session, typed: str, kind: str, limit: int = 20) -> list[SearchHit]:
    """Return the best matches of one kind; whole words rank above stems. Empty for a query without words."""
    expression = search.fts_query(typed)
    if not expression:
        return []
    connection = db.connection()
    rows = engines.dialect_of(connection).find(connection, expression, kind, limit)
    return [SearchHit(*row) for row in rows]


def refresh(db: Session, limit: int = 500) -> int:
    """Stem up to `limit` changed rows; returns the count. Inside `writing`."""
    noted = db.exec(select(SearchStale).limit(limit)).all()
    for kind in {row.kind for row in noted}:
        ids = [row.ref_id for row in noted if row.kind == kind]
        _write(db, kind, SOURCES[kind](db, ids), ids)
        db.connection().execute(
            delete(SearchStale).where(col(SearchStale.kind) == kind, col(SearchStale.ref_id).in_(ids))
        )
    return len(noted)


def has_stale(db: Session) -> bool:
    return db.exec(select(SearchStale.kind).limit(1)).first() is not None


def _write(db: Session, kind: str, found: dict[int, tuple[int | None, str]], ids: Iterable[int]) -> None:
    """Replace the documents of `ids`; those whose row is deleted are removed."""
    old = delete(SearchDocument).where(col(SearchDocument.kind) == kind, col(SearchDocument.ref_id).in_(ids))
    db.connection().execute(old)
    rows = [
        {
            "kind": kind,
            "ref_id": id_,
            "contract_id": contract,
            "words": " ".join(search.split_words(content)),
            "stems": search.stems(content),
        }
        for id_, (contract, content) in found.items()
    ]
    if rows:
        db.connection().execute(SearchDocument.__table__.insert(), rows)  # type: ignore[attr-defined]


def _contracts(db: Session, ids: list[int]) -> dict[int, tuple[int | None, str]]:
    found = select(Contract, Subscriber).join(Subscriber).where(col(Contract.id).in_(ids))
    places: dict[int, list[str]] = {}
    for site in db.exec(select(Site).where(col(Site.contract_id).in_(ids))):
        places.setdefault(site.contract_id, []).append(f"{site.name} {site.address}")
    for key in db.exec(select(SiteKey).where(col(SiteKey.contract_id).in_(ids))):
        places.setdefault(key.contract_id, []).append(key.number)
    return {c.id: (c.id, _about(c, s, places.get(c.id, []))) for c, s in db.exec(found)}


def _about(contract: Contract, who: Subscriber, places: list[str]) -> str:
    phones = [search.phone_words(phone) for phone in (who.mobile, who.contact_mobile, who.landline)]
    return " ".join(
        filter(
            None,
            [
                str(contract.number),
                who.name,
                who.inn,
                who.email,
                who.code,
                contract.address,
                *places,
                *phones,
            ],
        )
    )


def _requests(db: Session, ids: list[int]) -> dict[int, tuple[int | None, str]]:
    rows = db.exec(select(Request).where(col(Request.id).in_(ids)))
    return {
        row.id: (row.contract_id, f"{row.number} {KIND_WORDS.get(row.kind, '')} {_payload_words(row)}")
        for row in rows
    }


def _payload_words(row: Request) -> str:
    phones = [
        search.phone_words(str(row.payload[name]))
        for name in ("mobile", "new_mobile")
        if row.payload.get(name)
    ]
    return " ".join([*map(str, row.payload.values()), *phones])


def _messages(db: Session, ids: list[int]) -> dict[int, tuple[int | None, str]]:
    rows = db.exec(
        select(RequestMessage, Request.contract_id)
        .join(Request, col(Request.id) == RequestMessage.request_id)
        .where(col(RequestMessage.id).in_(ids))
    )
    return {row.id: (contract_id, row.text) for row, contract_id in rows}


SOURCES: dict[str, Callable[[Session, list[int]], dict[int, tuple[int | None, str]]]] = {
    "contract": _contracts,
    "request": _requests,
    "message": _messages,
}


def load_results(db: Session, kind: str, ids: list[int]) -> dict[int, dict[str, Any]]:
    """Return id → the columns the results page needs, with the searched text in `said`."""
    rows: Iterable[Any]
    if kind == "contract":
        rows = db.exec(
            select(Contract.id, Contract.address, Subscriber.mobile)
            .join(Subscriber)
            .where(col(Contract.id).in_(ids))
        )
        return {row.id: {"address": row.address, "mobile": row.mobile, "said": ""} for row in rows}  # type: ignore[attr-defined]
    if kind == "request":
        rows = db.exec(select(Request).where(col(Request.id).in_(ids)))
        return {
            row.id: {
                "number": row.number,
                "kind": row.kind,
                "state": row.state,
                "said": str(row.payload.get("text", "")),
            }
            for row in rows
        }
    rows = db.exec(
        select(RequestMessage, Request.number)
        .join(Request, col(Request.id) == RequestMessage.request_id)
        .where(col(RequestMessage.id).in_(ids))
    )
    return {
        row.id: {"number": number, "name": row.name, "at": row.at, "said": row.text} for row, number in rows
    }


def refresh_job(engine: Engine, _settings: object, _now: datetime) -> int:
    """Job: stem changed rows, up to 10,000 a run, in short transactions so that others can
    write in between.
    """
    done = 0
    with Session(engine) as db:
        while has_stale(db):
            with writing(db):
                done += refresh(db)
            if done >= 10_000:
                break
    return done
