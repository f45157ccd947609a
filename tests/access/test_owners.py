"""What cuts the alarm channel or moves money is the owner's alone: by a code, and told at once, whatever way
somebody takes.
"""

from datetime import date, timedelta

import pytest
from alembic import command
from sqlmodel import Session, select, text

from db import open_engine, outbox
from db.access import representatives
from db.journal import Note
from db.migrations.run import config, migrate
from db.people import contracts, notification_preferences
from db.people.services import Service
from db.people.subscribers import Subscriber
from db.requests import decisions, dialogues, requests
from db.requests.requests import Request
from rules import accepted_texts, phones
from rules.access import representatives as rule
from rules.requests import kinds, owner_alerts
from rules.requests.kinds import KINDS, OWNER_ONLY, RESTORES
from rules.requests.plans import RequestPlan
from tests.access.test_representatives import enter_as_olga, give
from tests.kit import cast, engines
from tests.kit.requests import (
    ACCOUNT,
    LATER,
    PASSPORT,
    SOON,
    act,
    fill,
    newest_code,
    number_of,
    past_the_code,
    send,
    the,
)
from tests.payments.test_payment_templates import FIELDS, template  # noqa: F401 - a fixture

FAR = date(2099, 1, 1)
ANNAS, NEW = "+79211234567", "+79215556677"
TYPED = {
    "suspend": {"first": SOON, "last": LATER},
    "sms_off": {"mobile": ANNAS, "day": SOON},
    "sms_number": {"mobile": ANNAS, "new_mobile": NEW},
    "transfer": {"amount": "100", "to_number": "78 000 002"},
    "terminate": {"by": "self", "day": LATER},
    "refund": {"amount": "500", "files": PASSPORT, **ACCOUNT},
}


@pytest.fixture
def sms(write):
    """Анна's SMS-информирование, to her own phone."""
    with write() as db:
        contract = contracts.find_by_number(db, cast.ANNA)[0]
        return cast.service(db, contract, "sms", "SMS", 15_000, contract.signed_on, mobile=ANNAS).id


def alerted(engine, to=ANNAS) -> list[outbox.Message]:
    with Session(engine, expire_on_commit=False) as db:
        return [
            one for one in reversed(outbox.latest_messages(db, 1000)) if one.kind == "alert" and one.to == to
        ]


def everything_off(write):
    with write() as db:
        owner = contracts.find_by_number(db, cast.ANNA)[1].id
        notification_preferences.save_choices(
            db,
            owner,
            {
                (name, way): False
                for name, kind in notification_preferences.rule.KINDS.items()
                for way in kind.ways
            },
        )


def token(browser) -> str:
    return browser.page.one("form[action='/logout'] [name=_csrf_token]").get("value")


def ticked(browser, kind) -> dict[str, str]:
    """All that the review asks for, under the rules in force: what is then refused is refused for no tick."""
    text = KINDS[kind].text
    edition = accepted_texts.current_text(text, browser.client.app.state.settings).edition if text else ""
    return {"_csrf_token": token(browser), "rules": "1", "safety": "1", "version": edition}


def test_one_flag_of_the_table_is_the_whole_law():
    assert set(TYPED) == OWNER_ONLY == {name for name, kind in KINDS.items() if kind.owner_only}
    assert set(rule.OWNER_ONLY_KINDS) == OWNER_ONLY
    assert all(not rule.is_path_allowed(rule.RIGHTS, "GET", f"/requests/new/{kind}") for kind in OWNER_ONLY)
    assert {"resume", "sms_on"} == RESTORES and not RESTORES & OWNER_ONLY


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_the_rule_itself_plans_none_of_it_for_who_acts_for_the_owner(kind):
    """Whatever door the asker came by."""
    with pytest.raises(kinds.Refused) as refused:
        kinds.plan(kind, {}, kinds.Facts(today=date(2026, 11, 23), acting=True))
    assert refused.value.problems == {"form": kinds.OWNER_ONLY_MESSAGE}


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_who_acts_for_the_owner_does_not_ask_for_it(anna, visitor, write, clock, texts, sms, engine, kind):
    give(anna, write, clock)
    olga = enter_as_olga(visitor, texts)
    assert f"/requests/new/{kind}" not in olga.get("/requests/new").links().values()
    form = {name: value for name, value in TYPED[kind].items() if name != "files"} | {
        "_csrf_token": token(olga)
    }
    assert olga.client.post(f"/requests/new/{kind}", data=form).status_code == 403
    assert olga.client.post("/requests/new/letter", data=form | {"text": "Прошу."}).status_code in (200, 422)
    with Session(engine) as db:
        assert db.exec(select(Request).where(Request.kind == kind)).all() == []


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_what_the_owner_began_is_not_sent_by_another(anna, visitor, write, clock, texts, sms, db, kind):
    give(anna, write, clock)
    draft = fill(anna, kind, **TYPED[kind])
    assert draft.path.startswith("/requests/drafts/")
    olga = enter_as_olga(visitor, texts)
    assert olga.client.get(draft.path).status_code == 404
    assert olga.client.post(draft.path, data=ticked(olga, kind)).status_code == 404
    assert db.exec(select(Request)).all() == []


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_in_a_live_session_nothing_is_sent_without_a_code_and_the_owner_hears_at_once(
    anna, write, clock, sms, db, engine, kind
):
    everything_off(write)
    page = fill(anna, kind, code=False, **TYPED[kind])
    assert page.path == "/confirm"
    answer = anna.client.post("/requests/drafts/1", data=ticked(anna, kind), follow_redirects=False)
    assert answer.headers["location"].startswith("/confirm") and db.exec(select(Request)).all() == []
    assert alerted(engine) == []
    page = past_the_code(anna)
    if kind == "sms_number":
        anna.submit("/requests/drafts/1/code")
        page = anna.submit("/requests/drafts/1", rules="1", number_code=newest_code(anna, NEW))
    else:
        page = anna.submit(rules="1", safety="1")
    row = the(db, number_of(page))
    [told] = alerted(engine)
    assert told.urgent == 1 and told.put_at == clock.now()
    assert told.text == owner_alerts.request_sent(
        owner_alerts.Office("Росохрана Телеком", "+78123261720"),
        row.number,
        owner_alerts.describe(kind, row.payload, row.effective_day),
        revocable=True,
    )
    assert f"№ {row.number}" in told.text and "Отзовите" in told.text


DEEDS = [
    (
        "suspend",
        {"last": "2026-12-20"},
        date(2026, 12, 3),
        "приостановить канал связи с 3 декабря 2026 по 20 декабря 2026",
    ),
    ("sms_off", {"mobile": ANNAS}, date(2026, 12, 3), "отключить SMS-информирование на номер"),
    ("sms_number", {"mobile": ANNAS, "new_mobile": NEW}, None, "на номер +7 ••• •••-66-77"),
    ("transfer", {"amount": 10_000, "to_number": 78000002}, None, "100,00 ₽ на договор 78 000 002"),
    ("refund", {"amount": 50_000, "account": "40702810900000002851"}, None, "500,00 ₽ на счёт •••2851"),
    ("terminate", {}, date(2026, 12, 20), "расторжение договора с 20 декабря 2026"),
]


@pytest.mark.parametrize(("kind", "payload", "day", "said"), DEEDS)
def test_the_message_says_what_and_when(kind, payload, day, said):
    if kind == "sms_off":
        said = "отключить SMS-информирование с 3 декабря 2026"
    assert said in owner_alerts.describe(kind, payload, day).replace("\u00a0", " ")


def test_ticks_put_before_the_code_are_there_after_it(anna, clock, db):
    page = fill(anna, "suspend", first=SOON, last=LATER)
    clock.forward(minutes=11)
    anna.page = page
    assert anna.submit(page.path, rules="1", safety="1").path == "/confirm"
    page = past_the_code(anna)
    assert page.heading == "Проверьте и отправьте"
    assert {box.get("name") for box in page.tree.cssselect("main input[checked]")} == {"rules", "safety"}
    assert the(db, number_of(anna.submit())).kind == "suspend"


def test_a_new_number_for_alarms_answers_with_a_code_of_its_own(anna, clock, db, engine, sms, texts):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    assert "Отправить код" in page.text and texts(to=NEW) == []
    page = anna.submit(page.path, status=422, rules="1")
    assert set(page.errors) == {"number_code"} and page.one("[name=rules]").get("checked") is not None
    anna.submit(page.path + "/code")
    code = newest_code(anna, NEW)
    own = newest_code(anna, ANNAS)
    assert "сообщения о тревогах" in texts(to=NEW)[-1]
    page = anna.submit(page.path, status=422, rules="1", number_code=own if own != code else "000000")
    assert set(page.errors) == {"number_code"}
    row = the(db, number_of(anna.submit(page.path, rules="1", number_code=code)))
    assert row.payload["new_mobile"] == NEW and "66-77" in alerted(engine)[-1].text


def test_the_two_codes_only_open_together(anna, clock, db, sms):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    clock.forward(minutes=9)
    anna.submit(page.path + "/code")
    clock.forward(seconds=30)
    form = ticked(anna, "sms_number") | {"number_code": newest_code(anna, NEW)}
    clock.forward(seconds=45)  # the owner's own code is ten minutes old, the new number's is not
    answer = anna.client.post(page.path, data=form, follow_redirects=False)
    assert answer.headers["location"].startswith("/confirm") and db.exec(select(Request)).all() == []


def test_five_wrong_tries_spend_the_code_of_a_new_number(anna, db, sms):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    anna.submit(page.path + "/code")
    code = newest_code(anna, NEW)
    for _ in range(5):
        anna.submit(page.path, status=422, rules="1", number_code=f"{(int(code) + 1) % 1_000_000:06}")
    anna.submit(page.path, status=422, rules="1", number_code=code)
    assert db.exec(select(Request)).all() == []


def test_a_code_for_one_number_confirms_no_other(anna, db, sms):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    anna.submit(page.path + "/code")
    code = newest_code(anna, NEW)
    anna.get(f"/requests/new/sms_number?draft={page.path.rsplit('/', 1)[1]}")
    page = anna.submit("/requests/new/sms_number", mobile=ANNAS, new_mobile="8 921 000-11-22")
    anna.submit(page.path, status=422, rules="1", number_code=code)
    assert db.exec(select(Request)).all() == []


def test_alarms_to_the_sign_in_phone_need_no_second_code_and_to_another_need_both(anna, db, engine):
    page = fill(anna, "sms_on", code=False, mobile=ANNAS, day=SOON)
    assert page.heading == "Проверьте и отправьте" and "Код с нового номера" not in page.text
    page = fill(anna, "sms_on", code=False, mobile=NEW, day=SOON)
    assert page.path == "/confirm"
    page = past_the_code(anna)
    anna.submit(page.path + "/code")
    row = the(db, number_of(anna.submit(page.path, rules="1", number_code=newest_code(anna, NEW))))
    assert row.state == "approved" and "66-77" in alerted(engine)[-1].text


def test_who_acts_for_the_owner_turns_sms_on_to_the_owners_phone_only(anna, visitor, write, clock, texts, db):
    give(anna, write, clock)
    olga = enter_as_olga(visitor, texts)
    page = olga.get("/requests/new/sms_on")
    assert page.one("#f-mobile").get("value") in (None, ""), "the owner's phone is not told"
    page = olga.submit(status=422, mobile=NEW, day=SOON)
    assert "только на телефон абонента" in page.errors["mobile"] and "45-67" in page.errors["mobile"]
    page = olga.submit(mobile=ANNAS, day=SOON)
    assert the(db, number_of(olga.submit(rules="1"))).state == "approved"


@pytest.mark.parametrize(
    "number", ["8 800 555-35-35", "8 809 505-12-34", "+7 701 123-45-67", "8 812 326-17-20"]
)
def test_alarms_go_only_to_a_russian_mobile(anna, sms, number):
    page = fill(anna, "sms_number", status=422, mobile=ANNAS, new_mobile=number)
    assert "SMS" in page.errors["new_mobile"] or "нет" in page.errors["new_mobile"]
    assert page.one("#f-new_mobile").get("value") == number
    with pytest.raises(kinds.Refused):
        phones.parse(number)


# Round about: taking back, writing into it, opening it again


def test_who_acts_for_the_owner_takes_back_only_what_they_sent(anna, visitor, write, clock, texts, db):
    give(anna, write, clock)
    hers = number_of(
        send(anna, "recalculation", first="2026-11-01", last="2026-11-10", text="Не было связи.")
    )
    back = number_of(send(anna, "sms_on", mobile=ANNAS, day=SOON))
    olga = enter_as_olga(visitor, texts)
    assert "Отозвать" not in olga.get("/").text
    for number in (hers, back):
        assert "Отозвать заявку" not in olga.get(f"/inbox/{number}").text
        assert (
            olga.client.post(f"/inbox/{number}/withdraw", data={"_csrf_token": token(olga)}).status_code
            == 404
        )
    own = number_of(send(olga, "letter", text="Когда придёт мастер?"))
    olga.get(f"/inbox/{own}")
    olga.get(f"/inbox/{own}/withdraw")
    olga.submit(f"/inbox/{own}/withdraw")
    assert the(db, own).state == "withdrawn" and the(db, back).state == "approved"


def test_who_acts_for_the_owner_takes_nothing_back_that_restores_alarms(
    anna, visitor, write, clock, texts, db
):
    """Not even what they sent themselves: the owner counts on it by then."""
    give(anna, write, clock)
    olga = enter_as_olga(visitor, texts)
    number = number_of(send(olga, "sms_on", mobile=ANNAS, day=SOON))
    assert "Отозвать заявку" not in olga.get(f"/inbox/{number}").text
    answer = olga.client.post(f"/inbox/{number}/withdraw", data={"_csrf_token": token(olga)})
    assert answer.status_code == 404 and the(db, number).state == "approved"


def test_taking_back_what_restores_alarms_needs_a_code_and_is_told(anna, write, db, engine):
    number = number_of(send(anna, "sms_on", mobile=ANNAS, day=SOON))
    everything_off(write)
    anna.get(f"/inbox/{number}")
    anna.get(f"/inbox/{number}/withdraw")
    page = anna.submit(f"/inbox/{number}/withdraw")
    assert page.path == "/confirm" and the(db, number).state == "approved"
    assert past_the_code(anna).path == f"/inbox/{number}"
    anna.get(f"/inbox/{number}/withdraw")
    anna.submit(f"/inbox/{number}/withdraw")
    assert the(db, number).state == "withdrawn"
    assert f"заявка № {number} отменена" in alerted(engine)[-1].text


def test_into_what_is_the_owners_nobody_else_writes(anna, visitor, write, clock, texts, db):
    give(anna, write, clock)
    number = number_of(send(anna, "refund", **TYPED["refund"]))
    act(write, number, decisions.ask_more, clock, "Уточните счёт.")
    olga = enter_as_olga(visitor, texts)
    page = olga.get(f"/inbox/{number}")
    assert "пишет только сам абонент" in page.text and not page.tree.cssselect("textarea")
    said = {"_csrf_token": token(olga), "text": "Переведите на другой счёт.", "key": "1"}
    assert olga.client.post(f"/inbox/{number}", data=said).status_code == 404
    row = the(db, number)
    with pytest.raises(kinds.Refused):
        dialogues.reply(db, row, acting(db), clock.now(), "Переведите на другой счёт.")
    with pytest.raises(kinds.Refused):
        decisions.send(
            db, acting(db), RequestPlan("suspend", {"last": LATER}, date(2026, 12, 3)), clock.now()
        )


def acting(db):
    from db.journal import Person

    contract, owner = contracts.find_by_number(db, cast.ANNA)
    return Person(
        0,
        "subscriber",
        owner.id,
        "Ольга",
        contract_id=contract.id,
        representative_id=1,
        rights=frozenset(rule.RIGHTS),
    )


@pytest.mark.parametrize("end", ["withdrawn", "refused"])
def test_opening_it_again_needs_a_code_keeps_the_words_and_is_told(anna, write, clock, db, engine, end):
    number = number_of(send(anna, "suspend", first=SOON, last=LATER))
    clock.forward(minutes=11)
    if end == "withdrawn":
        anna.get(f"/inbox/{number}")
        anna.get(f"/inbox/{number}/withdraw")
        anna.submit(f"/inbox/{number}/withdraw")
    else:
        act(write, number, decisions.refuse, clock, "Так не можем.")
    before = len(alerted(engine))
    anna.get(f"/inbox/{number}")
    page = anna.submit(f"/inbox/{number}", text="Всё же приостановите.")
    assert page.path == "/confirm" and the(db, number).state == end
    page = past_the_code(anna)
    assert page.path == f"/inbox/{number}" and page.one("textarea").text.strip() == "Всё же приостановите."
    anna.submit(f"/inbox/{number}", text="Всё же приостановите.")
    assert the(db, number).state == "work"
    [told] = alerted(engine)[before:]
    assert "просят рассмотреть снова" in told.text and "20\u00a0декабря" in told.text


def test_anybody_elses_words_begun_are_not_shown_by_their_number(anna, boris, write, clock, db):
    number = number_of(send(anna, "suspend", first=SOON, last=LATER))
    anna.get(f"/inbox/{number}")
    anna.get(f"/inbox/{number}/withdraw")
    anna.submit(f"/inbox/{number}/withdraw")
    clock.forward(minutes=11)
    anna.get(f"/inbox/{number}")
    anna.submit(f"/inbox/{number}", text="Тайное слово.")
    for place in (
        f"/inbox/{number_of(send(boris, 'letter', text='Когда придёт мастер?'))}?draft=2",
        "/requests/drafts/2",
        "/requests/new/letter?draft=2",
    ):
        assert "Тайное слово" not in boris.client.get(place).text


def test_a_form_begun_opens_to_nobody_else_by_its_number(anna, boris):
    draft = fill(anna, "letter", text="Тайное слово и ещё девять.").path
    assert "Тайное слово" in anna.get(draft).text
    for place in (draft, f"/requests/new/letter?draft={draft.rpartition('/')[2]}"):
        assert "Тайное слово" not in boris.client.get(place).text


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


def test_every_kind_that_names_a_number_for_alarms_says_where():
    assert {"sms_on", "sms_number"} == {name for name, kind in KINDS.items() if kind.alarm_number}
    assert kinds.number_to_confirm("sms_on", {"mobile": NEW}, ANNAS) == NEW
    assert kinds.number_to_confirm("sms_on", {"mobile": ANNAS}, ANNAS) is None
    assert kinds.number_to_confirm("sms_off", {"mobile": NEW}, ANNAS) is None
    assert kinds.owner_only("sms_on", {"mobile": NEW}, None)


def test_a_service_keeps_its_number_until_the_request_is_approved(anna, db, sms, engine):
    page = fill(anna, "sms_number", **TYPED["sms_number"])
    anna.submit(page.path + "/code")
    number = number_of(anna.submit(page.path, rules="1", number_code=newest_code(anna, NEW)))
    assert db.get(Service, sms).mobile == ANNAS and requests.sender(db, the(db, number)) == "subscriber:1"


def test_a_companys_owner_is_whoever_holds_its_phone(enter, visitor, write, clock, texts, engine):
    leto = enter(cast.LETO)
    page = fill(leto, "suspend", code=False, first=SOON, last=LATER)
    assert page.path == "/confirm"
    past_the_code(leto)
    leto.submit(rules="1", safety="1")
    assert len(alerted(engine, "+79219990033")) == 1


def test_the_hour_of_asking_is_the_hour_of_the_message(anna, clock, engine):
    send(anna, "suspend", first=SOON, last=LATER)
    clock.forward(days=3)
    [told] = alerted(engine)
    assert told.put_at == clock.now() - timedelta(days=3)


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
