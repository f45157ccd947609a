"""Words of SMS: who sends and what for come first, and nothing sticks to a password."""

import pytest

from rules.access import sms_texts


def test_a_code_names_the_sender_and_the_deed():
    said = sms_texts.code_text("Росохрана Телеком", "090833", sms_texts.action_words("/autopay/new"))
    assert said == "Росохрана Телеком: 090833 — код для автоплатежа. Никому его не говорите."


@pytest.mark.parametrize(
    ("place", "deed"),
    [
        ("/settings/email", "смены почты"),
        ("/settings/representatives/new", "прав представителя"),
        ("/requests/new/refund", "заявки"),
        ("/autopay?x=1", "автоплатежа"),
        ("/autopayments", "подтверждения"),
        ("/", "подтверждения"),
    ],
)
def test_the_deed_is_the_pages(place, deed):
    assert sms_texts.action_words(place) == deed


def test_a_password_stands_between_spaces():
    assert " abc234 " in sms_texts.password_text("Росохрана Телеком", "abc234")
