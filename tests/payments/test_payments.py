"""Paying the operator: form → bank → back, and the truth only from the bank."""

import subprocess
from datetime import timedelta

import pytest
from sqlmodel import select

import jobs
from db import outbox
from db.journal import Note
from db.money import accruals
from db.money.fiscal_receipts import FiscalReceipt
from db.money.ledger import LedgerEntry
from db.payments import discrepancies
from db.payments.discrepancies import Discrepancy
from db.payments.payments import Payment
from db.people import contracts, notification_preferences
from rules.payments import payment_qr
from rules.payments.banking import BankSilent
from tests.kit import cast
from tests.kit.browser import Page
from tests.kit.paying import CONTACT, Till


@pytest.fixture(autouse=True)
def till(app, settings, clock, visitor, monkeypatch):
    # The page's own thread does not ring in tests: they ring themselves.
    monkeypatch.setattr("routes.payments.sandbox.deliver_soon", lambda bank: None)
    return Till(app, settings, clock, visitor)


def test_paid_by_card_from_form_to_ledger(anna, till, db, clock, texts):
    contract = till.contract(cast.ANNA)
    before = accruals.balance(db, contract, clock.now())
    page = till.begin(anna)
    assert page.path.startswith("/bank/pay/") and "1 500,50" in page.text
    page = till.pay(anna)
    assert page.path.startswith("/payments/") and "ещё не подтвердил" in page.text and till.entries() == []
    assert till.ring() == ["applied"]
    row = till.last()
    assert (row.state, row.card) == ("paid", "Мир •• 4477") and till.entries() == [
        (150050, f"payment:{row.id}")
    ]
    assert "Оплачено" in anna.get(f"/payments/{row.id}").text
    db.rollback()
    assert accruals.balance(db, contract, clock.now()) == before + 150050
    assert any("Получили 1\u00a0500,50" in text for text in texts(to="+79211234567"))
    receipt = db.exec(select(FiscalReceipt)).one()
    assert (receipt.amount, receipt.contact, receipt.source) == (150050, CONTACT, f"payment:{row.id}")
    verbs = [note.verb for note in db.exec(select(Note)) if note.verb.startswith("payments.")]
    assert verbs == ["payments.start", "payments.paid"]


@pytest.mark.parametrize(("owed", "offered"), [(100_005, "1900,05"), (100_010, "1900,10"), (100_000, "1900")])
def test_the_amount_offered_is_spelled_as_money(anna, till, write, db, clock, owed, offered):
    contract = till.contract(cast.ANNA)
    change = -owed - accruals.balance(db, contract, clock.now())
    db.rollback()
    with write() as kept:
        kept.add(
            LedgerEntry(
                contract_id=contract,
                day=clock.now().date(),
                at=clock.now(),
                amount=change,
                kind="correction",
                source="test:owed",
            )
        )
    assert anna.get("/payments/operator").one("[name=amount]").get("value") == offered


def test_paid_by_sbp(anna, till):
    assert "СБП" in till.begin(anna, method="sbp").text
    till.pay(anna)
    assert till.ring() == ["applied"] and till.last().state == "paid" and len(till.entries()) == 1


def test_the_form_offers_what_is_owed_and_the_last_contact(anna, till):
    anna.get("/payments/operator")
    assert anna.page.one("[name=amount]").get("value")
    till.begin(anna, contact="8 921 765-43-21")
    anna.get("/payments/operator")
    assert anna.page.one("[name=contact]").get("value") == "+79217654321"


@pytest.mark.parametrize(
    "amount", ["", "0", "-1", "1e3", "1000000000", "١٢٣", "сто", "1,505", "1 500.555", "0,99"]
)
def test_what_is_no_sum_stays_typed_and_nothing_is_written(anna, till, amount):
    anna.get("/payments/operator")
    page = anna.submit("/payments/operator", status=422, amount=amount, contact=CONTACT)
    assert "amount" in page.errors and page.one("[name=amount]").get("value", "") == amount
    assert page.one("[name=contact]").get("value") == CONTACT and till.all() == []


def test_a_receipt_needs_somewhere_to_go(anna, till):
    anna.get("/payments/operator")
    assert "contact" in anna.submit("/payments/operator", status=422, contact=" ").errors and till.all() == []


def test_a_double_click_makes_one_payment(anna, till):
    anna.get("/payments/operator")
    form = anna.page
    anna.submit("/payments/operator", contact=CONTACT, amount="100")
    first = anna.page.path
    anna.page = form
    anna.submit("/payments/operator", contact=CONTACT, amount="100")
    assert anna.page.path == first and len(till.all()) == 1


def test_the_same_sum_in_another_tab_is_asked_about_first(anna, till):
    till.begin(anna, amount="100")
    anna.get("/payments/operator")
    page = anna.submit("/payments/operator", status=422, contact=CONTACT, amount="100")
    assert "уже начат" in page.text and len(till.all()) == 1
    anna.submit("/payments/operator", contact=CONTACT, amount="100")
    assert anna.page.path.startswith("/bank/pay/") and len(till.all()) == 2


def test_two_tabs_may_both_be_paid_and_both_are_posted(anna, till):
    till.begin(anna, amount="100")
    till.pay(anna)
    till.begin(anna, amount="200")
    till.pay(anna)
    assert till.ring() == ["applied"] * 2 and [amount for amount, _ in till.entries()] == [10000, 20000]


def test_refused_at_the_bank_costs_nothing(anna, till):
    till.begin(anna)
    page = till.pay(anna, choice="refuse")
    till.ring()
    page = anna.get(page.path)
    assert "не прошёл" in page.text and "Деньги не списаны" in page.text and till.entries() == []


def test_who_walks_away_may_come_back_to_the_same_page(anna, till):
    bank_page = till.begin(anna).path
    row = till.last()
    anna.get(f"/payments/{row.id}")
    assert anna.submit(f"/payments/{row.id}/check").path == f"/payments/{row.id}"
    anna.submit(f"/payments/{row.id}/check", button="bank")
    anna.client.post(f"/payments/{row.id}/bank")
    assert till.last().bank_id == row.bank_id and till.last().page.endswith(bank_page)


def sent_to_the_bank(browser, path="/payments/operator", **fields):
    """The bare answers to a paying form, up to the page that leaves the cabinet."""
    browser.get(path)
    data = dict(browser.page.form(path).form_values()) | {"amount": "1500,50", "contact": CONTACT} | fields
    answer = browser.client.post(path, data=data, follow_redirects=False)
    return answer, browser.client.get(answer.headers["location"])


def test_a_form_never_redirects_to_the_bank_itself_and_the_policy_names_no_other_origin(anna, till):
    answer, onward = sent_to_the_bank(anna)
    assert answer.status_code == 303 and answer.headers["location"] == f"/payments/{till.last().id}/go"
    assert onward.headers["content-security-policy"].endswith("form-action 'self'")
    page = Page(onward)
    assert page.one("meta[http-equiv=refresh]").get("content") == f"0; url={till.last().page}"
    link = page.one("a.button:not(.plain)")
    assert link.get("href") == till.last().page and link.get("data-hx-boost") == "false"


def test_back_from_the_bank_does_not_throw_one_forward_again(anna, till):
    answer, _ = sent_to_the_bank(anna)
    for _ in range(2):
        page = Page(anna.client.get(answer.headers["location"]))
        assert (
            not page.tree.cssselect("meta[http-equiv=refresh]") and page.links()["Перейти на страницу банка"]
        )
    assert not anna.get(f"/payments/{till.last().id}").tree.cssselect("meta[http-equiv=refresh]")


def test_nobody_is_sent_on_when_nothing_is_left_to_pay(anna, till):
    answer, _ = sent_to_the_bank(anna)
    till.decide(till.last())
    anna.client.post(
        f"/payments/{till.last().id}/check", data=dict(anna.page.form("/payments/operator").form_values())
    )
    assert (
        anna.get(answer.headers["location"]).path == f"/payments/{till.last().id}"
        and till.last().state == "paid"
    )


@pytest.mark.parametrize(
    "page", ["javascript:alert(1)//", "http://elsewhere.example/pay", "data:text/html,x", "//else.example"]
)
def test_a_page_of_the_bank_that_is_no_safe_address_is_never_opened(anna, till, write, page):
    answer, _ = sent_to_the_bank(anna)
    with write() as db:
        row = db.get(Payment, till.last().id)
        row.page = page
        db.add(row)
    shown = anna.get(answer.headers["location"])
    assert (
        shown.path == f"/payments/{till.last().id}"
        and "который мы не открываем" in shown.text
        and page not in shown.source
    )


def test_an_expired_bank_page_says_so_and_the_payment_fails(anna, till, clock, engine, settings):
    path = till.begin(anna).path
    clock.forward(minutes=61)
    anna = anna.__class__(till.client)
    assert "устарела" in anna.get(path).text
    jobs.ask_bank(engine, settings, clock.now())
    assert (till.last().state, till.last().words) == ("failed", "время на оплату вышло")


def test_the_way_back_proves_nothing(anna, till):
    till.begin(anna)
    row = till.last()
    for _ in range(3):
        assert "ещё не подтвердил" in anna.get(f"/payments/{row.id}?paid=1&status=succeeded").text
    assert till.last().state == "pending" and till.entries() == []


def test_a_person_may_ask_the_bank_at_once(anna, till):
    till.begin(anna)
    page = till.pay(anna, manner="never")
    assert "Оплачено" in anna.submit(f"{page.path}/check").text and len(till.entries()) == 1


def test_the_live_piece_stops_asking_when_it_is_known(anna, till):
    till.begin(anna)
    till.pay(anna, manner="never")
    row = till.last()
    assert "every 3s" in anna.client.get(f"/payments/{row.id}/state").text
    till.call(row.bank_id)
    assert "every 3s" not in anna.client.get(f"/payments/{row.id}/state").text


def test_a_bank_that_never_calls_is_asked_by_the_job(anna, till, engine, settings, clock):
    till.begin(anna)
    till.pay(anna, manner="never")
    assert till.ring() == []
    jobs.ask_bank(engine, settings, clock.now())
    assert till.entries() == []
    clock.forward(seconds=11)
    jobs.ask_bank(engine, settings, clock.now())
    jobs.ask_bank(engine, settings, clock.now())
    assert len(till.entries()) == 1


def test_a_bank_that_calls_twice_is_posted_once(anna, till):
    till.begin(anna)
    till.pay(anna, manner="twice")
    assert till.ring() == ["applied", "repeated"] and len(till.entries()) == 1


def test_a_slow_bank_is_believed_when_it_speaks(anna, till, clock):
    till.begin(anna)
    till.pay(anna, manner="late")
    assert till.ring() == []
    clock.forward(seconds=21)
    assert till.ring() == ["applied"] and len(till.entries()) == 1


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"amount": {"value": "1.00", "currency": "RUB"}}, "amount"),
        ({"amount": {"value": "1500.50", "currency": "USD"}}, "currency"),
        ({"metadata": {"order": "somebody else's"}}, "order"),
    ],
)
def test_what_was_not_asked_for_is_not_posted_but_raised(anna, till, db, change, kind):
    till.begin(anna)
    till.pay(anna, manner="never")
    row = till.last()
    till.settled(row, **change)
    till.call(row.bank_id)
    till.call(row.bank_id)
    assert till.entries() == [] and till.last().state == "pending"
    raised = db.exec(select(Discrepancy)).one()
    assert (raised.kind, raised.payment_id, raised.expected) == (kind, row.id, 150050)
    assert "Разбираемся" in anna.get(f"/payments/{row.id}").text
    assert [one.id for one in discrepancies.open_discrepancies(db)] == [raised.id]


def hush(*_args, **_kwargs):
    raise BankSilent("gone")


def test_a_silent_bank_is_said_and_gone_on_with_by_the_same_key(anna, till, monkeypatch):
    with monkeypatch.context() as gone:
        gone.setattr("gateways.yookassa.YooKassa._ask", hush)
        page = till.begin(anna)
        assert page.path == "/payments/1" and "ещё не подтвердил" in page.text
    row = till.last()
    assert row.state == "created" and row.bank_id is None
    assert anna.submit("/payments/1/check").path == "/payments/1"
    assert till.last().key == row.key and till.last().state == "pending"


def test_three_days_of_silence_end_and_money_that_comes_later_is_still_posted(
    anna, till, engine, settings, clock, monkeypatch, enter
):
    till.begin(anna)
    till.pay(anna, manner="never")
    with monkeypatch.context() as gone:
        gone.setattr("gateways.yookassa.YooKassa._ask", hush)
        asked = 0
        while till.last().ask_at:
            clock.at = till.last().ask_at + timedelta(seconds=1)
            jobs.ask_bank(engine, settings, clock.now())
            asked += 1
    assert till.last().state == "expired" and 20 < asked < 60
    assert "Банк не ответил" in enter(cast.ANNA).get(f"/payments/{till.last().id}").text
    till.call(till.last().bank_id)
    assert till.last().state == "paid" and len(till.entries()) == 1


def test_a_clock_set_back_does_not_put_off_asking_the_bank(anna, till, engine, settings, clock):
    till.begin(anna)
    till.pay(anna, manner="never")
    clock.forward(hours=-6)
    jobs.ask_bank(engine, settings, clock.now())
    assert till.last().state == "paid"


def test_killed_before_the_bank_heard_the_job_goes_on(anna, till, engine, settings, clock, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr("gateways.yookassa.YooKassa.create", lambda *_: 1 / 0)
        anna.get("/payments/operator")
        anna.client.post("/payments/operator", data=filled(anna.page))
    assert till.last().bank_id is None and till.last().sent_at
    clock.forward(seconds=11)
    jobs.ask_bank(engine, settings, clock.now())
    assert till.last().state == "pending" and till.last().page


def test_killed_after_the_bank_heard_it_stays_one_payment(anna, till, engine, settings, clock, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr("db.payments.banking.apply_bank_status", lambda *_: 1 / 0)
        anna.get("/payments/operator")
        anna.client.post("/payments/operator", data=filled(anna.page))
    assert till.last().bank_id is None
    clock.forward(seconds=11)
    jobs.ask_bank(engine, settings, clock.now())
    with till.sandbox.writing() as file:
        assert file.execute("SELECT count(*) FROM thing").fetchone() == (1,)
    assert till.last().state == "pending"


def filled(page) -> dict:
    return dict(page.form("/payments/operator").form_values()) | {"contact": CONTACT, "amount": "100"}


def test_killed_between_the_ledger_and_the_rest_nothing_is_half_done(anna, till, monkeypatch):
    till.begin(anna)
    till.pay(anna, manner="never")
    with monkeypatch.context() as killed:
        killed.setattr(outbox, "put", lambda *_, **__: 1 / 0)
        assert till.call(till.last().bank_id).status_code == 500
    assert till.last().state == "pending" and till.entries() == []
    assert till.call(till.last().bank_id).text == "applied" and len(till.entries()) == 1


def test_a_stranger_finds_nothing(anna, boris, till):
    till.begin(anna)
    for path in ("", "/state"):
        boris.get(f"/payments/{till.last().id}{path}", status=404)
    boris.get("/payments/9999999999999999999999", status=404)
    boris.get("/payments/operator")
    boris.client.post(f"/payments/{till.last().id}/check", data=dict(boris.page.form().form_values()))
    assert "1 500,50" not in boris.get("/payments").text


def test_history_shows_payments_with_their_receipts(anna, till, db):
    assert "ещё не было" in anna.get("/payments").text
    till.begin(anna)
    till.pay(anna)
    till.ring()
    text = anna.get("/payments").text
    assert "1 500,50 ₽" in text and "оплачен" in text and "готовится" in text


def test_the_qr_code_is_read_back_to_its_fields(anna, tmp_path):
    answer = anna.client.get("/payments/code.svg?amount=1500,50")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    read = payment_qr.parse_code(decoded(answer.content, tmp_path))
    assert (read["Sum"], read["PersAcc"], read["PersonalAcc"]) == (
        "150050",
        str(cast.ANNA),
        "40702810600000000001",
    )
    assert read["Name"] == "ООО «Росохрана Телеком»" and "Договор".casefold() in read["Purpose"].casefold()
    assert "Sum" not in payment_qr.parse_code(
        decoded(anna.client.get("/payments/code.svg").content, tmp_path)
    )


def decoded(svg: bytes, folder) -> str:
    """What a bank's app would read: the SVG drawn by Chromium's own eyes is zbar's black and white."""
    import re

    from PIL import Image, ImageDraw

    size = int(re.search(rb'width="(\d+)"', svg)[1])
    scale, path = 4, re.findall(rb' d="([^"]+)"', svg)[-1].decode()
    picture = Image.new("L", (size, size), 255)
    draw, x, y = ImageDraw.Draw(picture), 0.0, 0.0
    for step, args in re.findall(r"([Mmh])([-\d. ]+)", path):
        numbers = [float(one) for one in re.findall(r"-?[\d.]+", args)]
        if step == "M":
            x, y = numbers
        elif step == "m":
            x, y = x + numbers[0], y + numbers[1]
        else:
            top = (y - 0.5) * scale
            draw.rectangle([x * scale, top, (x + numbers[0]) * scale - 1, top + scale - 1], fill=0)
            x += numbers[0]
    picture.save(folder / "code.png")
    read = subprocess.run(["zbarimg", "-q", "--raw", folder / "code.png"], capture_output=True, check=True)
    return read.stdout.decode().strip()


def test_without_a_bank_the_qr_code_is_left(anna, settings, till):
    settings.demo = False
    page = anna.get("/payments/operator")
    assert "недоступна" in page.text or page.tree.cssselect("img.qr")
    assert "form" in anna.submit("/payments/operator", status=422, contact=CONTACT, amount="100").errors


def test_word_of_a_payment_goes_where_its_owner_chose_and_nowhere_else(anna, till, texts, write, clock):
    with write() as db:
        who = contracts.find_by_number(db, cast.ANNA)[1]
        who.email_confirmed_at = clock.now()
        notification_preferences.save_choices(db, who.id, {("money", "sms"): False, ("money", "mail"): True})
        db.add(who)
    till.begin(anna)
    till.pay(anna)
    till.ring()
    told = [text for text in texts(to="p-1@example.ru") if "Получили" in text]
    assert len(told) == 1 and not [text for text in texts(to="+79211234567") if "Получили" in text]
    assert not [text for text in texts(to=CONTACT) if "Получили" in text], (
        "the receipt's address is for the receipt"
    )


@pytest.mark.parametrize(
    ("typed", "kopecks"),
    [("1500,50", 150050), ("1 500.5", 150050), ("1\u00a0500", 150000), ("1500 ₽", 150000), (" 15,05 ", 1505)],
)
def test_a_sum_as_people_write_it(anna, till, typed, kopecks):
    till.begin(anna, amount=typed)
    assert till.last().amount == kopecks


def at_once(*posts) -> list[int]:
    """The codes of posts that begin together."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    gate = Barrier(len(posts))

    def press(post):
        gate.wait()
        return post().status_code

    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(press, posts))


def tab(browser, **fields):
    """A tab with the form filled in: pressing its button."""
    browser.get("/payments/operator")
    data = filled(browser.page) | fields
    return lambda: browser.client.post("/payments/operator", data=data, follow_redirects=False)


def test_two_tabs_pressed_at_once_with_one_sum_make_one_payment_and_a_question(enter, till):
    codes = at_once(*(tab(enter(cast.ANNA)) for _ in range(4)))
    assert sorted(codes) == [303, 422, 422, 422] and len(till.all()) == 1


def test_two_tabs_pressed_at_once_with_two_sums_make_two_payments_each_posted_once(enter, till):
    codes = at_once(*(tab(enter(cast.ANNA), amount=amount) for amount in ("100", "200")))
    assert codes == [303, 303]
    for row in till.all():
        till.decide(row, manner="twice")
    till.ring()
    assert sorted(amount for amount, _ in till.entries()) == [10000, 20000]


def test_one_button_pressed_many_times_at_once_is_one_payment(anna, till):
    anna.get("/payments/operator")
    form = filled(anna.page)
    codes = at_once(*[lambda: anna.client.post("/payments/operator", data=form, follow_redirects=False)] * 6)
    assert set(codes) == {303} and len(till.all()) == 1


def test_the_bank_asked_by_a_person_and_calling_at_once_posts_once(anna, till):
    till.begin(anna)
    page = till.pay(anna, manner="never")
    row = till.last()
    check = dict(page.form(f"/payments/{row.id}/check").form_values())
    ask = lambda: anna.client.post(f"/payments/{row.id}/check", data=check, follow_redirects=False)  # noqa: E731
    codes = at_once(*[ask, lambda: till.call(row.bank_id)] * 4)
    assert set(codes) == {200, 303} and till.entries() == [(150050, f"payment:{row.id}")]


def test_back_from_the_bank_and_on_again_after_it_was_paid_goes_to_what_became_of_it(anna, till):
    anna.get("/payments/operator")
    form = filled(anna.page)
    anna.client.post("/payments/operator", data=form)
    till.decide(till.last(), manner="once")
    till.ring()
    answer = anna.client.post("/payments/operator", data=form, follow_redirects=False)
    assert answer.headers["location"] == f"/payments/{till.last().id}" and len(till.all()) == 1


def test_an_expired_bank_page_paid_by_hand_costs_nothing(anna, till, clock, enter):
    path = till.begin(anna).path
    form = dict(anna.page.form().form_values()) | {"choice": "pay", "manner": "once", "card": "good"}
    clock.forward(minutes=61)
    anna.client.post(path, data=form)
    till.ring()
    assert till.entries() == []
    page = enter(cast.ANNA).get(f"/payments/{till.last().id}")
    assert "ещё не подтвердил" in page.text or "время на оплату вышло" in page.text
