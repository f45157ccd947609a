"""A contract that passes to another subscriber: what ends with the former one, and what both are told.

Nothing may be charged from a card whose owner is not the subscriber any more (376-ФЗ), nobody may go on
seeing when somebody else's home is empty, and the new subscriber is not to see the former one's events.
"""

from rules import phones
from rules.people.contracts import format_number

REASON = "Договор оформлен на другого абонента."


def former_owner_text(number: int, autopay: bool, keys: int, phone: str, requests: int = 0) -> str:
    """`phone` is the service centre's, E.164: who has not agreed to it calls at once; `requests` how many
    were closed.
    """
    done = ["автоплатёж выключен, карта отвязана"] * autopay + [
        "события его объектов вам больше не видны"
    ] * bool(keys)
    done += ["открытые заявки закрыты"] * bool(requests)
    ended = "; ".join(done)
    whose = f"Договор {format_number(number)} оформлен на другого абонента{': ' + ended if ended else ''}."
    return f"{whose} Не вы это решили? {phones.show(phone)}"


def new_owner_text(number: int) -> str:
    return (
        f"Договор {format_number(number)} теперь оформлен на вас. Войдите в личный кабинет по номеру "
        "договора: ключи объекта и автоплатёж подключите заново."
    )
