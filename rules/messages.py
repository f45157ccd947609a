"""The parts of a message to a person, and why one was not sent, as the operator's lists show it."""

from typing import NamedTuple

UNDELIVERED = "Не доставлено: так ответила сеть"
DROPPED_AFTER_RESTORE = "Не отправлено после восстановления"


class MessageText(NamedTuple):
    """The text of a message, and its subject if it is sent by e-mail."""

    text: str
    subject: str


EXPORT_READY = MessageText(
    "Копия ваших данных готова. Сутки её можно скачать в настройках кабинета.", "Копия данных готова"
)
