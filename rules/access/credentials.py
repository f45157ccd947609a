"""Messages about a changed way of signing in, and how long a lost application of codes keeps working.

A change may be a thief's, so the subscriber is notified over every channel and told whom to call.
"""

import re
from datetime import timedelta

from rules import Refused
from rules.typed_text import clean_line

# From the report that the application is lost until it is removed: time for its owner to object.
APP_REMOVAL_DELAY = timedelta(days=1)

WORDS = {
    "password": "Пароль от кабинета сменён.",
    "recovered": "Пароль от кабинета сменён по SMS.",
    "codes": "Вход в кабинет теперь по коду из SMS, пароль удалён.",
    "phone": "Вход в кабинет перенесён на другой номер.",
    "email": "В кабинете указан другой адрес почты.",
    "app-on": "К кабинету подключено приложение с кодами.",
    "app-off": "Приложение с кодами отключено от кабинета.",
    "app-lost": "{when} отключим приложение с кодами: его назвали утраченным. Отменить можно в кабинете.",
    "app-kept": "Приложение с кодами остаётся: отключение отменено.",
    "app-gone": "Приложение с кодами отключено: сутки назад его назвали утраченным.",
}
SUBJECT = "Изменён вход в кабинет"
STAFF_SUBJECT = "Изменён вход на рабочее место"
STAFF_WORDS = {
    "invite": "Вам выдано новое приглашение на рабочее место.",
    "enrol": "Заданы новый пароль и приложение с кодами рабочего места.",
    "role": "Изменена ваша роль на рабочем месте.",
    "disable": "Ваш вход на рабочее место отключён.",
    "enable": "Ваш вход на рабочее место снова открыт.",
    "email": "Для рабочего места указан другой адрес почты.",
}


def change_words(change: str, when: str = "") -> str:
    """Return the sentence about this change, without the phone to call."""
    return WORDS[change].format(when=when)


def subscriber_message(brand: str, change: str, call: str, when: str = "") -> str:
    """Return the whole message: the sender, what happened, where to call."""
    return f"{brand}: {change_words(change, when)} Если это не вы, позвоните: {call}."


def staff_message(change: str) -> str:
    return f"{STAFF_WORDS[change]} Прежние сеансы закрыты. Если это не вы, сразу скажите администратору."


def check_identity(typed: str) -> str:
    """Return how staff verified identity, for the journal; Refused when empty or containing a document's
    number.
    """
    words = clean_line(typed)
    if not 10 <= len(words) <= 200:
        raise Refused(identity="Напишите, как проверили личность: от 10 до 200 знаков.")
    if re.search(r"\d{4,}", words.replace(" ", "")):
        raise Refused(
            identity="Не пишите номера документов: журнал хранится годами. Достаточно, какой документ и "
            "где показан."
        )
    return words
