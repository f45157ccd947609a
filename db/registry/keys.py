"""Lines of keys.csv: under which numbers the station knows a contract's sites."""

from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from db import journal
from db.events.keys import SiteKey
from db.people.contracts import Contract, Site
from db.registry import Report, put, sites


def apply(db: Session, lines: list[Any], report: Report) -> None:
    """Take in one batch of `gateways.registry.ParsedLine`; call it inside `writing`."""
    own = sites.of(db, {line.row.contract for line in lines})
    lines = [line for line in lines if _admits(report, line, own)]
    known = _known(db, [line.row.number for line in lines])
    places = _places(db, lines, own)
    new = []
    for line in lines:
        number, contract_id, site_id = line.row.number, own[line.row.contract][0], places[line.line]
        if number in known:
            report.mark(number, _move(db, known[number], contract_id, site_id, report))
            continue
        report.mark(number, "created")
        new.append({"number": number, "contract_id": contract_id, "site_id": site_id, "source": "registry"})
    put(db, SiteKey, new)


def _admits(report: Report, line: Any, own: dict[int, Any]) -> bool:
    row = line.row
    if row.contract not in own:
        report.reject(line.line, f"договора {row.contract} нет: загрузите сначала его (contracts.csv)")
        return False
    at, _ = report.first.setdefault(row.number, (line.line, 0))
    if at != line.line:
        report.reject(line.line, f"ключ {row.number} уже есть в строке {at}")
    return at == line.line


def _known(db: Session, numbers: list[str]) -> dict[str, SiteKey]:
    return {
        key.number: key
        for key in db.execute(select(SiteKey).where(col(SiteKey.number).in_(numbers))).scalars()
    }


def _places(db: Session, lines: list[Any], own: dict[int, Any]) -> dict[int, int | None]:
    """File line → site id. A site not met before is added; a nameless one is the contract's only site, if it
    is one.
    """
    for line in lines:
        row, (contract_id, known) = line.row, own[line.row.contract]
        if row.site and row.site not in known:
            known[row.site] = Site(
                contract_id=contract_id, name=row.site, address=row.site_address or _address(db, contract_id)
            )
            db.add(known[row.site])
    db.flush()
    return {line.line: _place(line.row, own[line.row.contract][1]) for line in lines}


def _place(row: Any, known: dict[str, Site]) -> int | None:
    if row.site:
        return known[row.site].id
    return next(iter(known.values())).id if len(known) == 1 else None


def _address(db: Session, contract_id: int) -> str:
    return db.execute(select(col(Contract.address)).where(col(Contract.id) == contract_id)).scalar_one()


def _move(db: Session, key: SiteKey, contract_id: int, site_id: int | None, report: Report) -> str:
    """The registry has the last word: a key moves to the contract it names, the journal keeps the old one."""
    if (key.contract_id, key.site_id, key.source) == (contract_id, site_id, "registry"):
        return "unchanged"
    if key.contract_id != contract_id:
        was: dict[str, Any] = {"key": key.number, "was": key.contract_id, "became": contract_id}
        journal.note(db, "system:registry", "registry.key", report.now, contract_id=contract_id, **was)
        # What the former holder did at home is nothing to the new one.
        key.held_since = report.now
    key.contract_id, key.site_id, key.source = contract_id, site_id, "registry"
    return "changed"
