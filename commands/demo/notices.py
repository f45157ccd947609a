"""The operator's notices: a past one, a current one for a street, a future one for everybody."""

from datetime import timedelta

from sqlmodel import Session

from commands import Context
from commands.demo.talks import staff
from commands.demo.year import Year
from db import journal, writing
from db.people import announcements
from rules.people.announcements import plan

# days ago, days from that day until it begins and ends, place, title, text
ANNOUNCEMENTS = [
    (
        60,
        3,
        3,
        "",
        "Плановые работы ночью",
        "С 2:00 до 5:00 обновим оборудование на узле связи. Охрана не прервётся, SMS могут прийти с "
        "задержкой.",
    ),
    (
        2,
        0,
        6,
        "Лиговский",
        "Меняем базовую станцию",
        "На Лиговском проспекте и рядом связь может пропадать на несколько минут. Если пропала надолго, "
        "позвоните нам.",
    ),
    (
        1,
        0,
        45,
        "",
        "Как работаем в праздники",
        "Офис закрыт в праздничные дни, центр обслуживания отвечает каждый день с 9 до 21. Пульт работает "
        "круглосуточно.",
    ),
]


def fill(context: Context) -> None:
    year = Year(context.clock.now())
    for ago, first, last, place, title, text in ANNOUNCEMENTS:
        day = year.today - timedelta(days=ago)
        now = year.at(day, 11.5)
        with Session(context.engine, expire_on_commit=False) as db, writing(db):
            who = staff(db, "maria")
            announcement = plan(
                title, text, day + timedelta(days=first), day + timedelta(days=last), day, place
            )
            row = announcements.add(
                db, announcement, who.id, announcements.find_recipients(db, announcement), now
            )
            journal.note(db, who, "notices.add", now, notice=row.id)
