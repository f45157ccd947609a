"""Rules for passwords: own ones have at least twelve characters and are not easily guessed; how typed
ones are read.
"""

import unicodedata

from rules import Refused
from rules.typed_text import remove_spaces

MIN_LENGTH = 12
MAX_LENGTH = 128
LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбю"
TO_LATIN = str.maketrans(CYRILLIC + CYRILLIC.upper(), LATIN + LATIN.upper())
TO_CYRILLIC = str.maketrans(LATIN + LATIN.upper(), CYRILLIC + CYRILLIC.upper())
# Common Russian words: the library's word lists are English.
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


def normalize(typed: str) -> str:
    """An own password as it is hashed: NFC (RFC 8265), every sign meant, edges' spaces too."""
    return unicodedata.normalize("NFC", typed)


def list_spellings(typed: str) -> tuple[str, ...]:
    """What the hash of an own password may be of: NFC, and as earlier releases hashed whatever the keyboard
    sent.
    """
    return tuple(dict.fromkeys([normalize(typed), typed, unicodedata.normalize("NFD", typed)]))


def normalize_initial(typed: str) -> str:
    """A password out of our SMS (lower case, without look-alikes): the spaces, the capital and the full stop
    that a phone's keyboard adds are not meant.
    """
    return remove_spaces(typed).lower().rstrip(".,;:!")


def plan(password: str, personal: list[str]) -> str:
    """Return the password in NFC if it is acceptable, else raise Refused(password=…) with the reason.

    `personal` is what an attacker may know of this subscriber: contract number, phone, name, e-mail.
    """
    password = normalize(password)
    if len(password) < MIN_LENGTH:
        raise Refused(
            password=f"Пароль короче {MIN_LENGTH} символов. Добавьте ещё слово или два: "
            "длинное труднее угадать."
        )
    if len(password) > MAX_LENGTH:
        raise Refused(password=f"Пароль длиннее {MAX_LENGTH} символов. Сократите его.")
    from zxcvbn import zxcvbn  # loads 12 MB of word lists, so only when a password is chosen

    parts = [part for text in personal for part in (text, *text.split()) if len(part) > 3]
    parts += (
        [word.translate(TO_LATIN) for word in parts]
        + list(COMMON)
        + [word.translate(TO_LATIN) for word in COMMON]
    )
    rest = password.casefold()
    for word in sorted(parts, key=len, reverse=True):
        rest = rest.replace(word.casefold(), "")
    if len(rest) < MIN_LENGTH // 2:
        raise Refused(password=_weakness_words([{"pattern": "dictionary", "dictionary_name": "user_inputs"}]))
    for spelling in {password, password.translate(TO_LATIN), password.translate(TO_CYRILLIC)}:
        found = zxcvbn(spelling[:72], user_inputs=parts)
        if found["score"] < 3:
            raise Refused(password=_weakness_words(found["sequence"]))
    return password


def _weakness_words(sequence: list[dict]) -> str:
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
