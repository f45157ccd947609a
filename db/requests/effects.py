"""What an approved request changes: the days of services, the ledger, the contract, the name (SPEC §3.3, §6).

Dated by the request's own day, never by the day the job happened to run; called inside the transaction that
moves the request to done, so it happens exactly when that does.
"""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, delete, select

from db.money import accruals, ledger
from db.people import contracts, services, subscribers
from db.people.contracts import Contract
from db.people.services import Service, ServiceInterval, ServicePrice
from db.requests import requests
from db.requests.requests import Request
from rules import Refused, amounts, days
from rules.money.accrual import Interval
from rules.people import contracts as numbers
from rules.requests import service_changes, suspensions

SMS_TARIFF = "SMS-информирование"
WAITS_FOR_PAYMENT = frozenset({"refund"})


def due_at_once(kind: str, effective: date | None, today: date) -> bool:
    """Whether approval is all it takes: no day to wait for and nobody's payment."""
    return kind not in WAITS_FOR_PAYMENT and (effective is None or effective <= today)


def due(db: Session, today: date) -> list[int]:
    """Ids of what must be carried out by now, in the order in which it takes effect."""
    query = select(Request.id).where(
        Request.state == "approved",
        col(Request.effective_day).is_not(None),
        col(Request.effective_day) <= today,
    )
    return [one for one in db.exec(query.order_by(col(Request.effective_day), col(Request.number))) if one]


def check(db: Session, request: Request, effective: date | None, now: datetime) -> None:
    """Whether what was asked is still possible at the moment of approval; else Refused for whoever
    approves.
    """
    if request.kind in ("refund", "transfer"):
        left = free(db, request.contract_id, now, but=request.id)
        if int(request.payload["amount"]) > left:
            raise Refused(
                form=f"На балансе столько нет: свободно {amounts.rubles(max(left, 0))}. Откажите или "
                "договоритесь."
            )
    if request.kind == "transfer" and contracts.numbered(db, int(request.payload["to_number"])) is None:
        raise Refused(form="Договора с таким номером нет. Уточните номер у абонента.")
    if request.kind == "suspend" and effective:
        _check_overlap(db, request, effective)


def _check_overlap(db: Session, request: Request, first: date) -> None:
    last = date.fromisoformat(request.payload["last"])
    if last < first:
        raise Refused(day="Приостановка кончилась бы раньше, чем началась. Выберите другой день.")
    found = suspensions.of(channel(db, request.contract_id), first)
    planned = [one for one in requests.open_of(db, request.contract_id, "suspend") if one.state == "approved"]
    found += [suspension(one) for one in planned if one.id != request.id]
    if any(first <= one.last and one.first <= last for one in found):
        raise Refused(form="На эти дни уже есть другая приостановка. Откажите или уточните даты у абонента.")


def suspension(request: Request) -> suspensions.Suspension:
    return suspensions.Suspension(
        request.effective_day or date.max, date.fromisoformat(request.payload["last"])
    )


def channel(db: Session, contract_id: int) -> list[Interval]:
    return [
        one for service in _services(db, contract_id, "channel") for one in services.intervals(db, service.id)
    ]


def free(db: Session, contract_id: int, now: datetime, *, but: int | None = None) -> int:
    """Kopecks that may be given back: the balance without what other open requests hold."""
    return accruals.balance(db, contract_id, now) - requests.held(db, contract_id, but=but)


def carry_out(db: Session, request: Request, now: datetime) -> None:
    """Do it. Days of services for the five kinds that have a day; one entry or one name for the others."""
    if request.kind in service_changes.TOUCHES:
        _change_services(db, request)
    if request.kind == "terminate" and request.effective_day:
        contract = db.get_one(Contract, request.contract_id)
        contract.ends_on = request.effective_day - timedelta(days=1)
        db.add(contract)
    elif request.kind == "sms_number":
        for service in _services(db, request.contract_id, "sms"):
            service.mobile = request.payload["new_mobile"]
            db.add(service)
    elif request.kind == "surname":
        subscriber = subscribers.by_id(db, request.subscriber_id)
        subscriber.name = request.payload["name"]
        db.add(subscriber)
    elif request.kind in ("transfer", "recalculation"):
        _enter(db, request, now)


def _change_services(db: Session, request: Request) -> None:
    day = request.effective_day or date.max
    if request.kind == "sms_on":
        _sms_service(db, request)
    for kind in service_changes.TOUCHES[request.kind]:
        for service in _services(db, request.contract_id, kind):
            change(db, service, request, day)


def change(db: Session, service: Service, request: Request, day: date) -> None:
    """Replace only the rows that differ, so that each row goes on telling which request it came from."""
    before = services.intervals(db, service.id)
    after = service_changes.change(request.kind, day, request.payload, before)
    for gone in (one for one in before if one not in after):
        db.connection().execute(
            delete(ServiceInterval).where(
                col(ServiceInterval.service_id) == service.id,
                col(ServiceInterval.first) == gone.first,
                col(ServiceInterval.state) == gone.state,
            )
        )
    for new in (one for one in after if one not in before):
        db.add(ServiceInterval(service_id=service.id, state=new.state, first=new.first, last=new.last))
    db.flush()


def _sms_service(db: Session, request: Request) -> None:
    """The contract's SMS service with the mobile asked for; made with today's price when there never was
    one.
    """
    found = _services(db, request.contract_id, "sms")
    service = found[0] if found else Service(contract_id=request.contract_id, kind="sms", tariff=SMS_TARIFF)
    service.mobile = request.payload["mobile"]
    db.add(service)
    db.flush()
    if not services.prices(db, service.id):
        since = request.effective_day or days.today(request.sent_at)
        db.add(ServicePrice(service_id=service.id, since=since, kopecks=sms_price(db)))
        db.flush()


def sms_price(db: Session) -> int:
    """Kopecks a month: what the newest SMS service of any contract costs; the price list is the
    registry's.
    """
    query = select(ServicePrice.kopecks).join(Service).where(Service.kind == "sms")
    return db.exec(query.order_by(col(ServicePrice.since).desc())).first() or SMS_PRICE


SMS_PRICE = 15_000


def _enter(db: Session, request: Request, now: datetime) -> None:
    amount, today = int(request.payload.get("amount", 0)), days.today(now)
    if request.kind == "recalculation" and amount:
        note = f"Перерасчёт, заявка № {request.number}"
        ledger.add(
            db, request.contract_id, amount, "correction", source(request), day=today, now=now, note=note
        )
    if request.kind == "transfer" and (found := contracts.numbered(db, int(request.payload["to_number"]))):
        taker, here = found[0], db.get_one(Contract, request.contract_id)
        notes = (
            f"Перенос на договор {numbers.show(taker.number)}",
            f"Перенос с договора {numbers.show(here.number)}",
        )
        giver, name = request.contract_id, source(request)
        ledger.transfer(db, giver, taker.id, amount, name, day=today, now=now, notes=notes)


def source(request: Request) -> str:
    """The name under which the ledger knows what this request moves."""
    return f"request:{request.number}"


def _services(db: Session, contract_id: int, kind: str) -> list[Service]:
    return [one for one in services.of(db, contract_id) if one.kind == kind]
