"""An hour of silence, then the letter is sent: why, the sign-in, and the letter again as it was."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, select

from db import writing
from db.access.sessions import SessionRow
from tests.kit import cast

TEXT = "Кнопка у двери не нажимается со вторника, пришлите мастера."


def an_hour_passes(house) -> None:
    with Session(house.engine) as db, writing(db):
        for row in db.exec(select(SessionRow)):
            row.seen_at -= timedelta(hours=1)
            db.add(row)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_letter_waits_for_the_sign_in(anna, house, width):
    anna.set_viewport_size({"width": width, "height": 844})
    anna.goto("/requests/new/letter")
    anna.get_by_label("Ваше обращение").fill(TEXT)
    an_hour_passes(house)
    anna.get_by_role("button", name="Проверить и отправить").click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Вход")
    expect(anna.get_by_role("status").first).to_contain_text("Сеанс закончился: полчаса без действий.")
    anna.get_by_label("Номер договора").fill(str(cast.ANNA))
    anna.get_by_label("Пароль", exact=True).fill(cast.PASSWORD)
    anna.get_by_role("button", name="Войти", exact=True).click()
    expect(anna.get_by_label("Ваше обращение")).to_have_value(TEXT)
    anna.get_by_role("button", name="Проверить и отправить").click()
    expect(anna.get_by_text(TEXT)).to_be_visible()
