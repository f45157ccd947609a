"""Notifications to a subscriber about a request. They say only that there is news, because other people may
see the phone's screen.
"""

from rules.messages import MessageText

NEW_ANSWER = "Новый ответ."
REQUEST_REFUSED = "Отказано. Причина — в личном кабинете."
LETTER_ANSWERED = "На обращение ответили."
CARRIED_OUT = "Заявка выполнена."
SYSTEM_NAME = "Система"  # the author of a step made by a rule or a job


def news_message(kind: str, number: int, words: str) -> MessageText:
    """Return the notification: «Заявка № 100001: Новый ответ. Посмотрите в личном кабинете.»"""
    title = f"{'Обращение' if kind == 'letter' else 'Заявка'} № {number}"
    return MessageText(f"{title}: {words} Посмотрите в личном кабинете.", title)


def same_open_message(number: int) -> str:
    """Return the sentence that refuses a request because an open one has the same content."""
    return f"Такая заявка уже открыта: № {number}. Посмотрите, что с ней, или допишите в неё."
