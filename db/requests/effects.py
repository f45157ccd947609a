"""The effect of an approved request on the intervals of services, the ledger, the contract and the name.

The effect is dated by the request's effective day, not by the day of the job's run. It is called inside the
transaction that moves the request to done, so either both happen or neither.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, delete, select

from db.money import accruals, ledger
from db.people import contracts, services, subscribers
from db.people.contracts import Contract
from db.people.services import Service, ServiceInterval, ServicePrice
from db.requests import requests
from db.requests.requests import Request
from rules import days
from rules.money.accrual import Interval
from rules.people.services import SMS_TARIFF
from rules.requests import decisions, kinds, suspensions
from rules.requests.kinds import KINDS
from rules.requests.requests import APPROVED

SMS_PRICE = 15_000  # kopecks a month, used when no contract has the SMS service


def is_immediate(kind: str, effective: date | None, today: date) -> bool:
    """Return whether approval completes the request: there is no day to wait for and no payment to make."""
    return not EFFECTS[kind].waits_for_payment and (effective is None or effective <= today)


def due_ids(db: Session, today: date) -> list[int]:
    """Return the ids of approved requests to carry out by `today`, in the order of their effect."""
    query = select(Request.id).where(
        Request.state == APPROVED,
        col(Request.effective_day).is_not(None),
        col(Request.effective_day) <= today,
    )
    return [one for one in db.exec(query.order_by(col(Request.effective_day), col(Request.number))) if one]


def check(db: Session, request: Request, effective: date | None, now: datetime) -> None:
    """Refused, for the person who approves, when the request is no longer possible."""
    if KINDS[request.kind].holds_money:
        free = free_balance(db, request.contract_id, now, but=request.id)
        decisions.check_money(int(request.payload["amount"]), free)
    EFFECTS[request.kind].check(db, request, effective)


def carry_out(db: Session, request: Request, now: datetime) -> None:
    """Write the effect: first the intervals of the services the kind changes, then the kind's own effect."""
    if request.kind == "sms_on":
        _ensure_sms_service(db, request)
    day = request.effective_day or date.max
    for service_kind in KINDS[request.kind].services:
        for service in _services(db, request.contract_id, service_kind):
            change_service(db, service, request, day)
    EFFECTS[request.kind].write(db, request, now)


def _check_overlap(db: Session, request: Request, effective: date | None) -> None:
    if effective is None:
        return
    found = suspensions.current_suspensions(channel_intervals(db, request.contract_id), effective)
    approved = requests.open_requests(db, request.contract_id, "suspend")
    found += [suspension(one) for one in approved if one.state == APPROVED and one.id != request.id]
    decisions.check_suspension(effective, date.fromisoformat(request.payload["last"]), found)


def _check_recipient(db: Session, request: Request, effective: date | None) -> None:
    found = contracts.find_by_number(db, int(request.payload["to_number"]))
    decisions.check_recipient(found is not None)


def suspension(request: Request) -> suspensions.Suspension:
    return suspensions.Suspension(
        request.effective_day or date.max, date.fromisoformat(request.payload["last"])
    )


def channel_intervals(db: Session, contract_id: int) -> list[Interval]:
    return [
        one
        for service in _services(db, contract_id, "channel")
        for one in services.list_intervals(db, service.id)
    ]


def free_balance(db: Session, contract_id: int, now: datetime, *, but: int | None = None) -> int:
    """Return the kopecks that may be returned: the balance minus the amounts held by open requests other than
    `but`.
    """
    return accruals.balance(db, contract_id, now) - requests.held_amount(db, contract_id, but=but)


def change_service(db: Session, service: Service, request: Request, day: date) -> None:
    """Apply the request to a service's intervals, replacing only the rows that differ."""
    before = services.list_intervals(db, service.id)
    after = kinds.change_days(request.kind, day, request.payload, before)
    for removed in (one for one in before if one not in after):
        db.connection().execute(
            delete(ServiceInterval).where(
                col(ServiceInterval.service_id) == service.id,
                col(ServiceInterval.first) == removed.first,
                col(ServiceInterval.state) == removed.state,
            )
        )
    for added in (one for one in after if one not in before):
        db.add(ServiceInterval(service_id=service.id, state=added.state, first=added.first, last=added.last))
    db.flush()


def _ensure_sms_service(db: Session, request: Request) -> None:
    """Store the mobile number in the contract's SMS service. A service that does not exist is added with the
    current price.
    """
    found = _services(db, request.contract_id, "sms")
    service = found[0] if found else Service(contract_id=request.contract_id, kind="sms", tariff=SMS_TARIFF)
    service.mobile = request.payload["mobile"]
    db.add(service)
    db.flush()
    if not services.list_prices(db, service.id):
        since = request.effective_day or days.today(request.sent_at)
        db.add(ServicePrice(service_id=service.id, since=since, kopecks=sms_price(db)))
        db.flush()


def sms_price(db: Session) -> int:
    """Return kopecks a month: the newest price of an SMS service of any contract. Prices come from the
    registry.
    """
    query = select(ServicePrice.kopecks).join(Service).where(Service.kind == "sms")
    return db.exec(query.order_by(col(ServicePrice.since).desc())).first() or SMS_PRICE


def _end_contract(db: Session, request: Request, now: datetime) -> None:
    if request.effective_day:
        contract = db.get_one(Contract, request.contract_id)
        contract.ends_on = request.effective_day - timedelta(days=1)
        db.add(contract)


def _change_sms_number(db: Session, request: Request, now: datetime) -> None:
    for service in _services(db, request.contract_id, "sms"):
        service.mobile = request.payload["new_mobile"]
        db.add(service)


def _rename_subscriber(db: Session, request: Request, now: datetime) -> None:
    subscriber = subscribers.get_subscriber(db, request.subscriber_id)
    subscriber.name = request.payload["name"]
    db.add(subscriber)


def _correct_balance(db: Session, request: Request, now: datetime) -> None:
    if amount := int(request.payload.get("amount", 0)):
        note, day = decisions.recalculation_note(request.number), days.today(now)
        ledger.add(
            db, request.contract_id, amount, "correction", entry_source(request), day=day, now=now, note=note
        )


def _transfer(db: Session, request: Request, now: datetime) -> None:
    found = contracts.find_by_number(db, int(request.payload["to_number"]))
    if not found:
        return
    recipient, payer = found[0], db.get_one(Contract, request.contract_id)
    notes = decisions.transfer_notes(payer.number, recipient.number)
    amount, day = int(request.payload["amount"]), days.today(now)
    ledger.transfer(
        db, request.contract_id, recipient.id, amount, entry_source(request), day=day, now=now, notes=notes
    )


def entry_source(request: Request) -> str:
    """Return the source of the ledger entries that this request makes."""
    return f"request:{request.number}"


def _services(db: Session, contract_id: int, kind: str) -> list[Service]:
    return [one for one in services.list_services(db, contract_id) if one.kind == kind]


def _check_nothing(db: Session, request: Request, effective: date | None) -> None:
    pass


def _write_nothing(db: Session, request: Request, now: datetime) -> None:
    pass


@dataclass(frozen=True)
class Effect:
    """The effect of an approved request of a kind, besides its services' intervals (`KindSpec.change`).

    `check` refuses an approval that is no longer possible; `write` makes the change; `waits_for_payment`
    means that the request is carried out when the money has been paid, not on approval.
    """

    write: Callable[[Session, Request, datetime], None] = _write_nothing
    check: Callable[[Session, Request, date | None], None] = _check_nothing
    waits_for_payment: bool = False


EFFECTS = {
    "sms_on": Effect(),
    "sms_off": Effect(),
    "suspend": Effect(check=_check_overlap),
    "resume": Effect(),
    "refund": Effect(waits_for_payment=True),
    "terminate": Effect(_end_contract),
    "letter": Effect(),
    "sms_number": Effect(_change_sms_number),
    "transfer": Effect(_transfer, check=_check_recipient),
    "recalculation": Effect(_correct_balance),
    "surname": Effect(_rename_subscriber),
}
