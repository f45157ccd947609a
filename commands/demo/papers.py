"""The demonstration's contracts: a few known people and an invented town, imported through the registry."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from commands import Context
from commands.demo.town import Holder, Paper, Town
from commands.demo.year import Year
from commands.registry import import_file

SEED, COUNT, LATER = 78, 240, 24
DEARER = "Канал связи GSM", 48000  # the tariff whose price rose in the middle of the year
SMS_PRICE = "99,00"
HEADER = [
    *[
        "Номер договора",
        "Дата договора",
        "Код абонента",
        "Вид абонента",
        "Абонент",
        "ИНН",
        "Телефон",
        "Городской телефон",
    ],
    *["E-mail", "Адрес", "Объект", "Адрес объекта", "Тариф", "Абонентская плата", "Цена действует с", "SMS"],
    *["Стоимость SMS", "Остаток", "Дата остатка", "Дата расторжения"],
]
ANNA, BORIS, LETO, LETO_TOO, VERA = 78000001, 78000002, 78000003, 78000004, 78000005


def cast_papers(begin: date) -> list[Paper]:
    """Return the contracts of the demonstration's story; the same people as in the tests."""
    city = "Санкт-Петербург, "
    leto = Holder(
        "Ю-900003", "company", "ООО «Лето»", "+79219990033", "leto@example.com", "+78120003300", "7899000034"
    )
    leto = replace(leto, inn=Town(1, begin).inn(10))
    anna = Holder(
        "Ф-900001", "person", "Соколова Анна Игоревна", "+79211234567", "anna@example.com", "+78120001122"
    )
    boris = Holder("Ф-900002", "person", "Ким Борис Львович", "+79217654321", "boris@example.com")
    vera = Holder("Ф-900005", "person", "Новикова Вера Павловна", "+79215550055")
    signed = begin - timedelta(days=640)
    flat = [
        ("Квартира", city + "Лиговский пр., д. 50, кв. 12"),
        ("Дача", "Ленинградская обл., Токсово, ул. Озёрная, д. 8"),
    ]
    shop = [("Магазин", city + "наб. реки Фонтанки, д. 20"), ("Склад", city + "ул. Салова, д. 44, пом. 3-Н")]
    return [
        Paper(ANNA, anna, signed, "Канал связи GSM + Ethernet", 69000, True, flat, _keys(ANNA, 2), 138000),
        Paper(
            BORIS,
            boris,
            signed,
            "Канал связи GSM",
            45000,
            False,
            [("Квартира", city + "ул. Рубинштейна, д. 5, кв. 3")],
            _keys(BORIS, 1),
            -45000,
        ),
        Paper(LETO, leto, signed, "Канал связи «Бизнес»", 120050, True, shop, _keys(LETO, 2), 240100),
        Paper(
            LETO_TOO,
            leto,
            signed,
            "Канал связи «Бизнес»",
            120050,
            False,
            [("Кафе", "Пушкин, ул. Садовая, д. 7")],
            _keys(LETO_TOO, 1),
            0,
        ),
        Paper(
            VERA,
            vera,
            signed,
            "Канал связи GSM",
            45000,
            False,
            [("Квартира", city + "Невский пр., д. 100, кв. 7")],
            _keys(VERA, 1),
            90000,
        ),
    ]


def _keys(number: int, count: int) -> list[tuple[str, int]]:
    return [(f"{number % 10000:04}{place}", place) for place in range(count)]


def all_papers(begin: date) -> list[Paper]:
    town = Town(SEED, begin)
    return cast_papers(begin) + [town.paper(78_000_101 + n) for n in range(COUNT)]


def fill(context: Context) -> None:
    """Import the registry three times: the first export, one with new contracts and a higher tariff, and
    yesterday's.
    """
    year = Year(context.clock.now())
    papers = all_papers(year.begin)
    halfway = year.months[len(year.months) // 2]
    for paper in papers[-LATER:]:
        paper.signed_on = halfway - timedelta(days=10 + paper.number % 30)
    _take(context, papers[:-LATER], year.begin, year.begin)
    for paper in papers:
        if paper.tariff == DEARER[0]:
            paper.price = DEARER[1]
    _take(context, papers, halfway, halfway, since=halfway)
    papers[40].holder.mobile, papers[41].ends_on = "+79000099040", year.today + timedelta(days=25)
    _take(context, papers, year.today - timedelta(days=1), halfway, since=halfway)


def _take(
    context: Context, papers: list[Paper], night: date, balance_day: date, since: date | None = None
) -> None:
    with TemporaryDirectory() as folder:
        contracts, keys = Path(folder) / f"contracts-{night}.csv", Path(folder) / f"keys-{night}.csv"
        _write(contracts, HEADER, [row for paper in papers for row in _rows(paper, balance_day, since)])
        _write(
            keys,
            ["Номер ключа", "Номер договора", "Объект"],
            [row for paper in papers for row in _key_rows(paper)],
        )
        import_file(context, contracts, "contracts", quiet=True, now=Year.at(night, 3))
        import_file(context, keys, "keys", quiet=True, now=Year.at(night, 3))


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="cp1251", newline="") as file:
        csv.writer(file, delimiter=";").writerows([header, *rows])


def _rows(paper: Paper, balance_day: date, since: date | None) -> list[list[str]]:
    own = paper.holder
    dated = f"{since:%d.%m.%Y}" if since and (paper.tariff, paper.price) == DEARER else ""
    head = [
        str(paper.number),
        f"{paper.signed_on:%d.%m.%Y}",
        own.code,
        "",
        own.name,
        own.inn or "",
        own.mobile,
    ]
    ends = f"{paper.ends_on:%d.%m.%Y}" if paper.ends_on else ""
    sms = ["да", SMS_PRICE] if paper.sms else ["нет", ""]
    money = [_rubles(paper.balance), f"{max(balance_day, paper.signed_on):%d.%m.%Y}", ends]
    return [
        [
            *head,
            own.landline or "",
            own.email or "",
            paper.sites[0][1],
            *site,
            paper.tariff,
            _rubles(paper.price),
            dated,
            *sms,
            *money,
        ]
        for site in paper.sites
    ]


def _key_rows(paper: Paper) -> list[list[str]]:
    return [[key, str(paper.number), paper.sites[place][0]] for key, place in paper.keys]


def _rubles(kopecks: int) -> str:
    return f"{'-' if kopecks < 0 else ''}{abs(kopecks) // 100},{abs(kopecks) % 100:02}"
