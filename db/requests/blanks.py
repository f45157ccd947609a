"""Reads the values that are printed on a paper form (manual §3.6) from the contract."""

from datetime import datetime

from sqlmodel import Session

from db.money import accruals
from db.people import services, subscribers
from db.people.contracts import Contract
from rules import amounts, days, phones
from rules.people import contracts
from rules.requests import notice_period
from settings import Settings


def read_facts(db: Session, subscriber_id: int, contract_id: int, now: datetime) -> dict[str, str]:
    """Return {variable: value}. A missing value is left out, so the form has a line to fill in by hand."""
    who, contract, today = (
        subscribers.get_subscriber(db, subscriber_id),
        db.get_one(Contract, contract_id),
        days.today(now),
    )
    sms = next((one.mobile for one in services.list_services(db, contract_id) if one.kind == "sms"), None)
    values = {
        "абонент": who.name,
        "договор": contracts.format_number(contract.number),
        "дата договора": days.short(contract.signed_on),
        "адрес": contract.address,
        "телефон": phones.format_phone(who.contact_mobile or who.mobile),
        "номер sms": phones.format_phone(sms),
        "почта": who.email,
        "инн": who.inn,
        "остаток": amounts.rubles(accruals.balance(db, contract_id, now)),
        "сегодня": days.short(today),
        "самое раннее": days.short(today + notice_period.NOTICE),
    }
    return {word: value for word, value in values.items() if value}


def operator_facts(settings: Settings) -> dict[str, str]:
    """Return the operator's values, printed both on empty and on filled-in forms."""
    return {"компания": settings.company, "адрес офиса": settings.office_address}
