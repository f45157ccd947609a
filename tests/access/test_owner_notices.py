"""What staff decide is notified to the owner whatever the preferences; rights that became narrower."""

from datetime import date

from alembic import command
from sqlmodel import Session, select, text

from db import open_engine, outbox
from db.access import representatives
from db.journal import Note
from db.migrations.run import config, migrate
from db.people import contracts
from db.people.subscribers import Subscriber
from db.requests import decisions
from tests.kit import cast, engines
from tests.kit.owners import ANNAS, TYPED, alerted, everything_off, token
from tests.kit.representative_steps import enter_as_olga, give
from tests.kit.requests import SOON, act, number_of, send
from tests.payments.test_payment_templates import FIELDS, template  # noqa: F401 - a fixture

FAR = date(2099, 1, 1)


# The desk and the registry


def test_the_desk_tells_the_owner_whatever_notices_were_chosen(anna, write, clock, db, engine, enter, texts):
    number = number_of(send(anna, "terminate", **TYPED["terminate"]))
    everything_off(write)
    alexey = enter("maria")
    alexey.get(f"/staff/requests/{number}")
    alexey.submit(f"/staff/requests/{number}/approve", day="2026-12-22", reason="Просит позже")
    told = alerted(engine)[-1]
    assert told.urgent and "одобрена сотрудником" in told.text and "22\u00a0декабря" in told.text


def test_one_decision_of_the_desk_is_one_sms(anna, write, clock, engine, texts):
    number = number_of(send(anna, "transfer", **TYPED["transfer"]))
    before = len(texts(to=ANNAS))
    act(write, number, decisions.approve, clock)
    assert len(texts(to=ANNAS)) == before + 1


def test_refusing_what_restores_alarms_is_told_whatever_was_chosen(anna, write, clock, engine):
    number = number_of(send(anna, "sms_on", mobile=ANNAS, day=SOON))
    everything_off(write)
    act(write, number, decisions.refuse, clock, "Нет оборудования.")
    assert f"№ {number} отменена" in alerted(engine)[-1].text


def test_the_desk_sees_that_it_is_not_the_owner_who_writes(anna, visitor, write, clock, texts, enter):
    give(anna, write, clock)
    olga = enter_as_olga(visitor, texts)
    number = number_of(send(olga, "letter", text="Приостановите канал с завтрашнего дня."))
    page = enter("maria").get(f"/staff/requests/{number}")
    assert "Пишет представитель, а не абонент" in page.text and "Ольга Соколова (представитель)" in page.text
    plain = number_of(send(anna, "letter", text="Когда придёт мастер?"))
    assert "представитель" not in enter("maria").get(f"/staff/requests/{plain}").text


# Payments


def test_a_template_is_changed_by_its_owner_alone(anna, visitor, write, clock, texts, template, engine):
    give(anna, write, clock, rights=["pay"])
    olga = enter_as_olga(visitor, texts)
    page = olga.get(template)
    assert "Удалить шаблон" not in page.text and f"{template}/edit" not in page.links().values()
    assert olga.client.get(f"{template}/edit").status_code == 403
    changed = FIELDS | {"_csrf_token": token(olga), "name": "Квартира", "account": "99/999", "key": "1"}
    for place in (f"{template}/edit", f"{template}/delete"):
        assert olga.client.post(place, data=changed).status_code == 403
    assert "Сохранить как шаблон" not in olga.get("/payments/police").text
    for more in ({"only_save": "1"}, {"amount": "100", "method": "card"}):
        answer = olga.client.post("/payments/police", data=changed | more)
        assert answer.status_code == 422 and "Шаблоны сохраняет только сам абонент" in answer.text
    assert "12/345" in anna.get(template).text and "99/999" not in anna.get("/payments/new").text
    assert "/go" in str(
        olga.client.post(
            template, data={"_csrf_token": token(olga), "amount": "100", "method": "card", "key": "2"}
        ).url
    )


# Who lost a right


def test_who_lost_a_right_and_the_owner_read_of_it_once(anna, visitor, write, clock, texts, db):
    give(anna, write, clock, rights=["requests"])
    assert "права" not in anna.get("/").text.lower().replace("управ", "")
    with write() as kept:
        representatives.list_representatives(kept, 1)[0].rights_notice = 1
        contracts.find_by_number(kept, cast.ANNA)[1].rights_notice = 1
    olga = enter_as_olga(visitor, texts)
    page = olga.get("/")
    assert (
        "Ваши права изменились" in page.text
        and "только сам абонент" in page.text
        and "Шаблоны платежей" not in page.text
    )
    assert "Права представителей изменились" in anna.get("/").text
    assert "изменились" not in olga.submit("/notices/rights").text
    assert "изменились" not in olga.get("/").text and "изменились" in anna.get("/").text
    assert "изменились" not in anna.submit("/notices/rights").text
    assert db.exec(select(Note.actor).where(Note.verb == "notices.rights")).all() == [
        "subscriber:1/1",
        "subscriber:1",
    ]


def test_an_upgrade_marks_who_lost_a_right_and_sends_nothing(tmp_path):
    """Who may write or pay today, and their owners; not who only looks, whose right was taken back or is
    over.
    """
    engine = open_engine(engines.fresh(tmp_path))
    command.upgrade(config(engine, "chain_to_0024"), "0016")
    people = [
        ("P-1", "events pay requests", None, FAR),
        ("P-2", "events", None, FAR),
        ("P-3", "requests", 1, FAR),
        ("P-4", "pay", None, FAR),
        ("P-5", "pay", None, date(2020, 1, 1)),
    ]
    with engine.begin() as db:
        for number, (code, rights, taken, until) in enumerate(people, 1):
            db.execute(
                text(
                    "INSERT INTO subscriber (id, code, kind, name, entry, welcome) "
                    "VALUES (:id, :code, 'person', 'А', 'none', 0)"
                ),
                {"id": number, "code": code},
            )
            db.execute(
                text(
                    "INSERT INTO representative (subscriber_id, name, phone, rights, until, given_at, "
                    "taken_at) "
                    "VALUES (:id, 'О', '+79995550011', :rights, :until, 1, :taken)"
                ),
                {"id": number, "rights": rights, "until": until.isoformat(), "taken": taken},
            )
    migrate(engine)
    with Session(engine) as db:
        assert sorted(db.exec(select(Subscriber.code).where(Subscriber.rights_notice == 1))) == ["P-1", "P-4"]
        marked = select(representatives.Representative.subscriber_id).where(
            representatives.Representative.rights_notice == 1
        )
        assert sorted(db.exec(marked)) == [1, 4]
        assert outbox.latest_messages(db) == []
    engine.dispose()
