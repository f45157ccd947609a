"""The registry's imports: the result of each file, and the last imported line of each contract.

The last line is stored so that a file changes only what the registry itself changed: a phone or an e-mail
that the subscriber has changed here since then is not set back by the next export.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert
from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant, journal, writing
from rules.requests.owner_alerts import Office

BATCH = 2000  # lines in one transaction: other writers wait at most a tenth of a second
MOST = 10_000  # most rejections and remarks stored with their texts


class RegistryLine(SQLModel, table=True):
    """The last imported line of a contract: a JSON list in the order of `db.registry.contracts.FACTS`."""

    __tablename__ = "registry_line"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    facts: str


class RegistryImport(SQLModel, table=True):
    """One imported file; `report` is JSON {"rejected": [[line, reason]…], "remarks": [[line, words]…],
    "skipped": [[line, words]…]}.
    """

    __tablename__ = "registry_import"

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    kind: str = Field(description="contracts or keys")
    file: str = Field(description="the file's name, without its folders")
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    report: str = "{}"

    @property
    def rejections(self) -> list[tuple[int, str]]:
        """(line, reason) of the rejected lines, the first 500."""
        return [(line, reason) for line, reason in json.loads(self.report).get("rejected", [])]


@dataclass
class ImportReport:
    """The result of a file: outcomes by contract or key, rejections by line with reasons in Russian."""

    kind: str
    file: str
    now: datetime
    office: Office = field(default_factory=Office)
    outcome: dict[Any, str] = field(default_factory=dict)
    first: dict[Any, tuple[int, int]] = field(
        default_factory=dict
    )  # contract or key → its first line and a hash of it
    holders: dict[str, tuple[int, int, int]] = field(
        default_factory=dict
    )  # subscriber's code → line and two hashes
    rejected: int = 0
    rejections: list[tuple[int, str]] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)

    def reject(self, line: int, reason: str) -> None:
        self.rejected += 1
        if len(self.rejections) < MOST:
            self.rejections.append((line, reason))

    def skip(self, line: int, words: str) -> None:
        """Record a line without data, so that every line of the file is in the report."""
        if len(self.skipped) < MOST:
            self.skipped.append((line, words))

    def remark(self, line: int, words: str) -> None:
        if len(self.remarks) < MOST:
            self.remarks.append((line, words))

    def mark(self, what: Any, outcome: str) -> None:
        """Record the outcome of a contract or key; of several lines the strongest counts: created, then
        changed, then unchanged.
        """
        rank = ["unchanged", "changed", "created"]
        self.outcome[what] = max(self.outcome.get(what, outcome), outcome, key=rank.index)

    def counts(self) -> dict[str, int]:
        found = Counter(self.outcome.values())
        return {name: found[name] for name in ("created", "changed", "unchanged")} | {
            "rejected": self.rejected
        }


Apply = Callable[[Session, list[Any], ImportReport], None]


def run(db: Session, lines: Iterable[Any], apply: Apply, report: ImportReport) -> ImportReport:
    """Import every valid line in batches, each its own transaction, so an interrupted import can be run
    again.
    """
    for batch in _batches(lines):
        good = [line for line in batch if hasattr(line, "row")]
        for line in batch:
            for words in getattr(line, "remarks", ()):
                report.remark(line.line, words)
            if hasattr(line, "skipped"):
                report.skip(line.line, line.skipped)
            elif not hasattr(line, "row"):
                report.reject(line.line, line.reason)
        with writing(db):
            apply(db, good, report)
    _store_report(db, report)
    return report


def latest(db: Session, most: int = 20) -> list[RegistryImport]:
    """Return imports for the staff work page, newest first."""
    return list(db.exec(select(RegistryImport).order_by(col(RegistryImport.id).desc()).limit(most)))


def _batches(lines: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(lines)
    while batch := list(islice(source, BATCH)):
        yield batch


def _store_report(db: Session, report: ImportReport) -> None:
    with writing(db):
        text = json.dumps(
            {
                "rejected": report.rejections[:500],
                "remarks": report.remarks[:500],
                "skipped": report.skipped[:500],
            },
            ensure_ascii=False,
        )
        db.add(
            RegistryImport(at=report.now, kind=report.kind, file=report.file, report=text, **report.counts())
        )
        journal.note(
            db, "system:registry", f"registry.{report.kind}", report.now, file=report.file, **report.counts()
        )


def insert_rows(db: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Insert many rows with one statement."""
    if rows:
        db.connection().execute(insert(table), rows)
