"""Notices of the operator: written at the desk, read on home by whom they concern, put away once."""

import pytest

from rules import Refused, days
from rules.people import announcements
from tests.kit import cast


def publish(maria, **fields):
    maria.get("/staff/notices/new")
    typed = {
        "title": "Плановые работы",
        "text": "Ночью обновим оборудование.",
        "first": "2026-11-23",
        "last": "2026-11-25",
    }
    page = maria.submit(**typed | fields)
    assert "Увидят договоров" in page.text
    return maria.submit(publish="1")


def test_a_notice_to_all_stands_on_home_and_is_put_away_once(enter, anna, boris):
    publish(enter("maria"))
    assert "Плановые работы" in anna.get("/").text
    form = next(one.get("action") for one in anna.page.forms() if "/notices/" in (one.get("action") or ""))
    assert "Ночью обновим" not in anna.submit(form).text
    assert "Прочитано" in anna.get("/notices").text
    assert "Плановые работы" in boris.get("/").text


def test_a_filter_by_address_speaks_only_to_those_who_live_there(enter, anna, boris):
    publish(enter("maria"), place="рубинштейна")
    assert "Плановые работы" in boris.get("/").text
    assert "Плановые работы" not in anna.get("/").text and "Плановые работы" not in anna.get("/notices").text


def test_a_filter_by_numbers(enter, anna, boris):
    publish(enter("maria"), numbers="78 000 001; 78000003")
    assert "Плановые работы" in anna.get("/").text and "Плановые работы" not in boris.get("/").text
    assert "Плановые работы" in enter(cast.LETO).get("/").text
    assert "Плановые работы" not in enter(cast.LETO_TOO).get("/").text


def test_it_is_shown_from_its_first_day_to_its_last(enter, anna, clock):
    publish(enter("maria"), first="2026-11-24", last="2026-11-25")
    assert "Плановые работы" not in anna.get("/").text
    for _ in range(2):
        clock.forward(days=1)
        assert "Плановые работы" in enter(cast.ANNA).get("/").text
    clock.forward(days=1)
    assert "Плановые работы" not in enter(cast.ANNA).get("/").text


def test_a_withdrawn_one_is_gone(enter, anna):
    maria = enter("maria")
    publish(maria)
    maria.get(maria.page.links()["Снять «Плановые работы»"])
    maria.submit()
    assert "Плановые работы" not in anna.get("/").text and "Снято" in maria.get("/staff/notices").text


def test_only_those_who_chose_are_written_to(enter, anna, texts):
    anna.get("/settings/choices")
    anna.submit(**{"notice-sms": None, "notice-mail": None})
    publish(enter("maria"), send="1")
    assert not [one for one in texts(to="+79211234567") if "Плановые" in one]
    assert [one for one in texts(to="+79217654321") if "Плановые" in one]


def test_a_stranger_cannot_put_away_what_was_not_told_to_them(enter, anna, boris):
    publish(enter("maria"), numbers="78 000 001")
    token = boris.get("/").one("form[action='/logout'] [name=_csrf_token]").get("value")
    assert boris.client.post("/notices/1/read", data={"_csrf_token": token}).status_code == 404


def test_a_second_press_publishes_nothing_more(enter, anna):
    maria = enter("maria")
    publish(maria)
    maria.get("/staff/notices/new")
    typed = {
        "title": "Плановые работы",
        "text": "Ночью обновим оборудование.",
        "first": "2026-11-23",
        "last": "2026-11-25",
    }
    maria.submit(**typed)
    assert "только что опубликовано" in maria.submit(status=422, publish="1").text


DAY = days.parse("23.11.2026")


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("title", {"title": ""}),
        ("text", {"text": "х" * 1001}),
        ("last", {"last": days.parse("22.11.2026")}),
        ("last", {"first": days.parse("01.11.2026"), "last": days.parse("02.11.2026")}),
        ("place", {"place": "у"}),
        ("numbers", {"numbers": "78 000"}),
    ],
)
def test_refuses_a_notice_nobody_could_read(field, changed):
    whole = {"title": "Работы", "text": "Ночью.", "first": DAY, "last": DAY} | changed
    with pytest.raises(Refused) as refused:
        announcements.plan(**whole, today=DAY)
    assert list(refused.value.problems) == [field]


def test_an_address_is_found_whatever_its_case():
    plan = announcements.plan("Работы", "Ночью.", DAY, DAY, DAY, place="ЛИГОВСКИЙ")
    assert announcements.concerns_contract(plan, 78000001, ["Санкт-Петербург, Лиговский пр., д. 50"])
    assert not announcements.concerns_contract(plan, 78000001, ["Санкт-Петербург, Невский пр., д. 1"])
