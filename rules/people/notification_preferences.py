"""Kinds of notification: the channels of each, their defaults, and which cannot be turned off.

Passwords, codes and notices of a changed sign-in, phone or right are always sent and are not in this table.
An alarm by SMS is what SMS-информирование is paid for, so it cannot be turned off while that service is
active.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

SMS, MAIL = "sms", "mail"
CHANNELS = {SMS: "SMS", MAIL: "Почта"}


@dataclass(frozen=True)
class MessageKind:
    """A row of the settings matrix: title, hint, possible channels and the default ones."""

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
    """Return whether this checkbox cannot be turned off now."""
    return kind == "alarm" and channel == SMS and sms_service


def choose_channels(
    kind: str, chosen: Choices, *, mobile: bool, mail: bool, sms_service: bool = False
) -> list[str]:
    """Return the channels of a message of this kind, among those the subscriber has; unknown kinds use the
    settings of "answer".
    """
    row = KINDS.get(kind, KINDS["answer"])
    have = {SMS: mobile, MAIL: mail}
    ways = [
        way
        for way in row.ways
        if is_locked(kind, way, sms_service) or chosen.get((kind, way), way in row.default)
    ]
    found = [way for way in ways if have[way]]
    # With no choice made and the default channel missing, another channel is better than none.
    untouched = not any((kind, way) in chosen for way in row.ways)
    return found or [way for way in row.ways if have[way] and untouched]


def plan(ticked: Collection[str], sms_service: bool) -> dict[tuple[str, str], bool]:
    """Return {(kind, channel): on} from the names of ticked checkboxes (`alarm-sms`); locked ones stay on."""
    return {
        (kind, way): f"{kind}-{way}" in ticked or is_locked(kind, way, sms_service)
        for kind, row in KINDS.items()
        for way in row.ways
    }
