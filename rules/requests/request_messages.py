"""News about a request for its subscriber. They say only that there is news: others may see the phone's
screen.
"""

from rules.messages import MessageText

NEW_ANSWER = "Новый ответ."
REQUEST_REFUSED = "Отказано. Причина — в личном кабинете."
LETTER_ANSWERED = "На обращение ответили."
CARRIED_OUT = "Заявка выполнена."
SYSTEM_NAME = "Система"  # whose step it is when a rule or a job made it


def news_message(kind: str, number: int, words: str) -> MessageText:
    """Заявка № 100001: Новый ответ. Посмотрите в личном кабинете."""
    title = f"{'Обращение' if kind == 'letter' else 'Заявка'} № {number}"
    return MessageText(f"{title}: {words} Посмотрите в личном кабинете.", title)


def same_open_message(number: int) -> str:
    """Why a request that says the same as an open one is not sent."""
    return f"Такая заявка уже открыта: № {number}. Посмотрите, что с ней, или допишите в неё."
