"""Each kind from its form to its effect, over HTTP, and everything a form must refuse."""

import re
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from db import outbox
from db.money import accruals, ledger
from db.people import services
from db.requests import decisions, effects, requests, scheduled_requests
from db.requests.requests import Request
from rules import Refused
from tests.kit import cast, hostile

SOON, LATER = "2026-12-03", "2026-12-20"
ACCOUNT = {"recipient": "Соколова Анна Игоревна", "bic": "044030827", "account": "40702810900000002851"}
PASSPORT = [("files", ("паспорт.jpg", hostile.picture(), "image/jpeg"))]


def fill(browser, kind, files=None, status=200, code=True, **fields):
    """The form of a kind, filled in and sent on to its review (or back with what is wrong), past the code if
    one is asked.
    """
    browser.get(f"/requests/new/{kind}")
    page = browser.submit(status=status, files=files, **fields)
    return past_the_code(browser) if code and page.path == "/confirm" else page


def past_the_code(browser):
    """From «Подтвердите, что это вы» to the page behind it, by the code that came."""
    browser.submit("/confirm/send")
    return browser.submit("/confirm", code=newest_code(browser))


def newest_code(browser, to=None) -> str:
    with Session(browser.client.app.state.engine) as db:
        rows = [one for one in outbox.latest(db) if one.kind == "code" and (to is None or one.to == to)]
        return re.search(r"\d{6}", outbox.letter(db, rows[0]).text)[0]


def send(browser, kind, files=None, ticks=True, status=200, **fields):
    """From the form to the page that says the number."""
    page = fill(browser, kind, files, **fields)
    offered = {box.get("name") for box in page.tree.cssselect("main input[type=checkbox]")}
    return browser.submit(status=status, **(dict.fromkeys(offered, "1") if ticks else {}))


def number_of(page) -> int:
    return int(page.path.split("/")[2])


def the(db, number) -> Request:
    db.rollback()
    return db.exec(
        select(Request).where(Request.number == number).execution_options(populate_existing=True)
    ).one()


def confirm(browser, texts):
    """Confirm by the code from the SMS, as refund and termination ask."""
    browser.get("/confirm?next=/requests/new")
    browser.submit("/confirm/send")
    code = texts()[-1].split(": ")[1][:6]
    browser.submit("/confirm", code=code)


def channel_of(db, contract=cast.ANNA):
    db.rollback()
    from db.people import contracts
    from db.requests import effects

    return [
        (one.state, one.first, one.last)
        for one in effects.channel(db, contracts.numbered(db, contract)[0].id)
    ]


def midnight(clock, day):
    from rules import days

    clock.at = days.midnight(date.fromisoformat(day))


def test_the_page_lists_the_six_services_of_the_manual_and_the_four_papers_and_a_letter(anna):
    links = anna.get("/requests/new").links()
    kinds = [href.rsplit("/", 1)[1] for href in links.values() if href.startswith("/requests/new/")]
    assert kinds == [
        "sms_on",
        "sms_off",
        "suspend",
        "resume",
        "refund",
        "terminate",
        "letter",
        "sms_number",
        "transfer",
        "recalculation",
        "surname",
    ]
    for kind in kinds:
        anna.get(f"/requests/new/{kind}")
    anna.get("/requests/new/nothing", status=404)


def test_a_suspension_from_form_to_its_day_and_back_to_work_by_itself(anna, db, clock, engine, settings):
    page = fill(anna, "suspend", first=SOON, last=LATER)
    assert page.heading == "Проверьте и отправьте"
    assert "Тревоги не дойдут до полиции" in page.text
    assert "декабрь 2026" in page.text and "900,00 ₽" in page.text and "638,71 ₽" in page.text
    assert "сэкономите 261,29 ₽" in page.text
    page = anna.submit(status=422)
    assert set(page.errors) == {"safety", "rules"}
    page = anna.submit(safety="1", rules="1")
    row = the(db, number_of(page))
    assert (row.state, row.effective_day, row.payload) == ("approved", date(2026, 12, 3), {"last": LATER})
    assert "3 декабря 2026" in page.text and f"№ {row.number}" in page.text
    before = channel_of(db)
    clock.at += timedelta(days=9)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert channel_of(db) == before, "the day has not come"
    midnight(clock, SOON)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert the(db, row.number).state == "done"
    assert [(state, first) for state, first, _ in channel_of(db)[1:]] == [
        ("suspended", date(2026, 12, 3)),
        ("active", date(2026, 12, 21)),
    ]
    verbs = [step.verb for step in requests.steps(db, row)]
    assert verbs == ["send", "approve", "carry_out"]


def test_sms_on_then_off_for_real(anna, enter, db, clock, engine, settings):
    page = fill(anna, "sms_on", mobile="8 921 123-45-67", day=SOON)
    assert "заплатите на" in page.text
    number = number_of(anna.submit(rules="1"))
    assert "Подключить SMS-информирование" in anna.get("/").text, "the first page says what is scheduled"
    midnight(clock, SOON)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert the(db, number).state == "done"
    sms = next(one for one in services.of(db, the(db, number).contract_id) if one.kind == "sms")
    assert sms.mobile == "+79211234567"
    assert [(one.state, one.first) for one in services.intervals(db, sms.id)] == [
        ("active", date(2026, 12, 3))
    ]
    anna = enter(cast.ANNA)
    page = fill(anna, "sms_on", mobile="8 921 123-45-67", day="2026-12-30", status=422)
    assert "уже включено" in page.errors["form"]
    page = fill(anna, "sms_off", mobile="8 921 999-00-11", day="2026-12-30", status=422)
    assert "на этот номер" in page.errors["mobile"].lower()
    off = number_of(send(anna, "sms_off", mobile="8 921 123-45-67", day="2026-12-15"))
    midnight(clock, "2026-12-15")
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert the(db, off).state == "done"
    db.rollback()
    assert services.intervals(db, sms.id)[0].last == date(2026, 12, 14)


def test_resuming_today_takes_effect_at_once_and_the_day_costs_full(anna, enter, db, clock, engine, settings):
    send(anna, "suspend", first=SOON, last=LATER)
    assert "Канал ещё работает" in fill(anna, "resume", day="2026-11-25", status=422).errors["day"]
    midnight(clock, "2026-12-10")
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    anna = enter(cast.ANNA)
    row = the(db, number_of(send(anna, "resume", day="2026-12-10")))
    assert row.state == "done"
    assert channel_of(db)[1:] == [
        ("suspended", date(2026, 12, 3), date(2026, 12, 9)),
        ("active", date(2026, 12, 10), None),
    ]


def test_three_days_without_the_job_then_in_order_and_dated_right(anna, enter, db, clock, engine, settings):
    send(anna, "suspend", first=SOON, last=LATER)
    clock.forward(days=2)
    anna = enter(cast.ANNA)
    confirm_by_hand(db, anna, clock)
    number = number_of(send(anna, "terminate", by="self", day="2026-12-05"))
    with_staff(db, decisions.approve, number, clock)
    midnight(clock, "2026-12-08")
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert [(state, first, last) for state, first, last in channel_of(db)][1:] == [
        ("suspended", date(2026, 12, 3), date(2026, 12, 4))
    ]
    from db.people import contracts

    assert contracts.numbered(db, cast.ANNA)[0].ends_on == date(2026, 12, 4)


def with_staff(db, deed, number, clock, *args, **options):
    from db import writing
    from db.access import staff
    from db.journal import Person

    with writing(db):
        row = staff.by_login(db, "maria")
        who = Person(session_id=0, kind="staff", id=row.id, name=row.name, role=row.role)
        deed(db, requests.find_by_number(db, number), who, clock.now(), *args, **options)


def confirm_by_hand(db, browser, clock):
    """The session as if a code had just been typed."""
    from db import writing
    from db.access import sessions

    with writing(db):
        row = db.exec(
            select(sessions.SessionRow).where(
                sessions.SessionRow.token_hash == sessions.hashed(browser.client.cookies["cabinet"])
            )
        ).one()
        row.confirmed_at = clock.now()
        db.add(row)


def test_a_refund_is_confirmed_held_and_freed(anna, db, clock, texts):
    page = fill(anna, "refund", PASSPORT, code=False, amount="500", **ACCOUNT)
    assert page.path == "/confirm", "a code first"
    anna.submit("/confirm/send")
    code = texts()[-1].split(": ")[1][:6]
    page = anna.submit("/confirm", code=code)
    assert page.heading == "Проверьте и отправьте"
    assert "паспорт.jpg" in page.text
    row = the(db, number_of(anna.submit(rules="1")))
    assert row.state == "new"
    assert row.payload["amount"] == 50_000
    free = effects.free(db, row.contract_id, clock.now())
    assert free == accruals.balance(db, row.contract_id, clock.now()) - 50_000
    page = fill(anna, "refund", PASSPORT, status=422, amount="1000", **ACCOUNT)
    assert "Свободно" in page.errors["amount"]
    anna.get(f"/inbox/{row.number}")
    anna.submit(f"/inbox/{row.number}/withdraw")
    db.rollback()
    assert effects.free(db, row.contract_id, clock.now()) == free + 50_000


@pytest.mark.parametrize(
    "amount", ["0", "-1", "1000000000000", "99999999999999999999", "1500,01", "сто", "1e3", "NaN", ""]
)
def test_no_refund_of_nothing_of_less_or_of_more_than_is_free(anna, amount, db):
    page = fill(anna, "refund", PASSPORT, status=422, amount=amount, **ACCOUNT)
    assert set(page.errors) == {"amount"}
    assert page.one("#f-bic").get("value") == ACCOUNT["bic"], "what was typed is still there"
    assert "паспорт.jpg" in page.text, "and the file"
    assert db.exec(select(Request)).all() == []


@pytest.mark.parametrize(
    ("first", "last", "fields"),
    [
        ("2026-11-22", LATER, {"first"}),
        ("2026-12-02", LATER, {"first"}),
        ("31.02.2027", "01.03.2027", {"first"}),
        (LATER, SOON, {"last"}),
        (SOON, "2027-06-04", {"last"}),
        (SOON, "", {"last"}),
        ("", "", {"first", "last"}),
        ("<b>", "0000-00-00", {"first", "last"}),
    ],
)
def test_a_suspension_refused_at_its_field_with_what_was_typed(anna, first, last, fields, db):
    page = fill(anna, "suspend", status=422, first=first, last=last)
    assert set(page.errors) == fields
    assert page.one("#f-first").get("value") == first
    assert db.exec(select(Request)).all() == []


def test_a_suspension_overlapping_one_is_refused(anna, db):
    send(anna, "suspend", first=SOON, last=LATER)
    page = fill(anna, "suspend", status=422, first=LATER, last="2027-01-10")
    assert "уже есть приостановка" in page.errors["first"]
    send(anna, "suspend", first="2026-12-21", last="2027-01-10")
    assert len(db.exec(select(Request)).all()) == 2


def test_a_second_open_request_saying_the_same_is_refused_with_a_link(anna, db, clock):
    number = number_of(send(anna, "sms_on", mobile="8 921 123-45-67", day=SOON))
    page = send(anna, "sms_on", mobile="8 921 123-45-67", day=LATER, status=422)
    assert str(number) in page.errors["form"]
    assert f"/inbox/{number}" in page.links().values()
    assert len(db.exec(select(Request)).all()) == 1


def test_the_same_letter_within_ten_minutes_is_asked_about_and_sent_only_on_purpose(anna, db):
    text = "Не приходит счёт третий день."
    number = number_of(send(anna, "letter", text=text))
    page = send(anna, "letter", text=text, status=422)
    assert f"Уже отправлено: № {number}" in page.text
    again = number_of(anna.submit())
    assert again != number
    assert len(db.exec(select(Request)).all()) == 2


def test_the_same_review_sent_from_two_tabs_at_once_is_one_request(anna, app, db):
    from concurrent.futures import ThreadPoolExecutor

    page = fill(anna, "suspend", first=SOON, last=LATER)
    form = dict(page.form().form_values()) | {"safety": "1", "rules": "1"}

    def post(_):
        return anna.client.post(page.path, data=form, follow_redirects=False)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(16)))
    assert {answer.headers.get("location") for answer in answers} == {"/requests/100001/sent"}
    assert len(db.exec(select(Request)).all()) == 1


def test_two_forms_filled_alike_in_two_tabs_and_sent_at_once_are_one_request(anna, db):
    from concurrent.futures import ThreadPoolExecutor

    pages = [fill(anna, "sms_on", mobile="8 921 123-45-67", day=SOON) for _ in range(4)]
    forms = [(page.path, dict(page.form().form_values()) | {"rules": "1"}) for page in pages]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda form: anna.client.post(form[0], data=form[1], follow_redirects=False), forms)
        )
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    assert len(db.exec(select(Request)).all()) == 1


def test_a_termination_by_a_representative_needs_papers_and_an_early_one_a_person(anna, db, clock):
    confirm_by_hand(db, anna, clock)
    page = fill(anna, "terminate", status=422, by="representative", day=SOON)
    assert set(page.errors) == {"representative", "basis", "files"}
    page = anna.submit(
        by="representative",
        representative="Соколов Пётр",
        basis="power",
        day="2026-11-25",
        files=[("files", ("доверенность.pdf", hostile.pdf(), ""))],
    )
    assert "раньше, чем через 10 календарных дней" in page.text
    row = the(db, number_of(anna.submit(rules="1")))
    assert (row.state, row.early, row.payload["representative"]) == ("new", 1, "Соколов Пётр")
    with pytest.raises(Refused):
        with_staff(db, decisions.approve, row.number, clock)
    with_staff(db, decisions.approve, row.number, clock, reason="Абонент уезжает")
    assert the(db, row.number).state == "approved"


def test_the_paper_topics_take_effect_when_approved(anna, boris, db, clock):
    moved = number_of(send(anna, "transfer", amount="100", to_number="78 000 002"))
    with_staff(db, decisions.approve, moved, clock)
    row = the(db, moved)
    assert row.state == "done"
    from db.people import contracts

    here, there = (contracts.numbered(db, one)[0].id for one in (cast.ANNA, cast.BORIS))
    assert (ledger.total(db, here), ledger.total(db, there)) == (140_000, 10_000)
    back = number_of(
        send(anna, "recalculation", first="2026-11-01", last="2026-11-10", text="Не было связи.")
    )
    with_staff(db, decisions.approve, back, clock, amount=5_000)
    assert ledger.total(db, here) == 145_000
    named = number_of(send(anna, "surname", PASSPORT, name="Соколова-Ким Анна"))
    with_staff(db, decisions.approve, named, clock)
    db.rollback()
    assert contracts.numbered(db, cast.ANNA)[1].name == "Соколова-Ким Анна"


def test_a_job_that_dies_in_the_middle_leaves_nothing_half_done(
    anna, db, clock, engine, settings, monkeypatch
):
    number = number_of(send(anna, "suspend", first=SOON, last=LATER))
    other = number_of(send(anna, "sms_on", mobile="8 921 123-45-67", day=SOON))
    midnight(clock, SOON)
    before, real = channel_of(db), effects.carry_out

    def dies(db, request, now):
        real(db, request, now)
        raise OSError("power cut")

    monkeypatch.setattr(effects, "carry_out", dies)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert (the(db, number).state, channel_of(db)) == ("approved", before)
    monkeypatch.setattr(effects, "carry_out", real)
    scheduled_requests.carry_out_due(engine, settings, clock.now())
    assert [the(db, one).state for one in (number, other)] == ["done", "done"]
    assert len(channel_of(db)) == 3


def test_two_jobs_at_once_do_it_once(anna, db, clock, engine, settings):
    from concurrent.futures import ThreadPoolExecutor

    number = number_of(send(anna, "suspend", first=SOON, last=LATER))
    midnight(clock, SOON)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: scheduled_requests.carry_out_due(engine, settings, clock.now()), range(4)))
    assert [step.verb for step in requests.steps(db, the(db, number))].count("carry_out") == 1
    assert len(channel_of(db)) == 3


def test_the_acceptance_keeps_version_hash_time_and_address(anna, db):
    from db.access.acceptances import Acceptance
    from rules import accepted_texts as documents

    anna.client.app.state.settings.trusted_proxy = True
    anna.client.headers["x-forwarded-for"] = "203.0.113.7"
    row = the(db, number_of(send(anna, "suspend", first=SOON, last=LATER)))
    kept = db.get(Acceptance, row.acceptance_id)
    text = documents.newest("suspend")
    assert (kept.name, kept.version, kept.sha256) == ("suspend", text.version, text.sha256)
    assert kept.address == "203.0.113.7" and kept.at


def test_a_draft_is_its_owners_and_goes_after_a_day(anna, boris, clock, engine, settings, db):
    page = fill(
        anna,
        "recalculation",
        first="2026-11-01",
        last="2026-11-10",
        text="Не было связи.",
        files=[("files", ("a.pdf", hostile.pdf(), ""))],
    )
    href = page.links()["a.pdf"]
    assert anna.client.get(href).headers["content-disposition"].startswith("attachment")
    for path in (page.path, href):
        boris.get(path, status=404)
    boris.get("/requests/new/letter?draft=" + page.path.rsplit("/", 1)[1])
    clock.forward(hours=25)
    from db.requests import drafts
    from db.requests.sealed_attachments import Attachment, AttachmentPiece

    drafts.delete_expired(engine, settings, clock.now())
    assert not db.exec(select(Attachment)).all() and not db.exec(select(AttachmentPiece)).all()
    assert not db.exec(select(drafts.Draft)).all()


def test_if_the_site_is_armed_now_the_review_says_so(anna, write, clock):
    from db.events import keys, station
    from db.people import contracts
    from rules.events.events import Kind, Report

    with write() as db:
        key = keys.of(db, contracts.numbered(db, cast.ANNA)[0].id)[0]
        station.ingest(db, "main", [Report(key.number, clock.now(), "401", Kind.arm)], clock.now())
    page = fill(anna, "suspend", first=SOON, last=LATER)
    assert "Сейчас под охраной: Квартира" in page.text
    with write() as db:
        clock.forward(minutes=1)
        station.ingest(db, "main", [Report(key.number, clock.now(), "401", Kind.disarm)], clock.now())
    assert "под охраной" not in anna.get(page.path).text
