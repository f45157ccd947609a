"""Imports protected premises; the registry has one line of a contract for each."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from db.people.contracts import Contract, Site
from db.registry import ImportReport, insert_rows
from rules.people.contracts import UNNAMED_SITE


def apply(db: Session, lines: list[Any], report: ImportReport) -> None:
    """Add unknown sites and correct addresses of known ones; sites missing from the file stay."""
    contracts = load_sites(db, {line.row.number for line in lines})
    new: dict[tuple[int, str], dict[str, Any]] = {}
    for line in lines:
        row, (contract_id, existing) = line.row, contracts[line.row.number]
        name, address = row.site or UNNAMED_SITE.capitalize(), row.site_address or row.address
        if name not in existing and (contract_id, name) not in new:
            new[contract_id, name] = {"contract_id": contract_id, "name": name, "address": address}
            report.mark(row.number, "changed")
        elif name in existing and existing[name].address != address:
            existing[name].address = address
            report.mark(row.number, "changed")
    insert_rows(db, Site, list(new.values()))


def load_sites(db: Session, numbers: Iterable[int]) -> dict[int, tuple[int, dict[str, Site]]]:
    """Contract number → its id and its sites by name."""
    found = db.execute(
        select(col(Contract.number), col(Contract.id), Site)
        .outerjoin(Site, col(Site.contract_id) == col(Contract.id))
        .where(col(Contract.number).in_(list(numbers)))
        .order_by(col(Site.id))
    )
    contracts: dict[int, tuple[int, dict[str, Site]]] = {}
    for number, contract_id, site in found:
        existing = contracts.setdefault(number, (contract_id, {}))[1]
        if site is not None:
            existing.setdefault(site.name, site)
    return contracts
