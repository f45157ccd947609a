"""Reads what fills a paper form (manual §3.6) from the contract, as the words printed on it."""

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
    """{word in braces: its value}. A value that is missing is left out and stays a line to write on."""
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
    """What every form shows, filled or empty."""
    return {"компания": settings.company, "адрес офиса": settings.office_address}
