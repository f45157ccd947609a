"""Which item of the navigation a page belongs to, by its address."""

SECTIONS = {
    "": "Главная",
    "payments": "Оплатить",
    "templates": "Оплатить",
    "autopay": "Автоплатёж",
    "events": "События",
    "requests": "Управление услугами",
    "keys": "События",
    "alarms": "События",
    "supervision": "События",
    "inbox": "Обращения",
    "statement": "Выписка",
    "receipts": "Выписка",
    "settings": "Настройки",
    "devices": "Настройки",
    "notices": "Главная",
    "blanks": "Бланки",
    "contacts": "Контакты",
}
STAFF_SECTIONS = {
    "": "Очередь", "requests": "Очередь", "subscribers": "Абоненты", "answers": "Ответы",
    "keys": "Ключи", "notices": "Уведомления",
    "money": "Деньги", "ledger": "Деньги", "refunds": "Деньги", "debtors": "Деньги",
    "reconciliations": "Деньги", "discrepancies": "Деньги", "work": "Работа", "journal": "Журнал",
}  # fmt: skip


def section(path: str) -> str:
    """The name of the navigation's item this page belongs to."""
    first, _, rest = path.lstrip("/").partition("/")
    return STAFF_SECTIONS.get(rest.partition("/")[0], "") if first == "staff" else SECTIONS.get(first, "")
