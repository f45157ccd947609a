"""Passwords: own ones of twelve characters or more, any characters, not one that a guesser would try first;
and how both kinds are read.
"""

import unicodedata

from rules import Refused
from rules.typed_text import compact

LEAST = 12
MOST = 128
LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбю"
SWITCH = str.maketrans(CYRILLIC + CYRILLIC.upper(), LATIN + LATIN.upper())
BACK = str.maketrans(LATIN + LATIN.upper(), CYRILLIC + CYRILLIC.upper())
# The Russian words that guessers begin with; the library's own lists are English.
COMMON = (
    "пароль",
    "любовь",
    "привет",
    "солнышко",
    "наташа",
    "максим",
    "андрей",
    "россия",
    "охрана",
    "росохрана",
    "сигнализация",
    "кабинет",
    "телеком",
    "договор",
    "петербург",
    "ленинград",
    "зенит",
    "спартак",
)


def normal(typed: str) -> str:
    """An own password as it is hashed: NFC (RFC 8265), every sign meant, edges' spaces too."""
    return unicodedata.normalize("NFC", typed)


def spellings(typed: str) -> tuple[str, ...]:
    """What the hash of an own password may be of: NFC, and as earlier releases hashed whatever the keyboard
    sent.
    """
    return tuple(dict.fromkeys([normal(typed), typed, unicodedata.normalize("NFD", typed)]))


def initial(typed: str) -> str:
    """A password out of our SMS (lower case, without look-alikes): the spaces, the capital and the full stop
    that a phone's keyboard adds are not meant.
    """
    return compact(typed).lower().rstrip(".,;:!")


def plan(password: str, personal: list[str]) -> str:
    """The password in NFC if it will do, else Refused(password=…) with the reason.

    `personal` is what a guesser would know of this subscriber: contract number, phone, name, e-mail.
    """
    password = normal(password)
    if len(password) < LEAST:
        raise Refused(
            password=f"Пароль короче {LEAST} символов. Добавьте ещё слово или два: длинное труднее угадать."
        )
    if len(password) > MOST:
        raise Refused(password=f"Пароль длиннее {MOST} символов. Сократите его.")
    from zxcvbn import zxcvbn  # 12 MB of word lists, wanted only where a password is chosen

    parts = [part for text in personal for part in (text, *text.split()) if len(part) > 3]
    parts += (
        [word.translate(SWITCH) for word in parts]
        + list(COMMON)
        + [word.translate(SWITCH) for word in COMMON]
    )
    rest = password.casefold()
    for word in sorted(parts, key=len, reverse=True):
        rest = rest.replace(word.casefold(), "")
    if len(rest) < LEAST // 2:
        raise Refused(password=_why([{"pattern": "dictionary", "dictionary_name": "user_inputs"}]))
    for spelling in {password, password.translate(SWITCH), password.translate(BACK)}:
        found = zxcvbn(spelling[:72], user_inputs=parts)
        if found["score"] < 3:
            raise Refused(password=_why(found["sequence"]))
    return password


def _why(sequence: list[dict]) -> str:
    patterns = {part["pattern"] for part in sequence}
    dictionaries = {part.get("dictionary_name") for part in sequence}
    if "user_inputs" in dictionaries:
        reason = "В пароле то, что о вас легко узнать, или слово, которое пробуют первым."
    elif "repeat" in patterns:
        reason = "Пароль повторяет одно и то же."
    elif patterns & {"sequence", "spatial"}:
        reason = "Пароль идёт по порядку или по соседним клавишам."
    elif "date" in patterns:
        reason = "Пароль похож на дату."
    else:
        reason = "Такой пароль есть в списках самых частых."
    return f"{reason} Возьмите несколько не связанных между собой слов."
