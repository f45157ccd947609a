"""Imports a contract's services: tariff, dated prices, SMS on or off, the opening balance."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from db.money.ledger import LedgerEntry
from db.people.contracts import Contract
from db.people.services import Service, ServiceInterval, ServicePrice
from db.registry import ImportReport, insert_rows
from db.requests import owner_alerts
from rules import days
from rules.people.services import SMS_TARIFF
from rules.registry.lines import ContractLine, opening_note
from rules.requests import owner_alerts as alert_words

Rows = list[dict[str, Any]]


def add(db: Session, rows: list[ContractLine], ids: dict[int, int], report: ImportReport) -> None:
    """Add services of new contracts; `ids` is contract number → id."""
    today = days.today(report.now)
    insert_rows(db, Service, [row_values for row in rows for row_values in _services(row, ids[row.number])])
    own = _own_services(db, [ids[row.number] for row in rows])
    prices, intervals = Rows(), Rows()
    for row in rows:
        first = charging_start(row, today)
        for kind, price in _prices(row).items():
            service = own[ids[row.number], kind].id
            since = min(row.price_since or first, first)
            prices.append({"service_id": service, "since": since, "kopecks": price})
            intervals += [{"service_id": service, **part} for part in _intervals(row, kind, first)]
    insert_rows(db, ServicePrice, prices)
    insert_rows(db, ServiceInterval, intervals)
    insert_rows(db, LedgerEntry, [_opening(row, ids[row.number], report) for row in rows if row.balance])


def charging_start(row: ContractLine, today: date) -> date:
    """Return the first day the cabinet charges for: the day of the balance, or the first of this month if
    there is no balance.
    """
    since = (row.balance_day or today) if row.balance is not None else days.month_start(today)
    return max(row.signed_on, since)


def _services(row: ContractLine, contract_id: int) -> Rows:
    channel = {"contract_id": contract_id, "kind": "channel", "tariff": row.tariff, "mobile": None}
    sms = {"contract_id": contract_id, "kind": "sms", "tariff": SMS_TARIFF, "mobile": row.sms_mobile}
    return [channel, sms] if row.sms else [channel]


def _prices(row: ContractLine) -> dict[str, int]:
    return {"channel": row.price} | ({"sms": row.sms_price or 0} if row.sms else {})


def _intervals(row: ContractLine, kind: str, first: date) -> Iterator[dict[str, Any]]:
    """Yield intervals: active from `first` to the contract's end, with the channel suspended between the days
    the registry names.
    """
    day, last = timedelta(days=1), row.ends_on
    if last and last < first:
        return
    if kind == "channel" and row.suspended_from and row.suspended_to and row.suspended_to >= first:
        begin, end = max(first, row.suspended_from), min(row.suspended_to, last or row.suspended_to)
        if begin > first:
            yield {"state": "active", "first": first, "last": begin - day}
        yield {"state": "suspended", "first": begin, "last": end}
        first = end + day
    if not last or first <= last:
        yield {"state": "active", "first": first, "last": last}


def _opening(row: ContractLine, contract_id: int, report: ImportReport) -> dict[str, Any]:
    day = row.balance_day or days.today(report.now)
    own = {"contract_id": contract_id, "day": day, "at": report.now, "amount": row.balance, "kind": "opening"}
    return {
        **own,
        "source": f"registry:opening:{row.number}",
        "note": opening_note(day),
    }


def _own_services(db: Session, contract_ids: list[int]) -> dict[tuple[int, str], Service]:
    found = db.execute(select(Service).where(col(Service.contract_id).in_(contract_ids))).scalars()
    return {(one.contract_id, one.kind): one for one in found}


Turned = dict[
    int, tuple[ContractLine, set[str]]
]  # contract number → its line and the names of its changed facts


def change(
    db: Session, turned: Turned, ids: dict[int, int], ended: dict[int, date | None], report: ImportReport
) -> None:
    """Apply the registry's changes to services of known contracts; `ended` is the last day each
    had before.
    """
    today, office = days.today(report.now), report.office
    own = _own_services(db, list(ids.values()))
    prices, missing = Rows(), Rows()
    for number, (row, news) in turned.items():
        channel, sms = own.get((ids[number], "channel")), own.get((ids[number], "sms"))
        since = row.price_since or today
        if channel is None:
            missing.append({"row": row, "id": ids[number]})
            continue
        channel.tariff = row.tariff if "tariff" in news else channel.tariff
        if news & {"price", "price_since"}:
            prices.append({"service_id": channel.id, "since": since, "kopecks": row.price})
        if "ends_on" in news:
            _end(db, [one.id for one in (channel, sms) if one], row.ends_on, ended.get(number))
            if row.ends_on and row.ends_on != ended.get(number):
                _alert(db, ids[number], alert_words.contract_ends(office, number, row.ends_on), report)
        if news & {"sms", "sms_mobile", "sms_price"}:
            prices += _sms(db, row, news, sms, ids[number], report)
    _price(db, prices)
    if missing:
        add(db, [one["row"] for one in missing], ids, report)


def _alert(db: Session, contract_id: int, words: str, report: ImportReport) -> None:
    """Warn the owner of what a changed line switches off; these messages are never sent before an alarm, even
    thousands of them.
    """
    owner = db.execute(
        select(col(Contract.subscriber_id)).where(col(Contract.id) == contract_id)
    ).scalar_one()
    owner_alerts.send(db, owner, words, report.now, contract_id=contract_id, urgent=False)


def _price(db: Session, rows: Rows) -> None:
    """Add a new price as a new dated row; a price of the same day is corrected."""
    dated = select(col(ServicePrice.service_id), col(ServicePrice.since), col(ServicePrice.id))
    found = db.execute(dated.where(col(ServicePrice.service_id).in_([row["service_id"] for row in rows])))
    existing = {(service, since): one for service, since, one in found}
    here = [(existing.get((row["service_id"], row["since"])), row) for row in rows]
    insert_rows(db, ServicePrice, [row for one, row in here if one is None])
    again = [{"b_id": one, "kopecks": row["kopecks"]} for one, row in here if one is not None]
    if again:
        where = col(ServicePrice.id) == bindparam("b_id")
        db.connection().execute(update(ServicePrice).where(where).values(kopecks=bindparam("kopecks")), again)


def _end(
    db: Session, service_ids: list[int | None], ends_on: date | None, previous: date | None = None
) -> None:
    """End all intervals after the last day. When a termination is withdrawn, intervals that ended on its day
    continue.
    """
    own = select(ServiceInterval).where(col(ServiceInterval.service_id).in_(service_ids))
    for one in db.execute(own).scalars():
        if previous and one.last == previous:
            one.last = ends_on
        if ends_on and one.first > ends_on:
            db.delete(one)
        elif ends_on and (one.last is None or one.last > ends_on):
            one.last = ends_on


def _sms(
    db: Session,
    row: ContractLine,
    news: set[str],
    sms: Service | None,
    contract_id: int,
    report: ImportReport,
) -> Rows:
    """Turn the SMS service on or off from today, or change its number. Returns the prices to be dated."""
    today = days.today(report.now)
    if not row.sms:
        if sms:
            if _runs(db, sms.id, today):
                _alert(db, contract_id, alert_words.sms_ended(report.office, row.number), report)
            _end(db, [sms.id], today - timedelta(days=1))
        return []
    if sms is None:
        sms = Service(contract_id=contract_id, kind="sms", tariff=SMS_TARIFF)
        db.add(sms)
    if sms.mobile and sms.mobile != row.sms_mobile:
        _alert(
            db, contract_id, alert_words.sms_number_changed(report.office, row.number, row.sms_mobile), report
        )
    sms.mobile = row.sms_mobile
    db.flush()
    if "sms" in news and not _runs(db, sms.id, today):
        db.add(ServiceInterval(service_id=sms.id or 0, state="active", first=today, last=row.ends_on))
    existing = {} if row.sms_price is None else {"service_id": sms.id, "since": row.price_since or today}
    return [{**existing, "kopecks": row.sms_price}] if existing else []


def _runs(db: Session, service_id: int | None, day: date) -> bool:
    """Return whether any interval reaches this day or begins after it: the cabinet may have turned the
    service on itself.
    """
    reaches = col(ServiceInterval.last).is_(None) | (col(ServiceInterval.last) >= day)
    own = select(col(ServiceInterval.id)).where(col(ServiceInterval.service_id) == service_id, reaches)
    return db.execute(own).first() is not None
