"""SMS sent because of a person's own action: the sender and the action first, then what to do."""

# What a code is for, by path; the longest matching prefix applies.
ACTIONS = {
    "/autopay": "автоплатежа",
    "/settings/email": "смены почты",
    "/settings/password": "смены пароля",
    "/settings/entry": "входа по кодам",
    "/settings/totp": "приложения с кодами",
    "/settings/export": "копии данных",
    "/settings/representatives": "прав представителя",
    "/requests": "заявки",
    "/inbox": "заявки",
}
LOGIN, REPRESENTATIVE = "входа", "входа представителя"
APP_LOST = "отключения утраченного приложения с кодами"
PHONE_OLD, PHONE_NEW = "переноса входа с этого номера", "переноса входа на этот номер"


def code_text(brand: str, digits: str, deed: str) -> str:
    """Росохрана Телеком: 090833 — код для автоплатежа. Никому его не говорите."""
    return f"{brand}: {digits} — код для {deed}. Никому его не говорите."


def action_words(place: str) -> str:
    """Return what the page at this path does, to follow «код для»."""
    fitting = [start for start in ACTIONS if place == start or place.startswith((start + "/", start + "?"))]
    return ACTIONS[max(fitting, key=len)] if fitting else "подтверждения"


def alarm_number_text(brand: str, digits: str) -> str:
    """Sent to a number that is not the subscriber's: its holder must learn what the code is for and whom to
    tell it.
    """
    return f"{brand}: {digits} — код: на этот номер придут сообщения о тревогах. Скажите его только абоненту."


def password_text(brand: str, words: str) -> str:
    """The password stands between spaces, so that nothing else is copied with it."""
    return f"{brand}: пароль для входа в кабинет {words} — действует сутки. Никому его не говорите."


def notice_text(brand: str, words: str) -> str:
    return f"{brand}: {words}"
