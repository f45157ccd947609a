"""Canned answers: texts with variables in braces that are filled from the request and its contract."""

import re

from rules import Problems

VARIABLES = {
    "имя": "имя и отчество абонента или название организации",
    "договор": "номер договора",
    "номер": "номер обращения",
    "вид": "вид обращения",
    "день": "день, с которого просят изменение",
    "баланс": "баланс сейчас",
    "сегодня": "сегодняшний день",
    "менеджер": "ваше имя",
}
IN_BRACES = re.compile(r"\{([^{}\n]*)\}")
LONGEST = 4000


def check(title: str, text: str) -> tuple[str, str]:
    """Return title and text, stripped. Refused with the name of a variable that does not exist."""
    problems = Problems()
    if not 3 <= len(title.strip()) <= 80:
        problems["title"] = "Назовите ответ коротко: от 3 до 80 знаков."
    unknown = [name for name in IN_BRACES.findall(text) if name not in VARIABLES]
    if not text.strip() or len(text) > LONGEST:
        problems["text"] = f"Напишите текст ответа, до {LONGEST} знаков."
    elif unknown:
        problems["text"] = (
            f"Переменной {{{unknown[0]}}} нет. Есть: {', '.join(f'{{{name}}}' for name in VARIABLES)}."
        )
    problems.check()
    return title.strip(), text.strip()


def fill(text: str, facts: dict[str, str]) -> str:
    """Return the text with the variables filled in; one without a value stays in place for staff to
    replace.
    """
    return IN_BRACES.sub(lambda match: facts.get(match[1]) or match[0], text)


def unfilled_variables(text: str) -> list[str]:
    """Return the variables that are still in a text about to be sent: a subscriber must never read
    «{день}».
    """
    return [name for name in IN_BRACES.findall(text) if name in VARIABLES]


def first_name(name: str, kind: str) -> str:
    """Return the form of address: «Анна Сергеевна» for «Иванова Анна Сергеевна»; an organisation's whole
    name.
    """
    parts = name.split()
    return " ".join(parts[1:]) if kind == "person" and len(parts) >= 3 else name
