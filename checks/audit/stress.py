"""The subscriber hardest to draw: the longest names, twelve sites, ten thousand roubles of debt, a channel
suspended today.
"""

from datetime import timedelta

from sqlmodel import Session, select

from checks.audit.world import World
from db.events.keys import SiteKey
from db.money.ledger import LedgerEntry
from db.people.contracts import Contract
from db.people.services import ServiceInterval
from db.people.services import list_services as services_of
from rules import days
from tests.kit import cast
from tests.kit.station import opened, says

NUMBER = 78000066
NAME = "Константинопольская-Преображенская Александра-Виктория Владиславовна"
ADDRESS = (
    "Ленинградская область, Всеволожский муниципальный район, деревня Новосергиевка, территория ДНП "
    "«Северная жемчужина»"
)
SITES = [
    "Квартира",
    "Загородный дом с отдельно стоящим гаражом",
    "Торговый зал № 3 и подсобные помещения второго этажа",
    "Склад",
    "Бухгалтерия",
    "Кафе «У Преображенской-Константинопольской»",
    "Мастерская",
    "Касса",
    "Аптека",
    "Офис, третий этаж",
    "Водонапорнаястанцияимениоктябрьскойреволюции",
    "Дача",
]


def settle(world: World) -> int:
    """Puts her into this world; the number of her contract."""
    now, today = world.clock.now(), days.today(world.clock.now())
    with world.write() as db:
        who = cast.person(db, "P-66", NAME, "+79210000066", now)
        cast.contract(
            db,
            NUMBER,
            who,
            f"{ADDRESS}, ул. Адмирала Трибуца-Черноморского, д. 128, корп. 2, лит. А",
            now,
            SITES,
            -1_000_000,
        )
        row = db.exec(select(Contract).where(Contract.number == NUMBER)).one()
        _suspend(db, row, today)
        cast.service(
            db,
            row,
            "sms",
            "SMS-информирование «Все события и подтверждения постановки»",
            9_900,
            row.signed_on,
            mobile="+79210000066",
        )
        for month in range(1, 8):
            day = days.month_start(today) - timedelta(days=28 * month)
            db.add(
                LedgerEntry(
                    contract_id=row.id, day=day, at=now, amount=-99_900, kind="fee", source=f"hard:{month}"
                )
            )
        keys = [
            key.number
            for key in db.exec(select(SiteKey).where(SiteKey.contract_id == row.id).order_by(SiteKey.id))
        ]
    opened(world.write, world.clock, *keys)
    for n, number in enumerate(keys[:-1]):  # the last has said nothing yet
        says(
            world.write,
            world.clock,
            number,
            "arm" if n % 3 else "disarm",
            minutes=-20 * n - 5,
            who=str(n + 1),
        )
    says(world.write, world.clock, keys[2], "alarm", minutes=-2, who="005")
    return NUMBER


def _suspend(db: Session, row: Contract, today) -> None:
    channel = services_of(db, row.id)[0]
    running = db.exec(select(ServiceInterval).where(ServiceInterval.service_id == channel.id)).one()
    running.last = today - timedelta(days=3)
    db.add(running)
    db.add(
        ServiceInterval(
            service_id=channel.id,
            state="suspended",
            first=today - timedelta(days=2),
            last=today + timedelta(days=40),
        )
    )
