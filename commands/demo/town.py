"""A believable town for the demonstration and for sample files: invented people, companies and premises, by
seed.

Nobody here exists: names are drawn at random, phones lie in a block nobody is given (+7 900 00…), ИНН carry
an inspectorate there is none of (7899).
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

SURNAMES = """
Абрамов Алексеев Анисимов Артемьев Баранов Белов Беляков Богданов Борисов Быков Васильев Виноградов Власов
Воробьёв Воронов Гаврилов Голубев Гордеев Громов Гусев Данилов Демидов Денисов Дмитриев Дорофеев Егоров Ершов
Ефимов Жданов Журавлёв Зайцев Захаров Зимин Игнатьев Ильин Исаев Калинин Карпов Киселёв Климов Ковалёв Козлов
Комаров Кондратьев Королёв Котов Крылов Кудрявцев Куликов Лазарев Лапин Лебедев Логинов Макаров Максимов
Мартынов Матвеев Медведев Мельников Миронов Наумов Нестеров Никитин Новиков Носов Орехов Орлов Осипов Панов
Петухов Поляков Пономарёв Потапов Родионов Рожков Рябов Савельев Савин Селезнёв Семёнов Сидоров Симонов
Сорокин Степанов Суворов Тарасов Тихонов Трофимов Уваров Ушаков Фёдоров Филатов Фомин Харитонов Цветков Чернов
Шестаков Широков Щербаков Юдин Яковлев
""".split()
MEN = """
Александр Алексей Андрей Антон Артём Борис Вадим Валерий Василий Виктор Виталий Владислав Григорий Денис
Дмитрий Евгений Егор Иван Игорь Илья Кирилл Константин Максим Михаил Николай Олег Павел Пётр Роман Сергей
Тимофей Юрий
""".split()
WOMEN = """
Александра Алина Алла Анастасия Анна Валентина Валерия Вера Галина Дарья Евгения Екатерина Елена Жанна Зоя
Инна Ирина Ксения Лариса Лидия Любовь Людмила Марина Мария Надежда Наталья Нина Ольга Полина Светлана Тамара
Татьяна Юлия
""".split()
FATHERS = """
Александр Алексей Анатолий Андрей Борис Вадим Валентин Виктор Владислав Геннадий Григорий Денис Евгений Иван
Кирилл Константин Леонид Максим Михаил Николай Олег Павел Роман Сергей Степан Фёдор
""".split()
STREETS = """
Невский_пр. Лиговский_пр. Загородный_пр. Московский_пр. Суворовский_пр. Заневский_пр. Богатырский_пр.
пр._Стачек пр._Энгельса пр._Просвещения пр._Большевиков пр._Ветеранов Светлановский_пр. Гражданский_пр.
Комендантский_пр. ул._Марата ул._Рубинштейна ул._Восстания ул._Маяковского ул._Некрасова ул._Жуковского
ул._Чайковского ул._Фурштатская ул._Садовая ул._Гороховая ул._Декабристов ул._Казанская ул._Типанова
ул._Бухарестская ул._Будапештская ул._Савушкина ул._Школьная ул._Есенина ул._Композиторов ул._Руставели
ул._Коллонтай ул._Дыбенко наб._реки_Мойки наб._реки_Фонтанки наб._канала_Грибоедова 8-я_линия_В.О.
14-я_линия_В.О. Средний_пр._В.О. Каменноостровский_пр. Большой_пр._П.С.
""".split()
VILLAGES = """
Всеволожск,_ул._Лесная Сертолово,_ул._Центральная Гатчина,_ул._Соборная Кудрово,_Строителей_пр.
Мурино,_Петровский_бул. Токсово,_ул._Озёрная Ломоносов,_ул._Морская Пушкин,_ул._Малая Павловск,_ул._Садовая
Сестрорецк,_ул._Токарева Зеленогорск,_Приморское_ш. Колпино,_ул._Тверская
""".split()
SHOPS = """
Балтика-Чай Северная_лавка Белые_ночи_сервис Ладожский_хлеб Фонтанка_Мебель Невская_оптика Гранит_и_парус
Аптека_на_Марата Кофейня_Причал Медный_всадник_антиквариат Полюстрово_Авто Охтинский_склад
Василеостровский_ломбард Ювелир_Палитра Книжный_дворик Детская_галерея Цветы_на_Садовой Стоматология_Жемчуг
Электрон-Север Тёплый_пол_СПб Ателье_Нить Хлебный_переулок Мастерская_Кадр Музыкальный_салон_Нота
Охота_и_рыбалка_Вуокса Сыроварня_Токсово
""".split()
FLATS, HOUSES = ["Квартира", "Квартира", "Квартира", "Кладовая"], ["Дом", "Дача", "Гараж"]
HALLS = ["Магазин", "Склад", "Офис", "Кафе", "Салон", "Касса", "Торговый зал", "Подсобное помещение"]
TARIFFS = [
    ("Канал связи GSM", 45000),
    ("Канал связи GSM + Ethernet", 69000),
    ("Канал связи Ethernet", 52000),
    ("Канал связи «Бизнес»", 120050),
]


@dataclass
class Holder:
    """A party to a contract: `code` is the registry's, phones are E.164."""

    code: str
    kind: str
    name: str
    mobile: str
    email: str | None = None
    landline: str | None = None
    inn: str | None = None


@dataclass
class Paper:
    """One contract with its sites as (name, address) and the keys of each as (number, index in `sites`)."""

    number: int
    holder: Holder
    signed_on: date
    tariff: str
    price: int
    sms: bool
    sites: list[tuple[str, str]]
    keys: list[tuple[str, int]] = field(default_factory=list)
    balance: int = 0
    ends_on: date | None = None


class Town:
    """Generates people and contracts; the same seed gives the same town."""

    def __init__(self, seed: int, today: date) -> None:
        self.random, self.today = Random(seed), today  # noqa: S311 - a show, not a secret
        self.count = 0

    def person_name(self) -> str:
        pick = self.random.choice
        surname, father = pick(SURNAMES), pick(FATHERS)
        if self.random.random() < 0.5:
            return f"{surname} {pick(MEN)} {patronymic(father)}ич"
        return f"{surname}а {pick(WOMEN)} {patronymic(father)}на"

    def holder(self) -> Holder:
        self.count += 1
        kind = self.random.choices(["person", "sole_trader", "company"], [70, 14, 16])[0]
        name = self.person_name()
        if kind == "sole_trader":
            name = f"ИП {name}"
        if kind == "company":
            name = f"{self.random.choice(['ООО', 'ООО', 'ООО', 'АО'])} «{spaced(self.random.choice(SHOPS))}»"
        return Holder(
            code=f"{'ЮФ'[kind == 'person']}-{self.count:06}",
            kind=kind,
            name=name,
            mobile=f"+790000{self.count:05}",
            email=f"abonent{self.count}@example.com" if self.random.random() < 0.7 else None,
            landline=f"+7812000{self.random.randrange(10000):04}" if self.random.random() < 0.3 else None,
            inn=None if kind == "person" else self.inn(10 if kind == "company" else 12),
        )

    def inn(self, length: int) -> str:
        """Return a number with valid check digits and a tax office that does not exist."""
        free = 5 if length == 10 else 6
        digits = f"7899{self.random.randrange(10**free):0{free}}"
        for place in range(len(digits), length):
            weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)[11 - place :]
            digits += str(sum(w * int(d) for w, d in zip(weights, digits, strict=False)) % 11 % 10)
        return digits

    def address(self, kind: str) -> str:
        number, flat = self.random.randrange(1, 140), self.random.randrange(1, 220)
        if kind == "person" and self.random.random() < 0.2:
            return f"Ленинградская обл., {spaced(self.random.choice(VILLAGES))}, д. {number}"
        body = f", корп. {self.random.randrange(1, 4)}" if self.random.random() < 0.25 else ""
        room = f"кв. {flat}" if kind == "person" else f"пом. {flat % 40 + 1}-Н"
        return f"Санкт-Петербург, {spaced(self.random.choice(STREETS))}, д. {number}{body}, {room}"

    def paper(self, number: int, holder: Holder | None = None) -> Paper:
        holder = holder or self.holder()
        tariff, price = TARIFFS[3 if holder.kind == "company" else self.random.randrange(3)]
        several = (
            1 if holder.kind == "person" and self.random.random() < 0.85 else self.random.randrange(1, 4)
        )
        sites = [self.site(holder.kind) for _ in range(several)]
        paper = Paper(
            number, holder, self.signed(), tariff, price, self.random.random() < 0.4, numbered(sites)
        )
        paper.keys = [(self.key(number, place), place) for place in range(len(sites))]
        paper.balance = self.random.choice([0, price, price * 2, 3 * price + 15050, -price, 120000, 5])
        return paper

    def site(self, kind: str) -> tuple[str, str]:
        address = self.address(kind)
        names = HALLS if kind != "person" else HOUSES if address.startswith("Лен") else FLATS
        return self.random.choice(names), address

    def signed(self) -> date:
        return self.today - timedelta(days=self.random.randrange(400, 4000))

    def key(self, number: int, order: int) -> str:
        return f"{number % 100_000:05}{order + 1}"


def patronymic(father: str) -> str:
    """Return the stem to which -ич and -на are added: Сергеев-, Ильин-… (the list has only names with regular
    ones).
    """
    if father.endswith(("ий",)):
        return father[:-2] + "ьев"
    if father.endswith("й"):
        return father[:-1] + "ев"
    return {"Павел": "Павлов", "Михаил": "Михайлов"}.get(father, father + "ов")


def spaced(text: str) -> str:
    return text.replace("_", " ")


def numbered(sites: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Number flats of the same name: «Квартира» and «Квартира 2»."""
    seen: dict[str, int] = {}
    out = []
    for name, address in sites:
        seen[name] = seen.get(name, 0) + 1
        out.append((name if seen[name] == 1 else f"{name} {seen[name]}", address))
    return out
