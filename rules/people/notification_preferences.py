"""What is told and over what: each message has its ways, each way its default, and some may not be refused.

Not in this table, because they are always sent: passwords, codes, and word that an entry, a phone or a right
was changed. An alarm by SMS is what SMS-информирование is paid for, so it cannot be refused while that
service is active.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

SMS, MAIL = "sms", "mail"
CHANNELS = {SMS: "SMS", MAIL: "Почта"}


@dataclass(frozen=True)
class MessageKind:
    """A row of the matrix: what it is called, explained by, and over what it goes until somebody chooses
    otherwise.
    """

    title: str
    hint: str
    ways: tuple[str, ...] = (SMS, MAIL)
    default: tuple[str, ...] = (SMS,)


KINDS = {
    "alarm": MessageKind("Тревоги", "Приходят сразу, в любое время суток", ways=(SMS,)),
    "arming": MessageKind("Постановка и снятие", "Приходят при подключённом SMS-информировании", ways=(SMS,)),
    "supervision": MessageKind(
        "Контроль постановки",
        "Объект не поставлен или не снят к часу, который вы выбрали",
        default=(SMS, MAIL),
    ),
    "answer": MessageKind("Ответы на обращения", "Новый ответ, решение, вопрос сотрудника"),
    "money": MessageKind("Платежи и чеки", "Автоплатёж, неудавшаяся оплата, возврат", default=(SMS, MAIL)),
    "station": MessageKind("Связь с пультом", "Пропала или восстановилась"),
    "notice": MessageKind("Новости оператора", "Плановые работы и перерывы в связи", default=(MAIL,)),
}
Choices = Mapping[tuple[str, str], bool]


def is_locked(kind: str, channel: str, sms_service: bool) -> bool:
    """Whether this cell cannot be turned off now."""
    return kind == "alarm" and channel == SMS and sms_service


def choose_channels(
    kind: str, chosen: Choices, *, mobile: bool, mail: bool, sms_service: bool = False
) -> list[str]:
    """The channels a message of this kind goes to, of those the subscriber has; unknown kinds go as answers
    do.
    """
    row = KINDS.get(kind, KINDS["answer"])
    have = {SMS: mobile, MAIL: mail}
    ways = [
        way
        for way in row.ways
        if is_locked(kind, way, sms_service) or chosen.get((kind, way), way in row.default)
    ]
    found = [way for way in ways if have[way]]
    # Nothing was chosen by this person and the default way is missing: the other way is better than silence.
    untouched = not any((kind, way) in chosen for way in row.ways)
    return found or [way for way in row.ways if have[way] and untouched]


def plan(ticked: Collection[str], sms_service: bool) -> dict[tuple[str, str], bool]:
    """{(kind, channel): on} out of the names of ticked boxes, `alarm-sms`; what is locked stays on."""
    return {
        (kind, way): f"{kind}-{way}" in ticked or is_locked(kind, way, sms_service)
        for kind, row in KINDS.items()
        for way in row.ways
    }
