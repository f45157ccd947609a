"""Importing registry files into a test's database. `house` and `take` are fixtures that tests import."""

import pytest

from commands import Context
from commands.registry import import_file

HEADER = [
    *["Номер договора", "Дата договора", "Код абонента", "Абонент", "Телефон", "E-mail", "Адрес", "Объект"],
    *[
        "Тариф",
        "Абонентская плата",
        "Цена действует с",
        "SMS",
        "Стоимость SMS",
        "Сальдо",
        "Дата сальдо",
        "Дата расторжения",
    ],
]
LINE = {
    "Номер договора": "78 111 111",
    "Дата договора": "01.02.2024",
    "Код абонента": "Ф-111",
    "Абонент": "Гусева Дарья Олеговна",
    "Телефон": "8 900 111-11-11",
    "E-mail": "daria@example.com",
    "Адрес": "Санкт-Петербург, ул. Марата, д. 10",
    "Объект": "Квартира",
    "Тариф": "Канал GSM",
    "Абонентская плата": "450,00",
    "Сальдо": "-150,50",
    "Дата сальдо": "01.11.2026",
}


@pytest.fixture
def house(engine, settings, clock):
    return Context(engine, settings, clock)


@pytest.fixture
def take(house, tmp_path, db):
    """`take(LINE, {…})`: import a file of these lines."""

    def take(*lines: dict[str, str], kind: str = "contracts", header: list[str] = HEADER):
        path = tmp_path / f"{kind}.csv"
        rows = [";".join(header), *(";".join(line.get(title, "") for title in header) for line in lines)]
        path.write_text("\n".join(rows))
        db.rollback()  # so that the test reads the committed rows
        return import_file(house, path, kind, quiet=True)

    return take


def but(**cells: str) -> dict[str, str]:
    return LINE | {title.replace("_", " "): text for title, text in cells.items()}
