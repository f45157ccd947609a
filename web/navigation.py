"""Which item of the navigation a page belongs to, by its path."""

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


def find_section(path: str) -> str:
    """Return the title of the navigation item this path belongs to, "" for none."""
    first, _, rest = path.lstrip("/").partition("/")
    return STAFF_SECTIONS.get(rest.partition("/")[0], "") if first == "staff" else SECTIONS.get(first, "")
