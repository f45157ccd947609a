"""A copy of one's own data: whole, without secrets, only for its owner, and only for a day."""

import io
import json
import zipfile

from db import exports
from tests.kit import cast
from tests.people.test_settings import confirm


def made(anna, write, clock, engine, settings):
    confirm(write, clock)
    anna.get("/settings/export")
    assert "Готовим" in anna.submit().text
    exports.make_due(engine, settings, clock.now())
    page = anna.get("/settings/export")
    return next(href for href in page.links().values() if href.startswith("/settings/export/"))


def packed(anna, link):
    return zipfile.ZipFile(io.BytesIO(anna.client.get(link).content))


def test_asking_needs_a_code(anna):
    assert anna.get("/settings/export").path == "/confirm"


def test_holds_what_is_kept_and_no_secrets(anna, write, clock, engine, settings, texts):
    archive = packed(anna, made(anna, write, clock, engine, settings))
    rows = json.loads(archive.read("subscriber.json"))
    assert rows[0]["name"] == "Соколова Анна Игоревна" and rows[0]["mobile"] == "+79211234567"
    assert json.loads(archive.read("contract.json"))[0]["number"] == cast.ANNA
    assert archive.read("sobytiya.csv").decode("utf-8-sig").startswith("когда;ключ")
    whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert (
        "argon2" not in whole
        and "password_hash" not in whole
        and "totp" not in whole.replace("totp_step", "")
    )
    words = archive.read("README.txt").decode()
    assert "необратимый отпечаток" in words and "не храним" not in words, (
        "a hash is kept, and that is what is said"
    )
    assert "Ким Борис" not in whole and "+79217654321" not in whole
    assert "Копия ваших данных готова" in texts(to="+79211234567")[-1]


def test_the_link_dies_in_a_day_and_the_copy_is_erased(anna, enter, write, clock, engine, settings, db):
    link = made(anna, write, clock, engine, settings)
    clock.forward(hours=24)
    anna = enter(cast.ANNA)
    confirm(write, clock)
    anna.get(link, status=404)
    exports.make_due(engine, settings, clock.now())
    assert db.connection().exec_driver_sql("SELECT count(*) FROM export_piece").scalar_one() == 0
    assert "Собрать копию" in anna.get("/settings/export").source


def test_a_stranger_gets_nothing_by_the_link(anna, boris, write, clock, engine, settings):
    link = made(anna, write, clock, engine, settings)
    confirm(write, clock, cast.BORIS)
    boris.get(link, status=404)


def test_asked_twice_it_is_made_once(anna, write, clock, engine, settings, db):
    confirm(write, clock)
    for _ in range(2):
        anna.get("/settings/export")
        token = anna.page.one("form[action='/logout'] [name=_csrf_token]").get("value")
        anna.client.post("/settings/export", data={"_csrf_token": token})
    exports.make_due(engine, settings, clock.now())
    exports.make_due(engine, settings, clock.now())
    assert db.connection().exec_driver_sql("SELECT count(*) FROM export").scalar_one() == 1


def test_it_lies_sealed_in_the_file(anna, write, clock, engine, settings, db):
    made(anna, write, clock, engine, settings)
    data = db.connection().exec_driver_sql("SELECT data FROM export_piece").scalar_one()
    assert data[12:14] != b"PK" and "Соколова".encode() not in data
