"""What a person reads about autopay."""

from datetime import date

import pytest

from rules.payments import autopay_messages
from rules.payments.autopay import OFF_REASONS, AutopayTerms

TERMS = AutopayTerms("monthly", 100_000, day=10)
IN_WORDS = "Каждый месяц 10 числа платить, сколько начислено, не больше 1 000,00 ₽ за раз"


@pytest.mark.parametrize(
    ("message", "subject", "text"),
    [
        (
            autopay_messages.advance_notice(date(2026, 12, 10), 60_000, "Мир •• 4477"),
            "Завтра автоплатёж",
            "10 декабря 2026 спишем автоплатежом до 600,00 ₽ с карты Мир •• 4477. Отключить: личный кабинет, "
            "«Автоплатёж».",
        ),
        (
            autopay_messages.turned_on("Мир •• 4477", TERMS),
            "Автоплатёж включён",
            f"Автоплатёж включён, карта Мир •• 4477. {IN_WORDS}. Выключить можно в личном кабинете.",
        ),
        (
            autopay_messages.terms_changed(TERMS),
            "Условия автоплатежа изменены",
            f"Условия автоплатежа изменены. {IN_WORDS}. Выключить можно в личном кабинете.",
        ),
        (
            autopay_messages.turned_off("moved"),
            "Автоплатёж выключен",
            "Автоплатёж выключен: договор перешёл к другому абоненту. Карта отвязана, больше ничего не "
            "спишем.",
        ),
        (
            autopay_messages.charge_failed(60_000, "на карте не хватило денег", date(2026, 12, 11)),
            "Автоплатёж не прошёл",
            "Автоплатёж 600,00 ₽ не прошёл: на карте не хватило денег. Попробуем ещё раз 11 декабря 2026.",
        ),
    ],
)
def test_a_message_about_autopay_says_what_happened_and_what_to_do(message, subject, text):
    assert message.subject == subject and message.text.replace("\u00a0", " ") == text


@pytest.mark.parametrize("why", OFF_REASONS)
def test_every_reason_of_turning_off_is_said(why):
    assert OFF_REASONS[why] in autopay_messages.turned_off(why).text


def test_a_charge_names_the_month_it_is_for():
    assert autopay_messages.charge_purpose(date(2026, 12, 10)) == "Автоплатёж за декабрь\u00a02026"
