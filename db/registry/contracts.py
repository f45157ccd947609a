"""Lines of contracts.csv become subscribers, contracts, services and opening balances; only what changed is
written.
"""

import json
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from db import journal, outbox
from db.access import codes, sessions
from db.people.contracts import Contract
from db.people.subscribers import Subscriber
from db.registry import RegistryLine, Report, handovers, put, services, sites
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
)  # balances move daily; sites have own lines
FACTS = tuple(name for name in ContractLine._fields if name not in APART)
SYSTEM = "system:registry"


def apply(db: Session, lines: list[Any], report: Report) -> None:
    """Take in one batch of `gateways.registry.Good`; call it inside `writing`."""
    admitted = [line for line in lines if _admits(report, line)]
    heads = {line.row.number: line for line in admitted if report.first[line.row.number][0] == line.line}
    known = _known(db, list(heads))
    fresh = {n: line for n, line in heads.items() if n not in known}
    turned = {n: line for n, line in heads.items() if n in known and known[n][2] != facts(line.row)}
    for number in heads:
        report.mark(number, "created" if number in fresh else "changed" if number in turned else "unchanged")
    holders = _holders(db, [*fresh.values(), *turned.values()], report)
    if fresh:
        _add(db, fresh, holders, report)
    if turned:
        _change(db, turned, known, holders, report)
    _remember(db, fresh, turned, known)
    sites.apply(db, admitted, report)


def facts(row: ContractLine) -> list[Any]:
    """What is kept of a line to compare with the next one: plain JSON values."""
    return [
        value.isoformat() if isinstance(value, date) else value for value in (getattr(row, n) for n in FACTS)
    ]


def _admits(report: Report, line: Any) -> bool:
    """A second line of a contract may only add a site; a second name for one subscriber is a mistake
    somewhere.
    """
    row, own = line.row, hash(tuple(facts(line.row)))
    who, ways = hash(tuple(getattr(row, n) for n in WHO)), hash(tuple(getattr(row, n) for n in WAYS))
    at, first = report.first.setdefault(row.number, (line.line, own))
    if first != own:
        report.reject(line.line, f"договор {row.number} уже есть в строке {at}, а здесь сказано другое")
        return False
    at, first_who, first_ways = report.holders.setdefault(row.code, (line.line, who, ways))
    if first_who != who:
        report.reject(line.line, f"абонент {row.code} в строке {at} назван иначе")
        del report.first[row.number]
        return False
    if first_ways != ways:
        report.remark(
            line.line, f"у абонента {row.code} в строке {at} другие телефоны или e-mail: взяты оттуда"
        )
    return True


Known = tuple[int, int, list[Any], date | None]


def _known(db: Session, numbers: list[int]) -> dict[int, Known]:
    """number → contract id, subscriber id, facts of the last import (none if the registry never told it),
    last day.
    """
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
    return {row[0]: (row[1], row[2], json.loads(row[3] or "[]"), row[4]) for row in found}


def _speaks(report: Report, line: Any) -> bool:
    """Whether this line is the subscriber's first in the file; the others do not touch the subscriber."""
    return report.holders[line.row.code][0] == line.line


def _holders(db: Session, lines: list[Any], report: Report) -> dict[str, Subscriber]:
    """Subscribers by code; those not met before are added."""
    codes = {line.row.code: line.row for line in reversed(lines)}
    found = _by_code(db, list(codes))
    new = [row for code, row in codes.items() if code not in found]
    if new:
        put(db, Subscriber, [{"code": row.code, **{n: getattr(row, n) for n in WHO + WAYS}} for row in new])
        found |= _by_code(db, [row.code for row in new])
    return found


def _by_code(db: Session, codes: list[str]) -> dict[str, Subscriber]:
    found = db.execute(select(Subscriber).where(col(Subscriber.code).in_(codes))).scalars()
    return {one.code: one for one in found}


def _add(db: Session, fresh: dict[int, Any], holders: dict[str, Subscriber], report: Report) -> None:
    rows = [line.row for line in fresh.values()]
    put(
        db,
        Contract,
        [
            {"number": row.number, "subscriber_id": holders[row.code].id, "signed_on": row.signed_on}
            | {"address": row.address, "ends_on": row.ends_on}
            for row in rows
        ],
    )
    ids = {n: known[0] for n, known in _known(db, list(fresh)).items()}
    services.add(db, rows, ids, report)
    for line in fresh.values():
        _fill(holders[line.row.code], line.row)


def _fill(holder: Subscriber, row: ContractLine) -> None:
    """A new contract of somebody we know tells only what we did not know: what he set here himself stays."""
    for name in WAYS:
        if getattr(row, name) and not getattr(holder, name):
            setattr(holder, name, getattr(row, name))


def _change(
    db: Session, turned: dict[int, Any], known: dict[int, Any], holders: dict[str, Subscriber], report: Report
) -> None:
    changes = {number: _news(line.row, known[number][2]) for number, line in turned.items()}
    papers = []
    for number, line in turned.items():
        contract_id, owner = known[number][:2]
        holder, row = holders[line.row.code], line.row
        if holder.id != owner:
            handovers.hand_over(db, contract_id, owner, holder, row, report)
        elif _speaks(report, line):
            _tell(db, report, holder, row, changes[number], contract_id)
        same = {"signed_on": row.signed_on, "address": row.address, "ends_on": row.ends_on}
        papers.append({"b_id": contract_id, "subscriber_id": holder.id, **same})
    columns: dict[str, Any] = {
        name: bindparam(name) for name in ("subscriber_id", "signed_on", "address", "ends_on")
    }
    db.connection().execute(
        update(Contract).where(col(Contract.id) == bindparam("b_id")).values(columns), papers
    )
    ids = {number: known[number][0] for number in turned}
    ended = {number: known[number][3] for number in turned}
    services.change(
        db, {number: (line.row, changes[number]) for number, line in turned.items()}, ids, ended, report
    )


def _news(row: ContractLine, before: list[Any]) -> set[str]:
    """Names of what the registry itself changed since it last spoke; everything when it never did."""
    was = dict(zip(FACTS, before, strict=False))
    return {
        name for name, value in zip(FACTS, facts(row), strict=True) if name not in was or was[name] != value
    }


def _tell(
    db: Session, report: Report, holder: Subscriber, row: ContractLine, news: set[str], contract_id: int
) -> None:
    """Write to the subscriber what the registry changed; a new phone for codes is journalled, both ends
    masked.
    """
    for name in news.intersection(WHO + WAYS):
        was, now = getattr(holder, name), getattr(row, name)
        if was == now:
            continue
        setattr(holder, name, now)
        if name == "mobile":
            ends = {"was": was and phones.masked(was), "became": now and phones.masked(now)}
            _note(db, report, "registry.phone", contract_id, holder, **ends)
            # What was sent to the former phone opens nothing any more, nor does what was opened by it.
            holder.initial_hash = holder.initial_until = None
            codes.revoke(db, holder.id)
            sessions.end_subscriber(db, holder.id)
            # whoever has the former one can say that it was not they who asked; a file never overtakes an
            # alarm
            if was:
                words = owner_alerts.phone_changed(report.office)
                outbox.put(db, "sms", was, words, kind="alert", now=report.now, contract_id=contract_id)
        if name == "email":
            holder.email_confirmed_at = None


def _note(db: Session, report: Report, verb: str, contract_id: int, holder: Subscriber, **told: Any) -> None:
    journal.note(db, SYSTEM, verb, report.now, contract_id=contract_id, subscriber_id=holder.id, **told)


def _remember(db: Session, fresh: dict[int, Any], turned: dict[int, Any], known: dict[int, Any]) -> None:
    def text(number: int, line: Any) -> dict[str, Any]:
        return {"number": number, "facts": json.dumps(facts(line.row), ensure_ascii=False)}

    first = {n: line for n, line in (fresh | turned).items() if n in fresh or not known[n][2]}
    again = [{"b_number": n, "facts": text(n, line)["facts"]} for n, line in turned.items() if n not in first]
    put(db, RegistryLine, [text(n, line) for n, line in first.items()])
    if again:
        where = col(RegistryLine.number) == bindparam("b_number")
        db.connection().execute(update(RegistryLine).where(where).values(facts=bindparam("facts")), again)
