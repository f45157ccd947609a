"""Imports lines of contracts.csv: subscribers, contracts, services, opening balances; writes only changes."""

import json
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from db import journal, outbox
from db.access import codes, sessions
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from db.registry import ImportReport, RegistryLine, handovers, insert_rows, services, sites
from rules import phones
from rules.registry.lines import ContractLine
from rules.requests import owner_alerts

WHO = ("kind", "name", "inn")
WAYS = ("mobile", "contact_mobile", "landline", "email")
APART = (
    "number",
    "balance",
    "balance_day",
    "site",
    "site_address",
)  # balances change daily; sites have their own lines
FACTS = tuple(name for name in ContractLine._fields if name not in APART)
SYSTEM = "system:registry"


def apply(db: Session, lines: list[Any], report: ImportReport) -> None:
    """Import one batch of `gateways.registry.Good`. Inside `writing`."""
    admitted = [line for line in lines if _is_admitted(report, line)]
    heads = {line.row.number: line for line in admitted if report.first[line.row.number][0] == line.line}
    existing = _known_contracts(db, list(heads))
    added = {n: line for n, line in heads.items() if n not in existing}
    changed = {n: line for n, line in heads.items() if n in existing and existing[n].facts != facts(line.row)}
    for number in heads:
        report.mark(number, "created" if number in added else "changed" if number in changed else "unchanged")
    holders = _holders(db, [*added.values(), *changed.values()], report)
    if added:
        _add(db, added, holders, report)
    if changed:
        _change(db, changed, existing, holders, report)
    _store_lines(db, added, changed, existing)
    sites.apply(db, admitted, report)


def facts(row: ContractLine) -> list[Any]:
    """Return the values of a line that are stored for comparison with the next import, as plain
    JSON values.
    """
    return [
        value.isoformat() if isinstance(value, date) else value for value in (getattr(row, n) for n in FACTS)
    ]


def _is_admitted(report: ImportReport, line: Any) -> bool:
    """Return whether the line is accepted: rejected are a second line of a contract that differs in more than
    its site, and a second name of a subscriber.
    """
    row, line_hash = line.row, hash(tuple(facts(line.row)))
    who, contacts = hash(tuple(getattr(row, n) for n in WHO)), hash(tuple(getattr(row, n) for n in WAYS))
    at, first = report.first.setdefault(row.number, (line.line, line_hash))
    if first != line_hash:
        report.reject(line.line, f"договор {row.number} уже есть в строке {at}, а здесь сказано другое")
        return False
    at, first_who, first_ways = report.holders.setdefault(row.code, (line.line, who, contacts))
    if first_who != who:
        report.reject(line.line, f"абонент {row.code} в строке {at} назван иначе")
        del report.first[row.number]
        return False
    if first_ways != contacts:
        report.remark(
            line.line, f"у абонента {row.code} в строке {at} другие телефоны или e-mail: взяты оттуда"
        )
    return True


class KnownContract(NamedTuple):
    id: int
    subscriber_id: int
    facts: list[Any]
    ends_on: date | None


def _known_contracts(db: Session, numbers: list[int]) -> dict[int, KnownContract]:
    """Return {contract number: its row and the facts of its last import, [] if there was none}."""
    found = db.execute(
        select(
            *map(
                col,
                (Contract.number, Contract.id, Contract.subscriber_id, RegistryLine.facts, Contract.ends_on),
            )
        )
        .outerjoin(RegistryLine, col(RegistryLine.number) == col(Contract.number))
        .where(col(Contract.number).in_(numbers))
    )
    return {row[0]: KnownContract(row[1], row[2], json.loads(row[3] or "[]"), row[4]) for row in found}


def _is_first_of_subscriber(report: ImportReport, line: Any) -> bool:
    """Return whether this is the subscriber's first line in the file; only that one changes the
    subscriber.
    """
    return report.holders[line.row.code][0] == line.line


def _holders(db: Session, lines: list[Any], report: ImportReport) -> dict[str, Subscriber]:
    """Return subscribers by code, adding new ones."""
    codes = {line.row.code: line.row for line in reversed(lines)}
    found = _subscribers_by_code(db, list(codes))
    new = [row for code, row in codes.items() if code not in found]
    if new:
        insert_rows(
            db, Subscriber, [{"code": row.code, **{n: getattr(row, n) for n in WHO + WAYS}} for row in new]
        )
        found |= _subscribers_by_code(db, [row.code for row in new])
    return found


def _subscribers_by_code(db: Session, codes: list[str]) -> dict[str, Subscriber]:
    found = db.execute(select(Subscriber).where(col(Subscriber.code).in_(codes))).scalars()
    return {one.code: one for one in found}


def _add(db: Session, added: dict[int, Any], holders: dict[str, Subscriber], report: ImportReport) -> None:
    rows = [line.row for line in added.values()]
    insert_rows(
        db,
        Contract,
        [
            {"number": row.number, "subscriber_id": holders[row.code].id, "signed_on": row.signed_on}
            | {"address": row.address, "ends_on": row.ends_on}
            for row in rows
        ],
    )
    ids = {n: existing[0] for n, existing in _known_contracts(db, list(added)).items()}
    services.add(db, rows, ids, report)
    for line in added.values():
        _fill(holders[line.row.code], line.row)


def _fill(holder: Subscriber, row: ContractLine) -> None:
    """Fill the empty contact fields of a known subscriber from a new contract; contacts entered in the
    cabinet stay.
    """
    for name in WAYS:
        if getattr(row, name) and not getattr(holder, name):
            setattr(holder, name, getattr(row, name))


def _change(
    db: Session,
    changed: dict[int, Any],
    existing: dict[int, KnownContract],
    holders: dict[str, Subscriber],
    report: ImportReport,
) -> None:
    changes = {number: _changed_names(line.row, existing[number].facts) for number, line in changed.items()}
    papers = []
    for number, line in changed.items():
        contract_id, owner = existing[number][:2]
        holder, row = holders[line.row.code], line.row
        if holder.id != owner:
            handovers.hand_over(db, contract_id, owner, holder, row, report)
        elif _is_first_of_subscriber(report, line):
            _update_subscriber(db, report, holder, row, changes[number], contract_id)
        same = {"signed_on": row.signed_on, "address": row.address, "ends_on": row.ends_on}
        papers.append({"b_id": contract_id, "subscriber_id": holder.id, **same})
    columns: dict[str, Any] = {
        name: bindparam(name) for name in ("subscriber_id", "signed_on", "address", "ends_on")
    }
    db.connection().execute(
        update(Contract).where(col(Contract.id) == bindparam("b_id")).values(columns), papers
    )
    ids = {number: existing[number].id for number in changed}
    ended = {number: existing[number].ends_on for number in changed}
    services.change(
        db, {number: (line.row, changes[number]) for number, line in changed.items()}, ids, ended, report
    )


def _changed_names(row: ContractLine, before: list[Any]) -> set[str]:
    """Return names of the facts that differ from the last import; all of them if there was none."""
    previous = dict(zip(FACTS, before, strict=False))
    return {
        name
        for name, value in zip(FACTS, facts(row), strict=True)
        if name not in previous or previous[name] != value
    }


def _update_subscriber(
    db: Session, report: ImportReport, holder: Subscriber, row: ContractLine, news: set[str], contract_id: int
) -> None:
    """Write the registry's changes to the subscriber. A new sign-in phone is journalled (masked) and ends the
    sessions.
    """
    for name in news.intersection(WHO + WAYS):
        before, now = getattr(holder, name), getattr(row, name)
        if before == now:
            continue
        setattr(holder, name, now)
        if name == "mobile":
            ends = {"was": before and phones.mask_phone(before), "became": now and phones.mask_phone(now)}
            _note(db, report, "registry.phone", contract_id, holder, **ends)
            # Codes sent to the former phone and sessions opened with it end.
            holder.initial_hash = holder.initial_until = None
            codes.revoke_codes(db, holder.id)
            sessions.end_subscriber(db, holder.id)
            # The SMS lets whoever has the former phone object; messages of an import are never sent before an
            # alarm.
            if before:
                words = owner_alerts.phone_changed(report.office)
                outbox.put(db, "sms", before, words, kind="alert", now=report.now, contract_id=contract_id)
        if name == "email":
            holder.email_confirmed_at = None


def _note(
    db: Session, report: ImportReport, verb: str, contract_id: int, holder: Subscriber, **facts_changed: Any
) -> None:
    journal.note(
        db, SYSTEM, verb, report.now, contract_id=contract_id, subscriber_id=holder.id, **facts_changed
    )


def _store_lines(
    db: Session, added: dict[int, Any], changed: dict[int, Any], existing: dict[int, KnownContract]
) -> None:
    def text(number: int, line: Any) -> dict[str, Any]:
        return {"number": number, "facts": json.dumps(facts(line.row), ensure_ascii=False)}

    first = {n: line for n, line in (added | changed).items() if n in added or not existing[n].facts}
    again = [
        {"b_number": n, "facts": text(n, line)["facts"]} for n, line in changed.items() if n not in first
    ]
    insert_rows(db, RegistryLine, [text(n, line) for n, line in first.items()])
    if again:
        where = col(RegistryLine.number) == bindparam("b_number")
        db.connection().execute(update(RegistryLine).where(where).values(facts=bindparam("facts")), again)
