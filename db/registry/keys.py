"""Imports lines of keys.csv: the station's key numbers of a contract's sites."""

from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from db import journal
from db.events.keys import SiteKey
from db.people.contracts import Contract, Site
from db.registry import ImportReport, insert_rows, sites


def apply(db: Session, lines: list[Any], report: ImportReport) -> None:
    """Import one batch of `gateways.registry.Good`. Inside `writing`."""
    contracts = sites.load_sites(db, {line.row.contract for line in lines})
    lines = [line for line in lines if _is_admitted(report, line, contracts)]
    existing = _known_keys(db, [line.row.number for line in lines])
    site_ids = _site_ids(db, lines, contracts)
    new = []
    for line in lines:
        number, contract_id, site_id = line.row.number, contracts[line.row.contract][0], site_ids[line.line]
        if number in existing:
            report.mark(number, _move(db, existing[number], contract_id, site_id, report))
            continue
        report.mark(number, "created")
        new.append({"number": number, "contract_id": contract_id, "site_id": site_id, "source": "registry"})
    insert_rows(db, SiteKey, new)


def _is_admitted(report: ImportReport, line: Any, contracts: dict[int, Any]) -> bool:
    row = line.row
    if row.contract not in contracts:
        report.reject(line.line, f"договора {row.contract} нет: загрузите сначала его (contracts.csv)")
        return False
    at, _ = report.first.setdefault(row.number, (line.line, 0))
    if at != line.line:
        report.reject(line.line, f"ключ {row.number} уже есть в строке {at}")
    return at == line.line


def _known_keys(db: Session, numbers: list[str]) -> dict[str, SiteKey]:
    return {
        key.number: key
        for key in db.execute(select(SiteKey).where(col(SiteKey.number).in_(numbers))).scalars()
    }


def _site_ids(db: Session, lines: list[Any], contracts: dict[int, Any]) -> dict[int, int | None]:
    """Return file line → site id. An unknown site is added; a line without a site name means the contract's
    site if it has exactly one.
    """
    for line in lines:
        row, (contract_id, existing) = line.row, contracts[line.row.contract]
        if row.site and row.site not in existing:
            existing[row.site] = Site(
                contract_id=contract_id, name=row.site, address=row.site_address or _address(db, contract_id)
            )
            db.add(existing[row.site])
    db.flush()
    return {line.line: _site_id(line.row, contracts[line.row.contract][1]) for line in lines}


def _site_id(row: Any, existing: dict[str, Site]) -> int | None:
    if row.site:
        return existing[row.site].id
    return next(iter(existing.values())).id if len(existing) == 1 else None


def _address(db: Session, contract_id: int) -> str:
    return db.execute(select(col(Contract.address)).where(col(Contract.id) == contract_id)).scalar_one()


def _move(db: Session, key: SiteKey, contract_id: int, site_id: int | None, report: ImportReport) -> str:
    """Move a key to the contract the registry names, because the registry is authoritative; the journal
    records the old contract.
    """
    if (key.contract_id, key.site_id, key.source) == (contract_id, site_id, "registry"):
        return "unchanged"
    if key.contract_id != contract_id:
        change: dict[str, Any] = {"key": key.number, "was": key.contract_id, "became": contract_id}
        journal.note(db, "system:registry", "registry.key", report.now, contract_id=contract_id, **change)
        # The new owner must not see events of the former one's premises.
        key.held_since = report.now
    key.contract_id, key.site_id, key.source = contract_id, site_id, "registry"
    return "changed"
