"""A changed way of entry in the words the person gets over every channel; a lost application
and its day.

Whoever changes how one enters may be a thief: so the person hears of it wherever they can be reached, and may
call.
"""

import re
from datetime import timedelta

from rules import Refused

# From the word that the application is lost until it is removed: time for the person to hear of it and say
# no.
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
    """What is said of this change, without whom to call."""
    return WORDS[change].format(when=when)


def subscriber_message(brand: str, change: str, call: str, when: str = "") -> str:
    """The same as it leaves the house: who writes, what happened, where to call."""
    return f"{brand}: {change_words(change, when)} Если это не вы, позвоните: {call}."


def staff_message(change: str) -> str:
    return f"{STAFF_WORDS[change]} Прежние сеансы закрыты. Если это не вы, сразу скажите администратору."


def check_identity(typed: str) -> str:
    """How the desk made sure who asks, for the journal; Refused without it, or with a document's number in
    it.
    """
    words = " ".join(typed.split())
    if not 10 <= len(words) <= 200:
        raise Refused(identity="Напишите, как проверили личность: от 10 до 200 знаков.")
    if re.search(r"\d{4,}", words.replace(" ", "")):
        raise Refused(
            identity="Не пишите номера документов: журнал хранится годами. Достаточно, какой документ и "
            "где показан."
        )
    return words
