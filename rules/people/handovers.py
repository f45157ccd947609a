"""Messages about a contract that passes to another subscriber.

Nothing may be charged to a card whose owner is no longer the subscriber (376-ФЗ), the former subscriber may
not see whether the premises are armed, and the new one may not see the former one's events.
"""

from rules import phones
from rules.people.contracts import format_number

SUBJECT = "Договор оформлен на другого абонента"
REASON = "Договор оформлен на другого абонента."


def former_owner_text(number: int, autopay: bool, keys: int, phone: str, requests: int = 0) -> str:
    """`phone` is the service centre's, E.164, for those who did not agree; `requests` is how many were
    closed.
    """
    done = ["автоплатёж выключен, карта отвязана"] * autopay + [
        "события его объектов вам больше не видны"
    ] * bool(keys)
    done += ["открытые заявки закрыты"] * bool(requests)
    ended = "; ".join(done)
    whose = f"Договор {format_number(number)} оформлен на другого абонента{': ' + ended if ended else ''}."
    return f"{whose} Не вы это решили? {phones.format_phone(phone)}"


def new_owner_text(number: int) -> str:
    return (
        f"Договор {format_number(number)} теперь оформлен на вас. Войдите в личный кабинет по номеру "
        "договора: ключи объекта и автоплатёж подключите заново."
    )
