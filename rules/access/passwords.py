"""Own passwords: twelve characters or more, any characters, and not one that a guesser would try first."""

from rules import Refused

MIN_LENGTH = 12
MAX_LENGTH = 128
LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбю"
TO_LATIN = str.maketrans(CYRILLIC + CYRILLIC.upper(), LATIN + LATIN.upper())
TO_CYRILLIC = str.maketrans(LATIN + LATIN.upper(), CYRILLIC + CYRILLIC.upper())
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


def plan(password: str, personal: list[str]) -> str:
    """The password if it will do, else Refused(password=…) with the reason.

    `personal` is what a guesser would know of this subscriber: contract number, phone, name, e-mail.
    """
    if len(password) < MIN_LENGTH:
        raise Refused(
            password=f"Пароль короче {MIN_LENGTH} символов. Добавьте ещё слово или два: "
            "длинное труднее угадать."
        )
    if len(password) > MAX_LENGTH:
        raise Refused(password=f"Пароль длиннее {MAX_LENGTH} символов. Сократите его.")
    from zxcvbn import zxcvbn  # 12 MB of word lists, wanted only where a password is chosen

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
