"""What is wrong with a form: the sentence of each field, and whether a list of them stands above the page."""

import re
from collections import Counter
from html import unescape
from typing import Any

# A field left empty is asked for by its own name, so that a list of three says three things.
MISSING = {
    "number": "Укажите номер договора: восемь цифр.",
    "phone": "Укажите мобильный телефон, например +7 921 123-45-67.",
    "email": "Укажите электронную почту, например anna@mail.ru.",
    "login": "Введите логин.",
    "password": "Введите пароль.",
    "code": "Введите код.",
    "entry": "Выберите, как входить: с паролем или по коду из SMS.",
}

SENTENCES = {
    "string_too_long": "Слишком длинно. Сократите текст.",
    "string_too_short": "Слишком коротко. Напишите подробнее.",
    "date_from_datetime_parsing": "Такого дня нет. Укажите день, месяц и год, например 02.11.2026.",
    "date_parsing": "Такого дня нет. Укажите день, месяц и год, например 02.11.2026.",
    "int_parsing": "Здесь нужно целое число.",
    "literal_error": "Выберите один из вариантов.",
    "bool_parsing": "Поставьте или снимите отметку.",
}


class FormErrors(dict[str, str]):
    """Field → sentence. `alone` is the field of the only error, "" otherwise: such an error is said once, at
    the field, which has the focus; of several, or of the whole form («form»), a list above tells.
    """

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(problems)
        self.alone = next(iter(self)) if len(self) == 1 and "form" not in self else ""

    def fit(self, body: str) -> bool:
        """Fit what is said to the page as it was rendered; True when it must be rendered again.

        An only error without a field on the page goes into the list. Two that say the same are told apart by
        the labels of their fields.
        """
        if self.alone and f'id="f-{self.alone}-error"' not in body:
            self.alone = ""
            return True
        repeated = [words for words, times in Counter(self.values()).items() if times > 1]
        for name, words in self.items():
            label = re.search(rf'<label for="f-{re.escape(name)}">([^<]+)</label>', body)
            if label and words in repeated:
                self[name] = f"{unescape(label[1]).strip()}: {words[0].lower()}{words[1:]}"
        return bool(repeated)


def sentence(error: Any) -> str:
    """The words for one of pydantic's errors; those of our own rules as they are."""
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "missing" or error.get("input") in ("", None):
        return MISSING.get(name, "Заполните это поле.")
    cause = error.get("ctx", {}).get("error")
    if error["type"] == "value_error" and cause is not None:
        return str(cause)
    return SENTENCES.get(error["type"], "Проверьте, что здесь написано: так заполнить поле нельзя.")
