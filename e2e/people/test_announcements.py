"""Works announced from the desk, seen on home, put away by whoever has read them, and still in the list."""

import pytest
from playwright.sync_api import expect
from sqlmodel import Session

from db import writing
from db.access import sessions, staff
from db.clock import MovableClock
from e2e.steps import day, h1


@pytest.fixture
def desk(house, browser, browser_context_args):
    with Session(house.engine, expire_on_commit=False) as db, writing(db):
        who = staff.find_by_login(db, "maria").id
        token = sessions.start(db, MovableClock(house.engine).now(), staff_id=who, device="тест")
    context = browser.new_context(**browser_context_args | {"viewport": {"width": 1280, "height": 800}})
    context.add_cookies([{"name": "cabinet", "value": token, "url": house.url}])
    yield context.new_page()
    context.close()


def test_from_the_desk_to_home_and_away(anna, desk):
    desk.goto("/staff/notices")
    desk.get_by_role("link", name="Новое уведомление").click()
    expect(h1(desk)).to_have_text("Новое уведомление")
    desk.get_by_label("О чём").fill("Плановые работы")
    desk.get_by_label("Что будет и что делать абоненту").fill(
        "Ночью обновим оборудование, охрана не прервётся."
    )
    desk.get_by_label("По какой день").fill(day(3))
    desk.get_by_label("Только адреса со словами").fill("Лиговский")
    desk.get_by_role("button", name="Проверить, кто увидит").click()
    expect(desk.get_by_text("Увидят договоров: 1")).to_be_visible()
    desk.get_by_role("button", name="Опубликовать").click()
    expect(h1(desk)).to_have_text("Уведомления")
    anna.goto("/")
    anna.get_by_text("Плановые работы").click()
    expect(anna.get_by_text("Ночью обновим оборудование")).to_be_visible()
    anna.get_by_role("button", name="Прочитано").click()
    expect(anna.get_by_role("button", name="Прочитано")).to_have_count(0)
    anna.goto("/notices")
    expect(anna.get_by_text("Ночью обновим оборудование")).to_be_visible()
    expect(anna.get_by_text("Прочитано").first).to_be_visible()
    desk.goto("/staff/notices")
    expect(desk.get_by_role("row").filter(has_text="Плановые работы")).to_contain_text("1")
