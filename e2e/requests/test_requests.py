"""Asking for a suspension: form, refusal, review with money and warning, sent; then on its day it happens."""

from datetime import UTC, date, datetime, timedelta

from playwright.sync_api import expect

from db.requests import scheduled_requests
from e2e.steps import confirm, shoot, wrong
from rules import days


def day(ahead: int) -> str:
    return (days.today(datetime.now(UTC)) + timedelta(days=ahead)).isoformat()


def h1(page):
    return page.get_by_role("heading", level=1)


def test_a_suspension_is_refused_reviewed_sent_and_carried_out(anna, house):
    anna.goto("/requests/new")
    expect(h1(anna)).to_have_text("Управление услугами")
    shoot(anna, "requests-list")
    anna.get_by_role("link", name="Приостановить канал связи").click()
    anna.get_by_label("Первый день приостановки").fill(day(9))
    anna.get_by_label("Последний день приостановки").fill(day(40))
    anna.get_by_role("button", name="Проверить и отправить").click()
    expect(wrong(anna)).to_contain_text("за 10 календарных дней")
    expect(anna.get_by_label("Последний день приостановки")).to_have_value(day(40))
    shoot(anna, "requests-error")
    anna.get_by_label("Первый день приостановки").fill(day(10))
    anna.get_by_role("button", name="Проверить и отправить").click()
    confirm(anna, house)
    expect(h1(anna)).to_have_text("Проверьте и отправьте")
    expect(anna.get_by_text("Тревоги не дойдут до полиции")).to_be_visible()
    expect(anna.get_by_text("вы сэкономите")).to_be_visible()
    shoot(anna, "requests-review")
    anna.get_by_role("button", name="Отправить").click()
    expect(wrong(anna)).to_contain_text("согласны с ними")
    anna.get_by_label("Я понимаю: в эти дни тревога").check()
    anna.get_by_label("Принимаю эти правила").check()
    anna.get_by_role("button", name="Отправить").click()
    expect(h1(anna)).to_contain_text("отправлена")
    assert "приостановить канал связи" in house.sms("+79211234567"), "the owner hears at once"
    shoot(anna, "requests-sent")
    scheduled_requests.carry_out_due(house.engine, house.settings, days.midnight(date.fromisoformat(day(10))))
    anna.get_by_role("link", name="Открыть заявку").click()
    expect(anna.get_by_text("Выполнена").first).to_be_visible()
    shoot(anna, "requests-done")


def test_back_and_send_again_makes_no_second_request(anna, house):
    anna.goto("/requests/new/letter")
    anna.get_by_label("Ваше обращение").fill("Третий день не приходит счёт.")
    anna.get_by_role("button", name="Проверить и отправить").click()
    expect(h1(anna)).to_have_text("Проверьте и отправьте")
    anna.get_by_role("button", name="Отправить").click()
    expect(h1(anna)).to_contain_text("отправлено")
    anna.goto("/requests/new/letter")
    anna.get_by_label("Ваше обращение").fill("Третий день не приходит счёт.")
    anna.get_by_role("button", name="Проверить и отправить").click()
    anna.get_by_role("button", name="Отправить").click()
    expect(anna.get_by_text("Уже отправлено: № 100001")).to_be_visible()
    shoot(anna, "requests-twin")
    anna.goto("/inbox")
    expect(anna.get_by_role("link", name="№ 100001")).to_be_visible()
    expect(anna.get_by_role("link", name="№ 100002")).to_have_count(0)
