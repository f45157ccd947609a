"""The desk's canned answers. A removed answer stays as a row, because the journal refers to it."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant


class CannedAnswer(SQLModel, table=True):
    __tablename__ = "canned_answer"

    id: int = Field(default=None, primary_key=True)
    title: str
    text: str
    removed_at: datetime | None = Field(default=None, sa_type=Instant)


DEFAULTS = [
    (
        "Приняли в работу",
        "{имя}, здравствуйте! Обращение № {номер} у нас, ответим в течение рабочего дня.\n{менеджер}",
    ),
    (
        "Нужны документы",
        "{имя}, здравствуйте! Чтобы решить обращение № {номер}, пришлите, пожалуйста, недостающие "
        "документы ответом на это сообщение: PDF или снимок.\n{менеджер}",
    ),
    (
        "Изменение назначено",
        "{имя}, здравствуйте! Всё готово: изменение по договору {договор} вступит в силу {день}.\n{менеджер}",
    ),
    ("Баланс", "{имя}, здравствуйте! Баланс по договору {договор} на {сегодня}: {баланс}.\n{менеджер}"),
]


def add_defaults(db: Session) -> None:
    """Add the default answers if there has never been an answer. Inside `writing`."""
    if not db.exec(select(CannedAnswer.id)).first():
        db.add_all([CannedAnswer(title=title, text=text) for title, text in DEFAULTS])


def list_active(db: Session) -> list[CannedAnswer]:
    return list(
        db.exec(
            select(CannedAnswer).where(col(CannedAnswer.removed_at).is_(None)).order_by(CannedAnswer.title)
        )
    )


def choices(db: Session) -> list[tuple[str, str]]:
    return [(str(row.id), row.title) for row in list_active(db)]


def find(db: Session, id_: int) -> CannedAnswer | None:
    return db.exec(
        select(CannedAnswer).where(CannedAnswer.id == id_, col(CannedAnswer.removed_at).is_(None))
    ).first()
