"""Generates contracts.csv and keys.csv like real exports of billing systems; the same files each time.

python -m tests.kit.samples.generate

The errors are deliberate and described in `docs/registry.md`: the import must reject the `Bad` lines below
and understand everything else.
"""

import csv
import io
from datetime import date
from pathlib import Path
from random import Random

from commands.demo.town import Holder, Paper, Town

HERE = Path(__file__).parent
TODAY = date(2026, 11, 2)
COUNT = 320
NBSP = "\u00a0"
HEADER = [
    *[
        "Номер договора",
        "Дата договора",
        "Код абонента",
        "Вид абонента",
        "Абонент (ФИО / наименование)",
        "ИНН",
    ],
    *["Телефон по договору", "Контактный телефон", "Городской телефон", "E-mail", "Адрес оказания услуги"],
    *["Объект", "Адрес объекта", "Тарифный план", "Абонентская плата, руб.", "Цена действует с"],
    *["SMS-информирование", "Стоимость SMS", "Сальдо", "Дата сальдо", "Дата расторжения", "Менеджер"],
]
PHONES = [
    "+7{}{}{}{}",
    "8 ({}) {}-{}-{}",
    "8{}{}{}{}",
    "+7 {} {} {} {}",
    "8-{}-{}-{}-{}",
    "({}) {}-{}-{}",
    "{}{}{}{}",
]
KINDS = {
    "person": ["Физ. лицо", "Физическое лицо", "ФЛ", ""],
    "sole_trader": ["ИП", "ИП", ""],
    "company": ["Юр. лицо", "ЮЛ", ""],
}
DISTRICTS = ["Центральный", "Адмиралтейский", "Василеостровский", "Выборгский", "Московский", "Приморский"]


class Clerk:
    """Writes the same fact in a different spelling each time, as many employees over many years do."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def phone(self, e164: str | None) -> str:
        if not e164:
            return self.random.choice(["", "", "-", "нет"])
        d = e164[2:]
        return self.random.choice(PHONES).format(d[:3], d[3:6], d[6:8], d[8:])

    def day(self, day: date | None) -> str:
        if day is None:
            return self.random.choice(["", "", "01.01.0001"])
        return self.random.choice(
            [f"{day:%d.%m.%Y}", f"{day:%d.%m.%Y}", f"{day:%d.%m.%Y} 0:00:00", f"{day:%Y-%m-%d}"]
        )

    def money(self, kopecks: int) -> str:
        whole, rest = divmod(abs(kopecks), 100)
        grouped = f"{whole:,}".replace(",", self.random.choice([NBSP, NBSP, " ", ""]))
        comma = self.random.random() < 0.7
        return ("-" if kopecks < 0 else "") + (f"{grouped},{rest:02}" if comma else f"{whole}.{rest:02}")

    def number(self, number: int) -> str:
        text = f"{number:08}"
        spaced = f"{text[:2]} {text[2:5]} {text[5:]}"
        return self.random.choice(
            [text, text, spaced, spaced.replace(" ", NBSP), f"№ {spaced}", f"{text},00"]
        )

    def name(self, holder: Holder) -> str:
        if holder.kind == "person":
            return self.random.choice(
                [holder.name] * 6 + [holder.name.upper(), holder.name.replace(" ", "  ")]
            )
        return self.random.choice([holder.name, holder.name.replace("«", '"').replace("»", '"')])

    def kind(self, holder: Holder) -> str:
        return self.random.choice(KINDS[holder.kind])

    def address(self, address: str) -> str:
        # A line break inside a cell: somebody pressed Alt+Enter.
        return address.replace(", кв.", ",\r\nкв.") if self.random.random() < 0.04 else address

    def row(self, paper: Paper, site: int) -> list[str]:
        """Return one line of the export; a contract with several sites has a line for each, the other cells
        repeated.
        """
        own, pick = paper.holder, self.random.choice
        head = [self.number(paper.number), self.day(paper.signed_on), own.code]
        whom = [self.kind(own), self.name(own), own.inn or ""]
        ways = [self.phone(own.mobile), self.phone(None), self.phone(own.landline), own.email or ""]
        where = [self.address(paper.sites[0][1]), *paper.sites[site]]
        cost = [paper.tariff, self.money(paper.price), "01.01.2026" if paper.number % 10 == 0 else ""]
        sms = [pick(["да", "Да", self.phone(own.mobile)]), "99,00"] if paper.sms else [pick(["нет", ""]), ""]
        cash = [self.money(paper.balance), "01.11.2025", self.day(paper.ends_on), pick(["Орлова", "Ким", ""])]
        return [*head, *whom, *ways, *where, *cost, *sms, *cash]


def papers() -> list[Paper]:
    town = Town(1998, TODAY)
    made = [town.paper(78_000_101 + n) for n in range(COUNT)]
    for n in (30, 31, 90, 200):  # a second contract of one subscriber
        made[n] = town.paper(made[n].number, made[n - 5].holder)
    for n in (15, 77, 140):
        made[n].ends_on = date(2026, 12, 31)
    return made


def spoilt(good: list[str]) -> list[list[str]]:
    """Return lines the import must reject, each for one reason."""

    def but(number: str, **cells: str) -> list[str]:
        return [cells.get(f"c{place}", number if place == 0 else cell) for place, cell in enumerate(good)]

    return [
        but("7800901"),  # seven digits
        but("12 000 902"),  # another operator's prefix
        but("78000903", c1="31.02.2024"),
        but("78000904", c1="02.11.2099"),
        but("78000905", c2=""),
        but("78000906", c4=""),
        but("78000907", c6="8 (812) 000-12-34"),  # a landline as the phone for codes
        but("78000908", c6="921-12-34"),
        but("78000909", c14="по договорённости"),
        but("78000910", c14="-450,00"),
        but("78000911", c18="1.2.3"),
        but("78000912", c3="кооператив"),
        but("78000913", c20="01.01.2001"),  # ended before it was signed
        [*but("78000914"), "лишнее", "лишнее"],
    ]


def spotted(row: list[str], place: int) -> list[str]:
    """Make small errors: the line is imported, and the report remarks on the ignored cells."""
    stains = {
        12: (5, "7899123456"),
        52: (9, "нет почты@"),
        112: (8, "12-34"),
        172: (6, ""),
        232: (7, "спросить у сына"),
    }
    cell, text = stains.get(place, (0, row[0]))
    return [text if n == cell else old for n, old in enumerate(row)]


def contracts_csv() -> bytes:
    """Return contracts.csv: cp1251, «;», CRLF, a title, groups, page headers and totals, as 1С saves a report
    to a file.
    """
    clerk, out = Clerk(1703), io.StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    blank = [""] * (len(HEADER) - 1)
    made = papers()
    write(["Реестр договоров на 02.11.2026", *blank])
    write([])
    write(HEADER)
    bad = spoilt(clerk.row(made[0], 0))
    for n, paper in enumerate(made):
        if n % 60 == 0:
            write([f"Участок: {DISTRICTS[n // 60 % 6]} район", *blank])
        if n and n % 100 == 0:
            write(HEADER)
        for site in range(len(paper.sites)):
            write(spotted(clerk.row(paper, site), n))
        if n % 20 == 19 and bad:
            write(bad.pop(0))
        if n == 250:
            out.write(f'78000920;01.02.2020;Ф-000920;;"Незакрытая Кавычка Петровна{";" * 17}\r\n')
        if n == 260:
            write(
                [*clerk.row(paper, 0)[:2], "Ф-999999", *clerk.row(paper, 0)[3:]]
            )  # a duplicate number with another owner
    write(["Итого договоров:", str(len(made)), *blank[1:]])
    write(["Выгружено 02.11.2026 18:04, пользователь Орлова", *blank])
    return out.getvalue().encode("cp1251")


def keys_csv() -> bytes:
    """Return keys.csv: UTF-8 with a BOM, «,», LF, as another system writes it."""
    clerk, out = Clerk(1825), io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["Номер ключа", "Договор №", "Объект", "Адрес объекта"])
    for n, paper in enumerate(papers()):
        for key, site in paper.keys:
            write([key, clerk.number(paper.number), *paper.sites[site]])
        if n == 40:
            write(["", clerk.number(paper.number), "Квартира", ""])  # no key
        if n == 80:
            write(["99001", "78 999 999", "Склад", "Санкт-Петербург, ул. Садовая, д. 1"])  # no such contract
        if n == 120:
            write([paper.keys[0][0], "78000101", "Дом", ""])  # belongs to another contract, three lines up
        if n == 160:
            write(["кл-77", clerk.number(paper.number), "", ""])
    write(["Всего", str(COUNT), "", ""])
    return out.getvalue().encode("utf-8-sig")


if __name__ == "__main__":
    (HERE / "contracts.csv").write_bytes(contracts_csv())
    (HERE / "keys.csv").write_bytes(keys_csv())
