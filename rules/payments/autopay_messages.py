"""Messages about autopay: announced, turned on, changed, failed, turned off (manual §3.2)."""

from datetime import date

from rules.amounts import rubles
from rules.days import day_words, month_words
from rules.messages import MessageText
from rules.payments.autopay import OFF_REASONS, AutopayTerms, describe_terms


def advance_notice(day: date, amount: int, card: str) -> MessageText:
    """Return the message sent the day before a charge."""
    most = rubles(amount)
    return MessageText(
        f"{day_words(day)} спишем автоплатежом до {most} с карты {card}. Отключить: личный кабинет, "
        "«Автоплатёж».",
        "Завтра автоплатёж",
    )


def turned_on(card: str, terms: AutopayTerms) -> MessageText:
    return MessageText(
        f"Автоплатёж включён, карта {card}. {describe_terms(terms)}. Выключить можно в личном кабинете.",
        "Автоплатёж включён",
    )


def terms_changed(terms: AutopayTerms) -> MessageText:
    return MessageText(
        f"Условия автоплатежа изменены. {describe_terms(terms)}. Выключить можно в личном кабинете.",
        "Условия автоплатежа изменены",
    )


def turned_off(why: str) -> MessageText:
    """Return the message that autopay is off; `why` is a key of OFF_REASONS."""
    return MessageText(
        f"Автоплатёж выключен: {OFF_REASONS[why]}. Карта отвязана, больше ничего не спишем.",
        "Автоплатёж выключен",
    )


def charge_failed(amount: int, failure: str, again: date) -> MessageText:
    """Return the message about a failed charge.

    `failure` is the bank's reason in words, `again` the day of the next attempt.
    """
    return MessageText(
        f"Автоплатёж {rubles(amount)} не прошёл: {failure}. Попробуем ещё раз {day_words(again)}.",
        "Автоплатёж не прошёл",
    )


def charge_purpose(due: date) -> str:
    """Return the purpose of a charge, shown on the bank's page and in the history."""
    return f"Автоплатёж за {month_words(due)}"
